"""Findings of analysis; the verdict vocabulary is in ``verdict``, which is all that a lock needs.

A finding is evidence with an address: which rule saw what, where, why it matters
and how to fix it. How findings become a verdict and a score is in ``scoring``.

Source: FORMATS, "Findings".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from tank_core.verdict import Verdict

__all__ = ["Confidence", "Finding", "Severity", "Verdict"]


class Severity(IntEnum):
    """How bad it is if the finding is right; ordered."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The lower-case word used in JSON and on screen."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> Severity:
        """Returns the severity of a lower-case word; KeyError for any other."""
        return cls[label.upper()]


class Confidence(StrEnum):
    """How often the rule is right when it speaks."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One observation of one rule at one place.

    Attributes:
        file: path inside the package, ``/``-separated.
        line: 1-based line; 0 when the finding is about the whole file or package.
        rule_id: stable id, the name of the rule's folder.
        category: such as ``credential-access``.
        evidence: the escaped and shortened text that triggered the rule.
        taxonomy: sorted ids such as ``CWE-506`` or ``AST03``.
        provenance: how the text was reached when it is not the file itself,
            such as ``fenced bash block`` or ``base64 layer 1``; empty otherwise.
    """

    file: str
    line: int
    rule_id: str
    category: str
    severity: Severity
    confidence: Confidence
    title: str
    evidence: str
    why: str
    fix: str
    taxonomy: tuple[str, ...] = ()
    provenance: str = ""

    def to_json(self) -> dict[str, object]:
        """Returns the finding as a JSON object, in the published shape."""
        return {
            "rule_id": self.rule_id,
            "category": self.category,
            "severity": self.severity.label,
            "confidence": str(self.confidence),
            "title": self.title,
            "file": self.file,
            "line": self.line,
            "evidence": self.evidence,
            "why": self.why,
            "fix": self.fix,
            "taxonomy": list(self.taxonomy),
            "provenance": self.provenance,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finding:
        """Returns the finding that ``to_json`` wrote; KeyError or ValueError on any other shape."""
        return cls(
            file=str(value["file"]),
            line=int(value["line"]),
            rule_id=str(value["rule_id"]),
            category=str(value["category"]),
            severity=Severity.from_label(value["severity"]),
            confidence=Confidence(value["confidence"]),
            title=str(value["title"]),
            evidence=str(value["evidence"]),
            why=str(value["why"]),
            fix=str(value["fix"]),
            taxonomy=tuple(str(item) for item in value["taxonomy"]),
            provenance=str(value["provenance"]),
        )
