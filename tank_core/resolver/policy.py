"""Which published versions a resolution may choose, and the reason for each it may not.

A locked version (``preferred``) stays eligible when it is yanked or young: the
project already has it. A withdrawn one, or one that a rescan found to be malicious, never does.
A flagged or young one does where the person accepted exactly that; ``risks`` says what a yes would be to.

Source: PEERS, rows 5 and 6, and "Habits people bring"; FORMATS, "skills.json", audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tank_core.consent import NO_CONSENT, Consent, Risk
from tank_core.entities import Availability
from tank_core.errors import quoted
from tank_core.findings import Verdict
from tank_core.index import IndexVersion
from tank_core.names import SkillName


@dataclass(frozen=True, slots=True)
class ResolutionPolicy:
    """What the project demands of versions.

    Attributes:
        now: seconds since the Unix epoch, to tell a version's age.
        min_release_age_seconds: younger versions are not newly chosen.
        min_score: lower scores, and versions without one, are not chosen; None demands none.
        require_provenance: versions that their publisher did not sign are not chosen.
        consent: flagged and young versions that the person accepts.
        flagged_accepted: skills whose locked version was opted into when it was locked.
    """

    now: int
    min_release_age_seconds: int = 0
    min_score: float | None = None
    require_provenance: bool = False
    consent: Consent = NO_CONSENT
    flagged_accepted: frozenset[SkillName] = field(default_factory=frozenset)


def objection(
    name: SkillName, candidate: IndexVersion, policy: ResolutionPolicy, *, is_locked: bool
) -> str | None:
    """Returns why a version may not be chosen, as the end of a sentence; None when it may.

    Args:
        name: the skill.
        candidate: one of its versions.
        policy: the project's demands.
        is_locked: whether the lock holds this very version.
    """
    lasting = _lasting(candidate, policy, is_locked=is_locked)
    if lasting is not None:
        return lasting
    open_risks = _open_risks(name, candidate, policy, is_locked=is_locked)
    if Risk.FLAGGED in open_risks:
        return f"has the verdict {candidate.verdict}, which needs --accept-flagged"
    if Risk.YOUNG in open_risks:
        missing_seconds = _missing_seconds(candidate, policy)
        return f"is too young for audit.min_release_age, by {_duration(missing_seconds)}"
    return None


def risks(
    name: SkillName, candidate: IndexVersion, policy: ResolutionPolicy, *, is_locked: bool
) -> tuple[Risk, ...]:
    """Returns what a person would have to accept for a version to be chosen; nothing where that does not help."""
    if _lasting(candidate, policy, is_locked=is_locked) is not None:
        return ()
    return _open_risks(name, candidate, policy, is_locked=is_locked)


def _open_risks(
    name: SkillName, candidate: IndexVersion, policy: ResolutionPolicy, *, is_locked: bool
) -> tuple[Risk, ...]:
    """Returns the risks of a version that nobody accepted."""
    there = {
        Risk.FLAGGED: candidate.verdict is Verdict.FLAGGED
        and not (is_locked and name in policy.flagged_accepted),
        Risk.YOUNG: _missing_seconds(candidate, policy) > 0 and not is_locked,
    }
    version = candidate.version
    return tuple(
        risk
        for risk, is_there in there.items()
        if is_there and not policy.consent.covers(risk, name, version)
    )


def _lasting(candidate: IndexVersion, policy: ResolutionPolicy, *, is_locked: bool) -> str | None:
    """Returns why no consent makes a version eligible; None when nothing stands against it."""
    if candidate.availability is Availability.WITHDRAWN:
        return f"was withdrawn{_because(candidate.availability_reason)}"
    if candidate.availability is Availability.YANKED and not is_locked:
        return f"was yanked{_because(candidate.availability_reason)}"
    if candidate.verdict is Verdict.FAIL:
        return "has the verdict fail, which nothing accepts"
    if policy.min_score is not None and (
        candidate.audit_score is None or candidate.audit_score < policy.min_score
    ):
        scored = "no score" if candidate.audit_score is None else f"the score {candidate.audit_score:g}"
        return f"has {scored}, and audit.min_score is {policy.min_score:g}"
    if policy.require_provenance and not candidate.bundle_digest:
        return "is not signed by its publisher, which audit.require_provenance demands"
    return None


def _missing_seconds(candidate: IndexVersion, policy: ResolutionPolicy) -> int:
    """Returns how much older a version would have to be; 0 when it is old enough, or any age will do."""
    if policy.min_release_age_seconds <= 0:
        return 0
    return max(0, candidate.published_at + policy.min_release_age_seconds - policy.now)


def _because(reason: str) -> str:
    return f" ({quoted(reason)})" if reason else ""


def _duration(seconds: int) -> str:
    """Returns a duration in its largest unit, rounded up, such as ``3 hours``."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = -(-seconds // size)
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
