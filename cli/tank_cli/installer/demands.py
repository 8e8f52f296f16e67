"""What a project demands of every skill in its lock, asked before anything is downloaded.

The resolver asks the same of versions that it newly chooses; a lock may come from
elsewhere, so it is asked again. A version's age is not in the lock: it was asked
when the version was chosen. That a signer in the lock really signed is verified
with the bundle before anything is installed (``verification``); here it is only
asked that there is one.
"""

from __future__ import annotations

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.findings import Verdict
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.manifest import AuditPolicy
from tank_core.names import SkillName


class AuditPolicyError(TankError):
    """Skills fall short of what ``audit`` in skills.json demands."""

    code = "audit-policy"
    exit_code = ExitCode.POLICY


class FlaggedVersionError(TankError):
    """The registry flagged a version, and nobody accepted that."""

    code = "flagged-version"
    exit_code = ExitCode.VERDICT


def check_demands(lock: Lockfile, audit: AuditPolicy, *, accept_flagged: bool) -> None:
    """Refuses a lock that falls short.

    Args:
        lock: what would be installed.
        audit: the project's demands.
        accept_flagged: whether the person accepts flagged versions now.

    Raises:
        FlaggedVersionError: flagged-version; every version that needs consent.
        AuditPolicyError: audit-policy; every version that falls short.
    """
    flagged = tuple(
        Problem(f"{n}@{s.version}", f"The registry's verdict is {s.verdict}.", f"tank info {n}@{s.version}")
        for n, s in sorted(lock.skills.items())
        if s.verdict is Verdict.FAIL or (_needs_consent(s) and not accept_flagged)
    )
    if flagged:
        raise FlaggedVersionError(
            f"{flagged[0].where} was flagged by the registry.",
            why="Its scan found something that a person should look at first.",
            fix="Read its findings. If you accept them, run the command again with --accept-flagged; "
            "a version with the verdict fail is never accepted.",
            problems=flagged,
        )
    short = tuple(p for n, s in sorted(lock.skills.items()) if (p := _shortcoming(n, s, audit)))
    if short:
        raise AuditPolicyError(
            f"{short[0].where} falls short of this project's audit policy.",
            why="`audit` in skills.json says what every skill must have.",
            fix="Use other versions, or change `audit` in skills.json.",
            problems=short,
        )


def _needs_consent(skill: LockedSkill) -> bool:
    return skill.verdict is Verdict.FLAGGED and not skill.flagged_accepted


def _shortcoming(name: SkillName, skill: LockedSkill, audit: AuditPolicy) -> Problem | None:
    where = f"{name}@{skill.version}"
    if audit.min_score is not None and (skill.audit_score is None or skill.audit_score < audit.min_score):
        score = "no score" if skill.audit_score is None else f"the score {skill.audit_score:g}"
        return Problem(where, f"It has {score}; min_score is {audit.min_score:g}.", f"tank info {where}")
    if audit.require_provenance and skill.signer is None:
        return Problem(where, "Its publisher did not sign it.", "Ask its publisher to sign the next version.")
    return None
