"""Which links the agents' folders need, decided before any is made.

A link has the skill's own directory name. Tank replaces only what it made itself
and finds unchanged; anything else in the way is the person's, and an error.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tank_cli.agents import KNOWN, Agent
from tank_cli.project_files import real_path
from tank_cli.state import LINK
from tank_cli.transaction import Transaction
from tank_cli.tree import hash_of, read_tree
from tank_core.errors import Problem, TankError

# What Windows without developer mode, and file systems without links, answer.
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
)
_FOLDERS = frozenset(folder for known in KNOWN for folder in (known.project, known.home))


class LinkOccupiedError(TankError):
    """Something that Tank did not make is where a link should be."""

    code = "link-occupied"


class UnsafeLinkError(TankError):
    """An agent's folder leads out of the project."""

    code = "unsafe-agent-folder"


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """The links to make and to take away, as paths relative to the base, sorted."""

    make: Mapping[str, str]  # path → directory name of the skill
    remove: tuple[str, ...]
    keep: tuple[str, ...]


def plan_links(
    base: Path, trees: Path, names: Iterable[str], agents: Iterable[Agent], made: Mapping[str, str]
) -> LinkPlan:
    """Returns what to change so that every agent finds every skill.

    Args:
        base: the project, or the home directory for a global install.
        trees: the directory that holds the skills' trees.
        names: the directory names of all skills that will be installed.
        agents: the agents to serve.
        made: what Tank made before, path → ``link`` or the tree hash of a copy.

    Raises:
        LinkOccupiedError: link-occupied; every occupied place is a problem.
        UnsafeLinkError: unsafe-agent-folder.
    """
    names, agents = list(names), list(agents)
    folders = _FOLDERS.union(agent.skills for agent in agents)
    wanted = {f"{folder}/{name}": name for folder in checked_folders(base, agents) for name in names}
    keep = {path for path, name in wanted.items() if leads_to(base / path, trees / name)}
    make = {path: name for path, name in sorted(wanted.items()) if path not in keep}
    check_free(base, trees, make, made, folders)
    left = sorted(made.keys() - wanted.keys())
    remove = tuple(path for path in left if is_ours(base, trees, path, made, folders))
    return LinkPlan(make, remove, tuple(sorted(keep)))


def apply_links(
    transaction: Transaction, base: Path, trees: Path, plan: LinkPlan, made: Mapping[str, str]
) -> dict[str, str]:
    """Makes and removes links; returns what Tank has made from now on, path → kind."""
    for path in plan.remove:
        transaction.take_away(base / path)
    result = {path: made.get(path, LINK) for path in plan.keep}
    for path, name in plan.make.items():
        transaction.take_away(base / path)
        result[path] = _link_or_copy(transaction, base / path, trees / name)
    return dict(sorted(result.items()))


def is_ours(
    base: Path,
    trees: Path,
    path: str,
    made: Mapping[str, str],
    folders: Collection[str] = _FOLDERS,
) -> bool:
    """Returns whether what lies at a path is what Tank made there, unchanged.

    ``made`` comes from a file of the project, so a path where Tank makes nothing is never ours:
    it makes links in the ``folders`` of agents only.
    """
    place, kind = base / path, made.get(path)
    if kind is None or not _is_place(base, path, folders):
        return False
    if kind == LINK:
        return place.is_symlink() and real_path((place.parent / os.readlink(place)).parent) == real_path(
            trees
        )
    return place.is_dir() and not place.is_symlink() and hash_of(read_tree(place)) == kind


def leads_to(place: Path, target: Path) -> bool:
    """Returns whether a place is a link to a directory."""
    return place.is_symlink() and os.path.realpath(place) == os.path.realpath(target)


def is_linked_place(base: Path, path: str, folder: Path | None, folders: Collection[str] = _FOLDERS) -> bool:
    """Returns whether a place of an agent is a link to the folder of a skill that is developed in place."""
    place = base / path
    if folder is None or not _is_place(base, path, folders) or not place.is_symlink():
        return False
    return os.path.normpath(real_path(place.parent) / os.readlink(place)) == str(folder)


def checked_folders(base: Path, agents: Iterable[Agent]) -> tuple[str, ...]:
    """Returns the skill folders of agents, relative to the base, each real one once.

    Raises:
        UnsafeLinkError: unsafe-agent-folder.
        LinkOccupiedError: link-occupied; a file is where a folder has to be.
    """
    found: dict[Path, str] = {}
    for agent in agents:
        found.setdefault(_checked_folder(base, agent), agent.skills)  # two may share one through a link
    return tuple(found.values())


def _checked_folder(base: Path, agent: Agent) -> Path:
    """Returns where an agent's folder really is, and refuses one outside the base."""
    folder, base_itself = real_path(base / agent.skills), real_path(base)
    if not folder.is_relative_to(base_itself):
        raise UnsafeLinkError(
            f"{agent.skills} leads out of {base}.",
            why="A project's folder must not make Tank write elsewhere.",
            fix=f"Replace the link {agent.skills} by a directory.",
        )
    for part in (folder, *folder.parents):
        if part == base_itself:
            break
        if part.is_symlink():
            raise UnsafeLinkError(
                f"{part.relative_to(base_itself)} is a link that leads in a circle.",
                why="No agent can find a skill behind it, and Tank removes no link that it did not make.",
                fix=f"Replace the link {part.relative_to(base_itself)} by a directory.",
            )
        if part.exists() and not part.is_dir():
            raise LinkOccupiedError(
                f"{part.relative_to(base_itself)} is a file, and has to be a directory.",
                why="An agent looks for its skills below it, and Tank never overwrites what it did not make.",
                fix=f"Move {part.relative_to(base_itself)} away.",
            )
    return folder


def _is_place(base: Path, path: str, folders: Collection[str]) -> bool:
    """Returns whether a path is one that Tank may link: a skill in an agent's folder, inside the base."""
    folder, _, name = path.rpartition("/")
    is_name = name.isascii() and name.replace("-", "").isalnum()
    return is_name and folder in folders and real_path(base / folder).is_relative_to(real_path(base))


def check_free(
    base: Path,
    trees: Path,
    paths: Collection[str],
    made: Mapping[str, str],
    folders: Collection[str] = _FOLDERS,
) -> None:
    """Refuses places that hold something else than what Tank made there.

    Raises:
        LinkOccupiedError: link-occupied, with every such place.
    """
    problems = tuple(
        Problem(path, "Something that Tank did not make is there.", f"Move it away: mv {path} {path}.mine")
        for path in sorted(paths)
        if os.path.lexists(base / path) and not is_ours(base, trees, path, made, folders)
    )
    if problems:
        raise LinkOccupiedError(
            f"{problems[0].where} is in the way.",
            why="Tank never overwrites files that it did not make.",
            fix=problems[0].fix,
            problems=problems,
        )


def _link_or_copy(transaction: Transaction, place: Path, target: Path) -> str:
    try:
        transaction.link(place, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        transaction.copy(place, target)
        return hash_of(read_tree(target))
    return LINK
