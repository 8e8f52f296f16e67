"""What a project demands of every skill in its lock, asked before anything is downloaded.

The resolver asks the same of versions that it newly chooses; a lock may come from
elsewhere, so it is asked again. A version's age is not in the lock: it was asked
when the version was chosen. That a signer in the lock really signed is verified
with the bundle before anything is installed (``verification``); here it is only
asked that there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tank_core.consent import Acceptance, Consent, ConsentNeededError, Risk, options
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.manifest import AuditPolicy
from tank_core.names import SkillName
from tank_core.verdict import Verdict


class AuditPolicyError(TankError):
    """Skills fall short of what ``audit`` in skills.json demands."""

    code = "audit-policy"
    exit_code = ExitCode.POLICY


class FlaggedVersionError(ConsentNeededError):
    """The registry flagged a version, and nobody accepted that."""

    code = "flagged-version"
    exit_code = ExitCode.VERDICT


class YoungVersionError(ConsentNeededError):
    """Only versions that are younger than the project wants fit, and nobody accepted that."""

    code = "young-version"
    exit_code = ExitCode.POLICY


def check_demands(
    lock: Lockfile,
    audit: AuditPolicy,
    *,
    consent: Consent,
    verdicts: Mapping[SkillName, Verdict] | None = None,
    remarks: Mapping[SkillName, str] | None = None,
) -> None:
    """Refuses a lock that falls short.

    Args:
        lock: what would be installed.
        audit: the project's demands.
        consent: what the person accepts now.
        verdicts: those that are known to hold now, where a waiver behind the locked one may have lapsed.
        remarks: what to say of a version beside its verdict, such as what was waived.

    Raises:
        FlaggedVersionError: flagged-version; every version that needs consent.
        AuditPolicyError: audit-policy; every version that falls short.
    """
    now = {name: (verdicts or {}).get(name, skill.verdict) for name, skill in lock.skills.items()}
    flagged = {
        name: skill
        for name, skill in lock.skills.items()
        if _needs_consent(skill, now[name])
        and not (now[name] is Verdict.FLAGGED and consent.covers(Risk.FLAGGED, name, skill.version))
    }
    if flagged:
        raise flagged_version(flagged, now, remarks or {})
    short = tuple(p for n, s in sorted(lock.skills.items()) if (p := _shortcoming(n, s, audit)))
    if short:
        raise AuditPolicyError(
            f"{short[0].where} falls short of the audit policy.",
            why="`audit` in skills.json and your own configuration say what every skill must have; "
            "the stricter counts.",
            fix="Use other versions, or change what asks for it; `tank config ls` shows where it comes from.",
            problems=short,
        )


def flagged_version(
    skills: Mapping[SkillName, LockedSkill],
    verdicts: Mapping[SkillName, Verdict],
    remarks: Mapping[SkillName, str],
    needed: Collection[Acceptance] | None = None,
) -> FlaggedVersionError:
    """Returns the refusal of versions that nobody accepted, or that nobody may accept: those that failed.

    ``needed``: everything that a yes would be to, where it is more than these verdicts.
    """
    problems = tuple(
        Problem(
            f"{name}@{skill.version}",
            f"The registry's verdict is {verdicts[name]}{f': {remarks[name]}' if remarks.get(name) else ''}.",
            f"tank info {name}@{skill.version}",
        )
        for name, skill in sorted(skills.items())
    )
    if needed is None:
        needed = [Acceptance(Risk.FLAGGED, name, skill.version) for name, skill in sorted(skills.items())]
    if any(verdicts[name] is Verdict.FAIL for name in skills):
        needed = []
        fix = "Use another version; one that fails cannot be accepted."
    else:
        fix = f"Read its findings. If you accept them, run the command again with {options(needed)}"
    return FlaggedVersionError(
        f"{problems[0].where} was flagged by the registry.",
        why="Its scan found something that a person should look at first.",
        fix=fix,
        problems=problems,
        needed=needed,
    )


def young_version(needed: Collection[Acceptance]) -> YoungVersionError:
    """Returns the refusal of versions that are too young and that nobody accepted."""
    problems = tuple(
        Problem(accepts.label, "It is younger than audit.min_release_age.", f"tank info {accepts.label}")
        for accepts in needed
    )
    return YoungVersionError(
        f"{problems[0].where} is too young for this project, and no older version fits.",
        why="Malicious releases are mostly found within days; the audit policy says how long to wait.",
        fix=f"Wait, or run the command again with {options(needed)}",
        problems=problems,
        needed=needed,
    )


def _needs_consent(skill: LockedSkill, verdict: Verdict) -> bool:
    if verdict is Verdict.FLAGGED:
        return not skill.flagged_accepted
    return verdict is Verdict.FAIL


def _shortcoming(name: SkillName, skill: LockedSkill, audit: AuditPolicy) -> Problem | None:
    where = f"{name}@{skill.version}"
    if audit.min_score is not None and (skill.audit_score is None or skill.audit_score < audit.min_score):
        score = "no score" if skill.audit_score is None else f"the score {skill.audit_score:g}"
        return Problem(where, f"It has {score}; min_score is {audit.min_score:g}.", f"tank info {where}")
    if audit.require_provenance and skill.signer is None:
        return Problem(where, "Its publisher did not sign it.", "Ask its publisher to sign the next version.")
    return None
