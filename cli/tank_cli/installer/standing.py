"""How the registry sees locked versions today: yanked, deprecated, withdrawn.

Asked when something is downloaded anyway, and by ``tank audit``. A lock stays
installable when the index cannot be reached. The answer is then not known, which is
said: a mirror that gives out archives and no index may hide a takedown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tank_cli.client.index_reader import IndexReader
from tank_cli.client.transport import NetworkError
from tank_core.absence import SkillNotFoundError, WithdrawnError
from tank_core.entities import Availability
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

    @property
    def label(self) -> str:
        """``@org/name@version``."""
        return f"{self.name}@{self.locked.version}"

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


def standings(skills: Mapping[SkillName, LockedSkill], index: IndexReader) -> tuple[Standing, ...]:
    """Returns how the registry sees each version, sorted by name.

    Raises:
        NetworkError: network-error.
        InvalidIndexError: invalid-index.
    """
    index.prefetch(skills)
    return tuple(Standing(name, skills[name], _found(name, skills[name], index)) for name in sorted(skills))


def warnings(skills: Mapping[SkillName, LockedSkill], index: IndexReader) -> tuple[str, ...]:
    """Returns what to warn of before versions are downloaded.

    Raises:
        WithdrawnError: version-withdrawn.
    """
    try:
        found = standings(skills, index)
    except NetworkError as error:
        return (f"It is not known whether anything was withdrawn, or a key taken back: {error.what}",)
    for standing in found:
        if standing.found is not None and standing.is_withdrawn:
            reason = standing.found.availability_reason
            raise WithdrawnError.of(standing.name, standing.locked.version, reason)
    return tuple(f"{standing.label} {standing.remark}" for standing in found if standing.remark)


def _found(name: SkillName, locked: LockedSkill, index: IndexReader) -> IndexVersion | None:
    try:
        return index.fetch(name).version(locked.version)
    except SkillNotFoundError:
        return None
