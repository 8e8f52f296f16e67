"""Whether what is installed is what the lock names, file by file.

The lock's tree hash alone decides whether a directory is right. Where it is not,
the files are compared with the list that belongs to that tree hash: from the
state or from the cached archive, whichever has that very hash; without either, the
directory as a whole is named.

What an agent finds under a skill's name has to be that directory, or a copy of it.

Source: PEERS, row 1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tank_cli import state as states
from tank_cli.cache import Cache
from tank_cli.config import Config
from tank_cli.develop import linked_folders
from tank_cli.link import is_linked_place, leads_to
from tank_cli.project import Project
from tank_cli.state import State
from tank_cli.tree import FileFact, facts_of, hash_of, read_tree
from tank_core.archive import read_archive
from tank_core.install_plan import directory_of
from tank_core.lockfile import LockedSkill, Lockfile


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as it should be. ``kind``: ``modified``, ``added`` or ``missing``."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were hashed, and how they differ, by directory."""

    files: int
    differences: Mapping[str, tuple[Difference, ...]]


def check_installed(project: Project, lock: Lockfile, config: Config) -> Checked:
    """Compares every installed file with the lock; directories that the lock does not name are added ones."""
    state, cache = states.read(project.root), Cache(config.cache_dir)
    files = 0
    found: dict[str, tuple[Difference, ...]] = {}
    for name, skill in sorted(lock.skills.items()):
        directory = directory_of(name)
        place = project.trees / directory
        present = read_tree(place) if place.is_dir() and not place.is_symlink() else {}
        files += len(present)
        if hash_of(present) != skill.tree_hash:
            found[directory] = _differences(_expected(directory, skill, state, cache), present)
    expected = {directory_of(name) for name in lock.skills}
    present_names = {path.name for path in project.trees.iterdir()} if project.trees.is_dir() else set()
    for extra in sorted(present_names - expected):
        found[extra] = (Difference("", "added"),)
    found |= {path: (Difference("", "modified"),) for path in _replaced(project, lock)}
    return Checked(files, found)


def _replaced(project: Project, lock: Lockfile) -> Iterator[str]:
    """Yields each place in an agent's folder that has a skill's name and holds something else."""
    linked, folders = linked_folders(project), project.agent_folders()
    for agent in project.agents():
        for name, skill in sorted(lock.skills.items()):
            path = f"{agent.skills}/{directory_of(name)}"
            place = project.base / path
            if not os.path.lexists(place) or leads_to(place, project.trees / directory_of(name)):
                continue
            if is_linked_place(project.base, path, linked.get(name), folders):  # the caller has told of it
                continue
            is_copy = (
                place.is_dir() and not place.is_symlink() and hash_of(read_tree(place)) == skill.tree_hash
            )
            if not is_copy:
                yield path


def _expected(
    directory: str, skill: LockedSkill, state: State, cache: Cache
) -> Mapping[str, FileFact] | None:
    """Returns the files that have the lock's tree hash, if anything here still knows them."""
    remembered = state.trees.get(directory, {})
    if hash_of(remembered) == skill.tree_hash:
        return remembered
    archive = cache.blob(skill.digest)
    facts = {} if archive is None else facts_of(read_archive(archive))
    return facts if hash_of(facts) == skill.tree_hash else None  # the lock may be what is wrong


def _differences(
    expected: Mapping[str, FileFact] | None, present: Mapping[str, FileFact]
) -> tuple[Difference, ...]:
    if expected is None:
        return (Difference("", "modified" if present else "missing"),)
    return differences(expected, present)


def differences(expected: Mapping[str, FileFact], found: Mapping[str, FileFact]) -> tuple[Difference, ...]:
    """Returns how the found files differ from the expected ones, sorted by path."""
    result = [Difference(path, "missing") for path in expected.keys() - found.keys()]
    result += [Difference(path, "added") for path in found.keys() - expected.keys()]
    shared = expected.keys() & found.keys()
    result += [Difference(path, "modified") for path in shared if expected[path] != found[path]]
    return tuple(sorted(result, key=lambda difference: difference.path))
