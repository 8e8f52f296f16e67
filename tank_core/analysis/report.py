"""The result of analysis: findings, observed capabilities, and what could not be told.

Same bytes and same rules give the same report, byte for byte: everything is
sorted and holds no time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tank_core.findings import Finding
from tank_core.permissions import Access


@dataclass(frozen=True, slots=True, order=True)
class ObservedCapability:
    """An access that the package's own text shows.

    Attributes:
        type: the type of access, as in ``permissions.Access``.
        value: the canonical permission entry, such as ``api.weather.example``.
        file: path of the first place that shows it.
        line: 1-based line there.
        evidence: the escaped and shortened text.
    """

    type: Access
    value: str
    file: str
    line: int
    evidence: str


@dataclass(frozen=True, slots=True, order=True)
class UnknownCapability:
    """An access whose target is only known when the code runs, such as a computed host."""

    type: Access
    file: str
    line: int
    evidence: str


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """What analysis found in one package; every tuple is sorted."""

    findings: tuple[Finding, ...]
    observed: tuple[ObservedCapability, ...]
    unknown: tuple[UnknownCapability, ...]
    rule_set_digest: str

    def to_json(self) -> dict[str, object]:
        """Returns the report as a JSON object."""
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "observed": [{**asdict(item), "type": str(item.type)} for item in self.observed],
            "unknown": [{**asdict(item), "type": str(item.type)} for item in self.unknown],
            "rule_set_digest": self.rule_set_digest,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AnalysisReport:
        """Returns the report that ``to_json`` wrote; KeyError, TypeError or ValueError on any other shape."""
        return cls(
            findings=tuple(Finding.from_json(item) for item in value["findings"]),
            observed=tuple(
                ObservedCapability(**{**item, "type": Access(item["type"])}) for item in value["observed"]
            ),
            unknown=tuple(
                UnknownCapability(**{**item, "type": Access(item["type"])}) for item in value["unknown"]
            ),
            rule_set_digest=str(value["rule_set_digest"]),
        )
