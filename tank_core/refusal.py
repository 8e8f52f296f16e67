"""The refusal that findings mean: one error with every finding that led to it.

Used by the pipeline (a publish is rejected) and by ``tank scan`` and
``tank publish --dry-run`` (the same words, before anything is uploaded).
"""

from __future__ import annotations

from collections.abc import Sequence

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.findings import Finding, Severity, Verdict
from tank_core.scoring import verdict_of
from tank_core.waivers import Waiver, waiver_of

_SHOWN = 20  # findings that a refusal repeats; all of them are in the report


class MaliciousPackageError(TankError):
    """The findings together mean the verdict ``fail``."""

    code = "malicious-package"
    status = 422
    exit_code = ExitCode.VERDICT


def refusal_of(findings: Sequence[Finding], waivers: Sequence[Waiver] = ()) -> MaliciousPackageError | None:
    """Returns the refusal with the worst findings first, or None when the verdict is not ``fail``.

    Waived findings do not refuse, so they are not in it; they are in every report.
    """
    if verdict_of(findings, waivers) is not Verdict.FAIL:
        return None
    refusing = (f for f in findings if f.severity >= Severity.HIGH and not waiver_of(f, waivers))
    grave = sorted(refusing, key=lambda f: (-f.severity, f))
    files = sorted({finding.file for finding in grave})
    return MaliciousPackageError(
        f"The package does what malicious skills do: {len(grave)} grave finding{'s' * (len(grave) != 1)}"
        f" in {', '.join(files[:3])}{' and others' * (len(files) > 3)}.",
        why="An agent runs a skill with its user's full authority, so these findings block a publish.",
        fix="Remove what the findings name. If one is wrong, appeal with its rule and file: "
        "`tank appeal file`.",
        problems=tuple(_problem(finding) for finding in grave[:_SHOWN]),
    )


def _problem(finding: Finding) -> Problem:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    reached = f" ({finding.provenance})" if finding.provenance else ""
    return Problem(
        where,
        f"{finding.rule_id}, {finding.severity.label}: {finding.title}{reached}: {finding.evidence}",
        finding.fix,
    )
