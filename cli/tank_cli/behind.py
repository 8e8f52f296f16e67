"""Which locked skills are behind, and what moving on would bring: permissions, and other hands.

Wanted is the highest version in every range that asks for a skill, latest the highest
stable one. What each of the two would newly need is told by the same algebra that an
install asks, so nobody learns of it only when the install refuses.

Source: FORMATS, "Permission shape"; PEERS, row 13.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from tank_cli.installer.locking import changes_of_hands, locked_skill
from tank_core.index import IndexDocument
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.manifest import ProjectManifest
from tank_core.names import SkillName
from tank_core.overrides import in_place_of
from tank_core.permissions import PermissionSet, difference
from tank_core.ranges import Range
from tank_core.semver import Version


@dataclass(frozen=True, slots=True)
class Move:
    """What a version would bring that the locked one does not.

    Attributes:
        version: the one to move to.
        new_permissions: what it asks for beyond the locked version.
        over_budget: what it asks for beyond the project's permissions.
        hands: each way in which it comes from somebody else, as a sentence.
    """

    version: Version
    new_permissions: PermissionSet
    over_budget: PermissionSet
    hands: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Returns the move as a JSON object."""
        return {
            "version": str(self.version),
            "new_permissions": self.new_permissions.to_json(),
            "over_budget": self.over_budget.to_json(),
            "publisher_changes": list(self.hands),
        }


@dataclass(frozen=True, slots=True)
class Behind:
    """One skill whose locked version is not the wanted one, or not the latest."""

    name: SkillName
    current: Version
    wanted: Move
    latest: Move

    @property
    def moves(self) -> tuple[Move, ...]:
        """The versions that one could move to: wanted and latest, once where they are the same."""
        found = {move.version: move for move in (self.wanted, self.latest) if move.version != self.current}
        return tuple(found.values())

    def to_json(self) -> dict[str, object]:
        """Returns the skill as a JSON object."""
        return {
            "name": str(self.name),
            "current": str(self.current),
            "wanted": str(self.wanted.version),
            "latest": str(self.latest.version),
            "moves": {"wanted": self.wanted.to_json(), "latest": self.latest.to_json()},
        }


def behind(
    lock: Lockfile, manifest: ProjectManifest, documents: Mapping[SkillName, IndexDocument]
) -> Iterator[Behind]:
    """Yields the skills that are behind, by name.

    Args:
        lock: what the project holds.
        manifest: its ranges and its budget.
        documents: the index document of each locked skill.
    """
    needed = (in_place_of(skill.dependencies, manifest.overrides) for skill in lock.skills.values())
    asking = [manifest.skills, *needed]
    for name, document in sorted(documents.items()):
        locked = lock.skills[name]
        ranges = [ranges[name] for ranges in asking if name in ranges]
        wanted = document.highest(partial(_is_in_all, ranges)) or locked.version
        latest = document.newest() or locked.version
        if not locked.version == wanted == latest:
            move = partial(_move, locked, document, manifest.permissions)
            yield Behind(name, locked.version, move(wanted), move(latest))


def _move(locked: LockedSkill, document: IndexDocument, budget: PermissionSet, version: Version) -> Move:
    entry = document.version(version)
    found = locked if version == locked.version or entry is None else locked_skill(entry)
    return Move(
        version,
        difference(found.capabilities, locked.capabilities),
        difference(found.capabilities, budget),
        tuple(changes_of_hands(locked, found)),
    )


def _is_in_all(ranges: Iterable[Range], version: Version) -> bool:
    return all(one.contains(version) for one in ranges)
