"""Escalation between versions: what a new version may newly ask for.

A new network, subprocess or secrets access needs a major version, a new
filesystem access a minor one; a patch may only narrow. Below 1.0.0 the minor is
the major, so a patch is all that is left below it.

A version is compared with its semver predecessor in the same line, and with every
lower version from which a caret range leads to it, because that is the version a
project may hold when it updates. Not with higher ones: permissions that 2.0.0 was
granted say nothing about 1.0.1. Pre-releases count like any other version, so a
release may not ask for more than the pre-releases that lead to it.

A publisher writes both sides of this comparison, so it has a number of steps to
spend for the whole history (``permissions.effort``), and sets that occur again are
compared once. When the steps are spent, each entry that an older version does not
hold as it is written counts as new: a refusal, which says so.

Source: FORMATS, "Escalation between versions"; PEERS, rows 10 and 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import ClassVar

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.permissions import Access, Entry, PermissionSet, entries, missing
from tank_core.permissions.effort import MANY_SETS_STEPS, Effort
from tank_core.ranges import Range, caret
from tank_core.semver import Version

_MINOR_IS_ENOUGH = frozenset({Access.FILESYSTEM_READ, Access.FILESYSTEM_WRITE})

_UNDECIDED = " Its patterns are too many to compare with every version: what was not compared counts as new."

Published = tuple[Version, PermissionSet]


class Bump(IntEnum):
    """How far apart two versions of one skill are, or must be; ordered."""

    NONE = 0  # a patch, or a pre-release of the same numbers
    MINOR = 1
    MAJOR = 2


class CapabilityEscalationError(TankError):
    """A version asks for more than its number allows."""

    code = "capability-escalation"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.POLICY


def required_bump(old: PermissionSet, new: PermissionSet) -> Bump:
    """Returns the least step between two versions with these capabilities."""
    return max((_bump_for(entry) for entry in entries(missing(old, new))), default=Bump.NONE)


def actual_bump(old: Version, new: Version) -> Bump:
    """Returns the step from one version to a higher one; below 1.0.0 a minor step is a major one."""
    if old.major != new.major:
        return Bump.MAJOR
    if old.minor != new.minor:
        return Bump.MAJOR if new.major == 0 else Bump.MINOR
    return Bump.NONE


def check_escalation(version: Version, capabilities: PermissionSet, published: Sequence[Published]) -> None:
    """Refuses a version that asks for more than the step to it allows.

    Args:
        version: the version to publish.
        capabilities: what it declares.
        published: every published version of the skill with its capabilities, in any
            order; yanked and withdrawn ones too, because projects may hold them.

    Raises:
        CapabilityEscalationError: "capability-escalation", with one problem for each new entry.
    """
    effort = Effort(MANY_SETS_STEPS)
    needed = _needed(version, capabilities, published, effort)
    if needed:
        following = _next(max(bump for bump, _ in needed.values()), version, published)
        # Its predecessor may be a version that asked for less than the one compared with here.
        if _needed(following, capabilities, published, effort):
            following = _next(Bump.MAJOR, version, published)
        raise _escalation(version, needed, following, is_certain=not effort.is_exhausted)


def _needed(
    version: Version, capabilities: PermissionSet, published: Sequence[Published], effort: Effort
) -> dict[Entry, tuple[Bump, Version]]:
    """Returns each entry that the step to the version does not allow: what it takes, and since when it is new."""
    needed: dict[Entry, tuple[Bump, Version]] = {}
    new: dict[PermissionSet, tuple[Entry, ...]] = {}
    for old_version, old in compared_with(version, published):
        allowed = actual_bump(old_version, version)
        if old not in new:
            new[old] = entries(missing(old, capabilities, effort))
        for entry in new[old]:
            if _bump_for(entry) > allowed:
                needed.setdefault(entry, (_bump_for(entry), old_version))
    return needed


def compared_with(version: Version, published: Sequence[Published]) -> tuple[Published, ...]:
    """Returns the versions that a new one must not escalate from, highest first.

    These are its predecessor in the same line (the major, or the minor below 1.0.0), and
    every lower version whose caret range holds the new one.
    """
    lower = [item for item in published if item[0].precedence < version.precedence]
    line = [item for item in lower if actual_bump(item[0], version) < Bump.MAJOR]
    line.sort(key=lambda item: item[0], reverse=True)
    return tuple(
        item
        for position, item in enumerate(line)
        if position == 0 or Range.parse(caret(item[0])).contains(version)
    )


def _bump_for(entry: Entry) -> Bump:
    return Bump.MINOR if entry.type in _MINOR_IS_ENOUGH else Bump.MAJOR


def _next(step: Bump, version: Version, published: Sequence[Published]) -> Version:
    """Returns the lowest version that is a step above everything published in its way."""
    everything = [version, *(item[0] for item in published)]
    if step is Bump.MAJOR and version.major > 0:
        return Version(max(item.major for item in everything) + 1, 0, 0)
    minor = max(item.minor for item in everything if item.major == version.major) + 1
    return Version(version.major, minor, 0)


def _escalation(
    version: Version, needed: dict[Entry, tuple[Bump, Version]], following: Version, *, is_certain: bool
) -> CapabilityEscalationError:
    problems = tuple(
        Problem(
            f"skills.json: capabilities.{entry.type}",
            f"“{entry.value}” is new since {old}, and needs a {bump.name.lower()} version",
            f"set the version to {following}, or remove {entry.json_line}",
        )
        for entry, (bump, old) in sorted(needed.items())
    )
    return CapabilityEscalationError(
        f"Version {version} asks for {len(problems)} permission{'s' * (len(problems) != 1)}"
        " that its number does not allow.",
        why="Projects update to it by a range that was agreed when the skill asked for less."
        + _UNDECIDED * (not is_certain),
        fix=f'Set "version" to "{following}" in skills.json, or remove the new capabilities.',
        problems=problems,
    )
