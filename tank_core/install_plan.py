"""The install plan: what has to happen so that a project holds exactly its lock.

Decides, and touches nothing: from the lock, the cache and the tree hashes on disk
to an ordered list of actions, which the CLI executes or, for ``--dry-run``, prints.
A skill's directory is the last part of its name, which is its SKILL.md ``name``; two
skills that end alike cannot live in one project. Directories that a person changed
are neither replaced nor removed without consent. Links from the agents' folders are
the CLI's, because what may be linked depends on what is on the disk.

Source: DESIGN, "Install, as a walk", step 3; PEERS, row 18.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName
from tank_core.semver import Version


class DirectoryCollisionError(TankError):
    """Two skills of one project end in the same name, and would share a directory."""

    code = "directory-collision"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.LOCK


class LocalChangesError(TankError):
    """Installing would overwrite or remove files that somebody changed; ``problems`` lists each directory."""

    code = "local-changes"
    status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Keep:
    """The directory already holds exactly this version."""

    name: SkillName
    version: Version
    directory: str

    def __str__(self) -> str:
        return f"keep {self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Download:
    """Fetch an archive that the cache does not hold, and verify it."""

    name: SkillName
    locked: LockedSkill

    def __str__(self) -> str:
        return f"download {self.name}@{self.locked.version} ({self.locked.size_bytes:,} bytes)"


@dataclass(frozen=True, slots=True)
class Extract:
    """Put an archive's files into the skill's directory, in the place of what is there."""

    name: SkillName
    locked: LockedSkill
    directory: str
    is_replacement: bool

    def __str__(self) -> str:
        return f"{'replace' if self.is_replacement else 'create'} {self.directory} ({self.name}@{self.locked.version})"


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the directory of a skill that the lock no longer holds."""

    directory: str

    def __str__(self) -> str:
        return f"remove {self.directory}"


Action = Keep | Download | Extract | Remove


@dataclass(frozen=True, slots=True)
class InstallPlan:
    """What to do, in this order: keep, download, extract, remove; each sorted by name."""

    actions: tuple[Action, ...]

    @property
    def downloads(self) -> tuple[Download, ...]:
        """The archives to fetch, sorted by name."""
        return tuple(action for action in self.actions if isinstance(action, Download))

    @property
    def download_bytes(self) -> int:
        """How many bytes will be fetched."""
        return sum(action.locked.size_bytes for action in self.downloads)

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to do."""
        return not all(isinstance(action, Keep) for action in self.actions)

    def describe(self) -> tuple[str, ...]:
        """Returns one line for each action, for ``--dry-run``."""
        return tuple(str(action) for action in self.actions)


def plan(
    lock: Lockfile,
    *,
    cached: Collection[str],
    installed: Mapping[str, str],
    recorded: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> InstallPlan:
    """Returns what makes a project hold exactly its lock.

    Args:
        lock: what the project shall hold.
        cached: ``sha256:<hex>`` of the archives in the cache.
        installed: directory → tree hash of the files that are there now, for every
            directory below the one that Tank keeps skills in.
        recorded: directory → tree hash that Tank itself left there; None when it is not
            known, and then nothing counts as changed by a person.
        overwrite: the user agreed to lose changed files.

    Raises:
        DirectoryCollisionError: "directory-collision", with every pair.
        LocalChangesError: "local-changes", with every directory; unless ``overwrite``.
    """
    directories = _directories(lock)
    unchanged = {
        directory
        for directory, name in directories.items()
        if installed.get(directory) == lock.skills[name].tree_hash
    }
    if recorded is not None and not overwrite:
        _refuse_local_changes(installed, recorded, unchanged)
    extracted = {directory: name for directory, name in directories.items() if directory not in unchanged}
    return InstallPlan(
        (
            *(
                Keep(directories[d], lock.skills[directories[d]].version, d)
                for d in directories
                if d in unchanged
            ),
            *_downloads(lock, extracted.values(), cached),
            *(Extract(name, lock.skills[name], d, d in installed) for d, name in extracted.items()),
            *(Remove(directory) for directory in sorted(installed.keys() - directories.keys())),
        )
    )


def directory_of(name: SkillName) -> str:
    """Returns the directory of a skill: the last part of its name, as the Agent Skills format demands."""
    return name.name


def _directories(lock: Lockfile) -> dict[str, SkillName]:
    """Returns directory → skill, sorted by the skill's name."""
    owners: dict[str, list[SkillName]] = {}
    for name in sorted(lock.skills):
        owners.setdefault(directory_of(name), []).append(name)
    collisions = {directory: names for directory, names in owners.items() if len(names) > 1}
    if collisions:
        raise _collision(collisions)
    return {directory: names[0] for directory, names in owners.items()}


def _downloads(lock: Lockfile, names: Collection[SkillName], cached: Collection[str]) -> Iterator[Download]:
    """Yields one download for each archive that is needed and not there; two skills never share one."""
    return (Download(name, lock.skills[name]) for name in names if lock.skills[name].digest not in cached)


def _refuse_local_changes(
    installed: Mapping[str, str], recorded: Mapping[str, str], unchanged: Collection[str]
) -> None:
    changed = sorted(
        directory
        for directory, tree_hash in installed.items()
        if directory not in unchanged and recorded.get(directory) != tree_hash
    )
    if not changed:
        return
    raise LocalChangesError(
        f"Files that you changed would be lost in {', '.join(changed)}.",
        why="Their content is neither what Tank installed nor what the lock says.",
        fix="Copy your changes elsewhere, then run the command again with --overwrite.",
        problems=tuple(
            Problem(directory, "differs from what Tank installed", "see what differs with `tank verify`")
            for directory in changed
        ),
    )


def _collision(collisions: Mapping[str, list[SkillName]]) -> DirectoryCollisionError:
    problems = tuple(
        Problem(
            directory,
            f"is the directory of {' and of '.join(map(str, names))}",
            f"remove one of them, such as `tank remove {names[-1]}`",
        )
        for directory, names in sorted(collisions.items())
    )
    return DirectoryCollisionError(
        f"Two skills need the directory {problems[0].where}.",
        why="Agents find a skill by its directory, which is the last part of its name.",
        fix=problems[0].fix,
        problems=problems,
    )
