"""Overrides: ranges that a project sets in place of what its skills ask for, and where they have an effect.

Only a project overrides, for everything below it: a skill that could would decide over
other people's skills. An override replaces every range that any skill asks with; it
changes neither what a version declares, which is signed, nor what may be chosen.

Source: FORMATS, "skills.json"; decision 0013.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tank_core.lockfile import Lockfile
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.semver import Version

Overrides = Mapping[SkillName, Range]
NO_OVERRIDES: Overrides = {}


@dataclass(frozen=True, slots=True)
class Overridden:
    """A locked skill whose range the project set.

    Attributes:
        wanted: the project's range.
        asked: who asks for it with which range, sorted by name.
    """

    name: SkillName
    version: Version
    wanted: Range
    asked: tuple[tuple[SkillName, Range], ...]

    @property
    def against(self) -> tuple[tuple[SkillName, Range], ...]:
        """Those whose own range does not hold the version: they were never tried with it."""
        return tuple(
            (name, asked)
            for name, asked in self.asked
            if not asked.contains(self.version, include_prerelease=True)
        )

    def to_json(self) -> dict[str, object]:
        """Returns it as a JSON object."""
        return {
            "name": str(self.name),
            "version": str(self.version),
            "range": str(self.wanted),
            "asked": {str(name): str(asked) for name, asked in self.asked},
            "against": [str(name) for name, _ in self.against],
        }


def in_place_of(dependencies: Mapping[SkillName, Range], overrides: Overrides) -> dict[SkillName, Range]:
    """Returns the ranges that count for what a skill needs."""
    return {name: overrides.get(name, asked) for name, asked in dependencies.items()}


def overridden(lock: Lockfile, overrides: Overrides) -> tuple[Overridden, ...]:
    """Returns where overrides have an effect, sorted by name; one that nothing asks for has none."""
    found = []
    for name, wanted in sorted(overrides.items()):
        asked = tuple(
            (one, skill.dependencies[name])
            for one, skill in sorted(lock.skills.items())
            if name in skill.dependencies
        )
        if asked and name in lock.skills:
            found.append(Overridden(name, lock.skills[name].version, wanted, asked))
    return tuple(found)


def unused(lock: Lockfile, overrides: Overrides) -> tuple[SkillName, ...]:
    """Returns the overrides that change nothing, because no locked skill asks for that one; sorted."""
    return tuple(sorted(overrides.keys() - {one.name for one in overridden(lock, overrides)}))
