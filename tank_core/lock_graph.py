"""What a lock alone says of who needs whom, for bills of materials.

A lock does not say which skills the project itself names. Those that no other locked
skill needs are certainly among them, and of a circle that nothing else leads to, one is.
"""

from __future__ import annotations

from collections.abc import Iterable

from tank_core.lockfile import Lockfile
from tank_core.names import SkillName


def tops(lock: Lockfile) -> tuple[SkillName, ...]:
    """Returns skills from which all others are reached, sorted.

    These are what nothing else needs, and one of each circle that nothing leads to.
    """
    needed = {name for skill in lock.skills.values() for name in skill.dependencies}
    found = sorted(lock.skills.keys() - needed)
    reached = _reached(lock, found)
    for name in sorted(lock.skills):
        if name not in reached:
            found.append(name)
            reached |= _reached(lock, [name])
    return tuple(sorted(found))


def dependencies_of(lock: Lockfile, name: SkillName) -> tuple[SkillName, ...]:
    """Returns the locked skills that a skill needs itself, sorted."""
    return tuple(sorted(lock.skills.keys() & lock.skills[name].dependencies.keys()))


def _reached(lock: Lockfile, names: Iterable[SkillName]) -> set[SkillName]:
    reached: set[SkillName] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += dependencies_of(lock, name)
    return reached
