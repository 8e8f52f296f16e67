"""Waivers: what a reviewer's exception to one finding is, and what it changes.

A waiver never removes a finding. The finding keeps its severity, stays in every
report with a mark of who waived it, why and until when, and its points are still
taken from the score. For the verdict it counts one level less severe, and never
better than ``pass_with_notes``: what would refuse a publish flags it, what would
flag it becomes a note.

A waiver is about exact bytes: one name, one version, both digests of one archive,
one rule in one file, perhaps on one line. Who signed it, and whether that signature
is good, is ``waiver_statement``'s part; nothing here may be asked about a waiver
that was not verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tank_core.findings import Finding, Verdict
from tank_core.names import SkillName
from tank_core.semver import Version

DAY_SECONDS = 24 * 3600
MAX_DAYS = 365  # a reviewer looks again at least once a year
MAX_REASON = 500  # characters; it is shown on one line of a terminal, and stands in an index document
MAX_FILE = 512
MAX_RULE_ID = 100
MAX_OF_VERSION = 8  # appeals that are open or granted; a version that needs more has another problem

_LOWERED = {Verdict.FAIL: Verdict.FLAGGED, Verdict.FLAGGED: Verdict.PASS_WITH_NOTES}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One granted exception, for exactly these bytes.

    Attributes:
        digest: ``sha256:<hex>`` of the archive; ``integrity`` is of the same bytes.
        line: 1-based; 0 for every line of the file.
        registry: base URL of the registry that granted it.
        appellant: the publisher's id that asked for it.
        granted_by: the id of who granted it.
        granted_at: whole seconds since the Unix epoch; it counts until before ``expires_at``.
    """

    name: SkillName
    version: Version
    digest: str
    integrity: str
    rule_id: str
    file: str
    line: int
    registry: str
    appellant: str
    granted_by: str
    reason: str
    granted_at: int
    expires_at: int

    def covers(self, finding: Finding) -> bool:
        """Returns whether this is the finding that was waived."""
        is_there = (finding.rule_id, finding.file) == (self.rule_id, self.file)
        return is_there and self.line in (0, finding.line)

    def replaces(self, other: Waiver) -> bool:
        """Returns whether every finding that another waiver covers is covered by this one too."""
        is_there = (other.rule_id, other.file) == (self.rule_id, self.file)
        return is_there and self.line in (0, other.line)

    def is_in_force(self, now: int) -> bool:
        """Returns whether it counts at a time; one that was to last for longer than a year never does."""
        is_bounded = self.expires_at - self.granted_at <= MAX_DAYS * DAY_SECONDS
        return is_bounded and self.granted_at <= now < self.expires_at

    @property
    def place(self) -> str:
        """Where the finding is: the file, and the line if it is about one."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def mark(self) -> dict[str, object]:
        """Returns what a report says at the finding: who, why, until when."""
        return {"by": self.granted_by, "reason": self.reason, "until": self.expires_at}


def waiver_of(finding: Finding, waivers: Iterable[Waiver]) -> Waiver | None:
    """Returns the waiver that covers a finding and lasts longest, or None."""
    covering = [waiver for waiver in waivers if waiver.covers(finding)]
    return max(covering, key=lambda waiver: (waiver.expires_at, waiver.granted_at), default=None)


def lowered(verdict: Verdict) -> Verdict:
    """Returns what one waived finding counts for: one level less, never better than ``pass_with_notes``."""
    return _LOWERED.get(verdict, verdict)


def marked(findings: Sequence[Finding], waivers: Iterable[Waiver]) -> list[dict[str, Any]]:
    """Returns findings as JSON objects, in their order; a waived one has ``waived`` with who, why, until when."""
    listed = tuple(waivers)
    return [_marked(finding, waiver_of(finding, listed)) for finding in findings]


def remarked(documents: Iterable[Mapping[str, Any]], waivers: Iterable[Waiver]) -> list[dict[str, Any]]:
    """Returns findings as ``marked`` wrote them once, with the marks that hold now."""
    return marked([Finding.from_json(document) for document in documents], waivers)


def _marked(finding: Finding, waiver: Waiver | None) -> dict[str, Any]:
    return finding.to_json() | ({"waived": waiver.mark()} if waiver else {})
