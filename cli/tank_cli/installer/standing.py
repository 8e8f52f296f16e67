"""How the registry sees locked versions today: yanked, deprecated, withdrawn.

Asked when something is downloaded anyway, and by ``tank audit``. A lock stays
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
from tank_core.entities import Availability
from tank_core.findings import Verdict
from tank_core.index import IndexVersion
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.signer import Signer


@dataclass(frozen=True, slots=True)
class Standing:
    """One locked version, as the registry sees it. ``found`` is None when the registry does not know it."""

    name: SkillName
    locked: LockedSkill
    found: IndexVersion | None
    waivers: tuple[WaiverShown, ...] = ()

    @property
    def label(self) -> str:
        """``@org/name@version``."""
        return f"{self.name}@{self.locked.version}"

    @property
    def verdict(self) -> Verdict:
        """The locked verdict, or the unwaived one when a waiver that it rests on is not in force any more."""
        if self.found is None or self.is_withdrawn:
            return self.locked.verdict
        return verdict_now(self.locked.verdict, self.found.unwaived_verdict, self.waivers)

    @property
    def has_another_signer(self) -> bool:
        """Whether the index says that somebody else signed than the lock does, or that nobody did."""
        return self.found is not None and not self.is_withdrawn and _signer(self.found) != self.locked.signer

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken down; a version that the registry denies counts as well."""
        return self.found is None or self.found.availability is Availability.WITHDRAWN

    @property
    def remark(self) -> str:
        """What a person should know; "" when all is well."""
        if self.found is None:
            return "is not known to the registry"
        if self.found.availability is Availability.AVAILABLE:
            return f"is deprecated: {self.found.deprecation}" if self.found.deprecation else ""
        reason = f": {self.found.availability_reason}" if self.found.availability_reason else ""
        return f"was {self.found.availability}{reason}"


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


def warnings(
    skills: Mapping[SkillName, LockedSkill], index: IndexReader, waivers: WaiverReader
) -> tuple[str, ...]:
    """Returns what to warn of before versions are downloaded, waivers included.

    Raises:
        WithdrawnError: version-withdrawn.
        FlaggedVersionError: flagged-version; without the waiver that lapsed it would never have been published.
    """
    try:
        found = standings(skills, index, waivers)
    except NetworkError as error:
        return (f"It is not known whether anything was withdrawn, or a key taken back: {error.what}",)
    for standing in found:
        if standing.found is not None and standing.is_withdrawn:
            reason = standing.found.availability_reason
            raise WithdrawnError.of(standing.name, standing.locked.version, reason)
    failed = tuple(standing for standing in found if standing.verdict is Verdict.FAIL)
    if failed:
        raise flagged_version({s.name: s.locked for s in failed}, verdicts_of(failed), remarks_of(failed))
    remarks = (f"{standing.label} {standing.remark}" for standing in found if standing.remark)
    return (*remarks, *(f"{s.label}: {waiver.line}" for s in found for waiver in s.waivers))


def verdicts_of(found: Iterable[Standing]) -> dict[SkillName, Verdict]:
    """Returns the verdict that holds now, by name."""
    return {standing.name: standing.verdict for standing in found}


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
