"""How the registry sees locked versions today: yanked, deprecated, withdrawn, or judged anew.

Asked when something is downloaded anyway, and by ``tank audit``. A rescan may have changed
a verdict since the lock was written; the attestation that the lock names still verifies
then, so only the index tells. A lock stays
installable when the index cannot be reached. The answer is then not known, which is
said: a mirror that gives out archives and no index may hide a takedown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tank_cli.client.index_reader import IndexReader
from tank_cli.client.transport import NetworkError
from tank_cli.installer.demands import flagged_version
from tank_cli.waivers import Waived, WaiverReader, WaiverShown, verdict_now
from tank_core.absence import SkillNotFoundError, WithdrawnError
from tank_core.consent import Acceptance, Consent, ConsentNeededError, Risk
from tank_core.entities import Availability
from tank_core.errors import ExitCode, Problem
from tank_core.index import IndexVersion
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.signer import Signer
from tank_core.verdict import Verdict


class VerdictChangedError(ConsentNeededError):
    """A rescan found something in a locked version that nobody accepted."""

    code = "verdict-changed"
    exit_code = ExitCode.VERDICT


@dataclass(frozen=True, slots=True)
class Standing:
    """One locked version, as the registry sees it.

    Attributes:
        found: what the index says of it; None when the registry does not know it, or it was not looked up.
        is_looked_up: False where the notices name nothing of it, and its document is not at hand.
    """

    name: SkillName
    locked: LockedSkill
    found: IndexVersion | None
    waivers: tuple[WaiverShown, ...] = ()
    is_looked_up: bool = True

    @property
    def label(self) -> str:
        """``@org/name@version``."""
        return f"{self.name}@{self.locked.version}"

    @property
    def verdict(self) -> Verdict:
        """The verdict that holds now: the last one, or the unwaived one when a waiver that it rests on lapsed."""
        if self.found is None or self.is_withdrawn:
            return self.locked.verdict
        return verdict_now(self.found.verdict, self.found.unwaived_verdict, self.waivers)

    @property
    def flagged_key(self) -> tuple[Risk, SkillName, Version]:
        """What a yes to its being flagged is a yes to."""
        return Risk.FLAGGED, self.name, self.locked.version

    @property
    def is_judged_anew(self) -> bool:
        """Whether a rescan gave it another verdict since it was locked."""
        return (
            self.found is not None and not self.is_withdrawn and self.found.verdict is not self.locked.verdict
        )

    @property
    def has_another_signer(self) -> bool:
        """Whether the index says that somebody else signed than the lock does, or that nobody did."""
        return self.found is not None and not self.is_withdrawn and _signer(self.found) != self.locked.signer

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken down; a version that the registry denies counts as well."""
        if self.found is None:
            return self.is_looked_up
        return self.found.availability is Availability.WITHDRAWN

    @property
    def has_failed(self) -> bool:
        """Whether it was found to be malicious since; no consent covers that."""
        return self.is_judged_anew and self.verdict is Verdict.FAIL

    @property
    def needs_consent(self) -> bool:
        """Whether it was flagged since it was locked; a lock that says so itself has its own consent."""
        was_flagged = self.locked.verdict is Verdict.FLAGGED
        return self.is_judged_anew and self.verdict is Verdict.FLAGGED and not was_flagged

    @property
    def remark(self) -> str:
        """What a person should know; "" when all is well."""
        if self.found is None:
            return "is not known to the registry" * self.is_looked_up
        if self.is_withdrawn:
            return f"was {self.found.availability}{self._reason}"
        remarks = [
            f"was {self.found.availability}{self._reason}" * (not self.found.is_available),
            self.verdict_change,
            f"is deprecated: {self.found.deprecation}" * bool(self.found.deprecation),
        ]
        return "; ".join(remark for remark in remarks if remark)

    @property
    def verdict_change(self) -> str:
        """How it was judged anew since it was locked; "" when its verdict is the locked one."""
        if self.found is None or self.is_withdrawn or self.verdict is self.locked.verdict:
            return ""
        now = _judgement(self.verdict, self.found.audit_score)
        before = _judgement(self.locked.verdict, self.locked.audit_score)
        return f"has the verdict {now} now, and had {before} when it was locked"

    @property
    def _reason(self) -> str:
        return f": {self.found.availability_reason}" if self.found and self.found.availability_reason else ""


def _judgement(verdict: Verdict, audit_score: float | None) -> str:
    score = "no score" if audit_score is None else f"score {audit_score:g}"
    return f"{verdict} ({score})"


def refuse_worse(found: Iterable[Standing], *, consent: Consent) -> None:
    """Refuses versions that a rescan condemned, and flagged ones that nobody accepted.

    Args:
        found: locked versions.
        consent: what the person accepts now.

    Raises:
        VerdictChangedError: verdict-changed, with every such version.
    """
    worse = [s for s in found if s.has_failed or (s.needs_consent and not consent.covers(*s.flagged_key))]
    problems = tuple(
        Problem(s.label, f"It {s.verdict_change or 'has the verdict fail'}.", _fix(s)) for s in worse
    )
    if problems:
        raise VerdictChangedError(
            f"{problems[0].where} was scanned again, and something was found in it.",
            why="The registry's rules know more today than when the version was locked.",
            fix=problems[0].fix,
            problems=problems,
            needed=() if any(s.has_failed for s in worse) else [Acceptance(*s.flagged_key) for s in worse],
        )


def _fix(standing: Standing) -> str:
    if standing.has_failed:
        return f"tank update {standing.name}"
    option = Acceptance(*standing.flagged_key).option
    return f"tank info {standing.label}; if you accept it, tank update {standing.name} {option}"


def _signer(found: IndexVersion) -> Signer | None:
    return found.signature.claims.signer if found.signature else None


def standings(
    skills: Mapping[SkillName, LockedSkill], index: IndexReader, waivers: WaiverReader
) -> tuple[Standing, ...]:
    """Returns how the registry sees each version, sorted by name.

    Raises:
        NetworkError: network-error.
        InvalidIndexError: invalid-index.
    """
    index.prefetch(skills)
    return tuple(_standing(name, skills[name], index, waivers) for name in sorted(skills))


def noticed_standings(
    skills: Mapping[SkillName, LockedSkill], index: IndexReader, waivers: WaiverReader
) -> tuple[Standing, ...]:
    """Returns how the registry sees each version, sorted by name; only those that its notices name are looked up.

    Raises:
        TankError: as ``standings``.
    """
    named = index.noticed({name: locked.version for name, locked in skills.items()})
    looked_up = standings({name: skills[name] for name in named}, index, waivers)
    others = (Standing(name, skills[name], None, is_looked_up=False) for name in skills.keys() - named)
    return tuple(sorted((*looked_up, *others), key=lambda standing: standing.name))


def warnings(
    skills: Mapping[SkillName, LockedSkill],
    index: IndexReader,
    waivers: WaiverReader,
    *,
    consent: Consent,
) -> tuple[str, ...]:
    """Returns what to warn of before versions are downloaded, waivers included.

    Raises:
        WithdrawnError: version-withdrawn.
        VerdictChangedError: verdict-changed.
        FlaggedVersionError: flagged-version; without the waiver that lapsed it would never have been published.
    """
    try:
        found = noticed_standings(skills, index, waivers)
    except NetworkError as error:
        return (f"It is not known whether anything was withdrawn, or a key taken back: {error.what}",)
    for standing in found:
        if standing.found is not None and standing.is_withdrawn:
            reason = standing.found.availability_reason
            raise WithdrawnError.of(standing.name, standing.locked.version, reason)
    refuse_worse(found, consent=consent)
    failed = tuple(standing for standing in found if standing.verdict is Verdict.FAIL)
    if failed:
        raise flagged_version({s.name: s.locked for s in failed}, verdicts_of(failed), remarks_of(failed))
    remarks = (f"{standing.label} {standing.remark}" for standing in found if standing.remark)
    return (*remarks, *(f"{s.label}: {waiver.line}" for s in found for waiver in s.waivers))


def verdicts_of(found: Iterable[Standing]) -> dict[SkillName, Verdict]:
    """Returns the verdict to go by, by name: the one that holds now, or the lock's where that is worse.

    A lock that says flagged keeps needing its consent, whatever the index says since.
    """
    return {s.name: max(s.locked.verdict, s.verdict, key=list(Verdict).index) for s in found}


def remarks_of(found: Iterable[Standing]) -> dict[SkillName, str]:
    """Returns what to say of a version's waivers, by name; nothing of one without any."""
    return {s.name: "; ".join(waiver.line for waiver in s.waivers) for s in found if s.waivers}


def _standing(name: SkillName, locked: LockedSkill, index: IndexReader, waivers: WaiverReader) -> Standing:
    found = _found(name, locked, index)
    if found is None or found.availability is Availability.WITHDRAWN or not found.waivers:
        return Standing(name, locked, found)
    # About the locked bytes: what the index says of others does not count for these.
    waived = Waived(name, locked.version, locked.digest, locked.integrity, found.waivers)
    return Standing(name, locked, found, waivers.read(waived))


def _found(name: SkillName, locked: LockedSkill, index: IndexReader) -> IndexVersion | None:
    try:
        return index.fetch(name).version(locked.version)
    except SkillNotFoundError:
        return None
