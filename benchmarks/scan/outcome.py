"""What a scanner says of one skill, in words that both scanners share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tank_core.findings import Finding, Severity, Verdict
from tank_core.scoring import verdict_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """Blocked: refused. Flagged: refused, or held back for a person. Medium: any finding of medium or above.

    A scanner that failed has an ``error`` and found nothing: what is not told does not protect.
    """

    is_blocked: bool = False
    is_flagged: bool = False
    is_medium: bool = False
    error: str = ""


def outcome_of(findings: Sequence[Finding]) -> Outcome:
    """Returns Tank's outcome: blocked is the verdict ``fail``, flagged is ``fail`` or ``flagged``."""
    verdict = verdict_of(findings)
    return Outcome(
        is_blocked=verdict is Verdict.FAIL,
        is_flagged=verdict in (Verdict.FAIL, Verdict.FLAGGED),
        is_medium=any(finding.severity >= Severity.MEDIUM for finding in findings),
    )
