"""Skills that are developed in place: a link from the agents' folders to a local folder.

Nothing of a linked skill comes from the registry: it is not locked, not scanned and
not signed. The state file remembers it, ``skills.lock`` never does; ``tank ci`` refuses
a project that has one. What it declares is held against the project's budget when it is
linked and at every install, as for any other skill.

Installing makes no such link and takes none away. The state comes with the project's
folder, and may be anybody's: a note counts only with the seal of this user, made with a
key that lies in their configuration. Any other link in an agent's folder is somebody
else's, and in the way of a skill as before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli import state as states
from tank_cli.cache import Cache
from tank_cli.journal import Journal
from tank_cli.link import LinkOccupiedError, check_free, checked_folders, is_linked_place
from tank_cli.project import Project
from tank_cli.state import LINK, LinkedFolder, State
from tank_cli.transaction import Transaction
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.install_plan import directory_of
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet

if TYPE_CHECKING:
    from tank_core.manifest import SkillManifest


class LinkedSkillError(TankError):
    """The project has linked skills, which do not come from the registry."""

    code = "linked-skill"
    exit_code = ExitCode.POLICY


class NotLinkedError(TankError):
    """A skill that shall be unlinked is not linked."""

    code = "not-linked"
    exit_code = ExitCode.NOT_FOUND


class LinksNotPossibleError(TankError):
    """This system, or this file system, lets no links be made."""

    code = "links-not-possible"


@dataclass(frozen=True, slots=True)
class Linked:
    """One linked skill. ``manifest`` is None while the folder is no skill."""

    name: SkillName
    path: Path
    manifest: SkillManifest | None

    @property
    def line(self) -> str:
        """What it is, in one line."""
        version = self.manifest.version if self.manifest else "no skill any more"
        return f"{self.name} {version} is a link to {self.path}; it is not from the registry."

    def to_json(self) -> dict[str, object]:
        """Returns it as a JSON object."""
        version = str(self.manifest.version) if self.manifest else None
        return {"name": str(self.name), "version": version, "path": str(self.path)}


def linked_skills(project: Project) -> tuple[Linked, ...]:
    """Returns the linked skills of a project, sorted by name: those that an agent is really led to.

    Raises:
        InvalidManifestError: invalid-manifest; one declares what cannot be read.
    """
    return tuple(
        Linked(name, path, _manifest(path))
        for name, path in linked_folders(project).items()
        if any(_places_of(project, {name: path}))
    )


def linked_folders(project: Project) -> dict[SkillName, Path]:
    """Returns the folders that this user linked, by the skill's name, sorted; led to or not."""
    if project.config is None or not states.may_have_linked(project.root):
        return {}
    noted = states.read(project.root).linked
    cache = Cache(project.config.cache_dir, project.config.cache_seal)
    return {
        name: folder.path
        for name, folder in sorted(noted.items())
        if cache.is_sealed(_facts(name, folder.path), folder.seal)
    }


def capabilities(linked: tuple[Linked, ...]) -> dict[SkillName, PermissionSet]:
    """Returns what linked skills declare, by name; nothing of one whose folder is gone."""
    return {one.name: one.manifest.capabilities for one in linked if one.manifest}


def refuse(linked: tuple[Linked, ...]) -> None:
    """Refuses a project with linked skills, for commands that vouch for all of it.

    Raises:
        LinkedSkillError: linked-skill.
    """
    if linked:
        raise LinkedSkillError(
            f"{linked[0].name} is linked to {linked[0].path}.",
            why="A linked skill is not in the lock: nobody scanned, attested or signed what is there.",
            fix=f"tank unlink {' '.join(str(one.name) for one in linked)}",
            problems=tuple(Problem(str(one.name), one.line, f"tank unlink {one.name}") for one in linked),
        )


def link(project: Project, manifest: SkillManifest, folder: Path, journal: Journal) -> tuple[str, ...]:
    """Leads the agents to a skill's folder; returns the places, relative to the base, sorted.

    1. Every place is free, or holds what Tank made there.
    2. The links, in one transaction with the state.

    Args:
        project: the project, which nobody else changes meanwhile.
        manifest: of the skill; its capabilities fit the budget.
        folder: the skill's folder.
        journal: of the project.

    Raises:
        LinkOccupiedError: link-occupied.
        UnsafeLinkError: unsafe-agent-folder.
        LinksNotPossibleError: links-not-possible.
    """
    name, folder = manifest.name, folder.resolve()
    before = states.read(project.root)
    _check_name(project, name)
    earlier = linked_folders(project).get(name)
    directory = directory_of(name)
    places = [f"{place}/{directory}" for place in checked_folders(project.base, project.agents())]
    folders = project.agent_folders()
    foreign = [place for place in places if not is_linked_place(project.base, place, earlier, folders)]
    check_free(project.base, project.trees, foreign, before.links, folders)  # 1
    state = replace(
        before,
        links={path: kind for path, kind in before.links.items() if path not in places},
        linked=dict(sorted({**before.linked, name: _noted(project, name, folder)}.items())),
    )
    with Transaction(project.root, project.base, journal) as transaction:  # 2
        for place in places:
            transaction.take_away(project.base / place)
            try:
                transaction.link(project.base / place, folder)
            except OSError as error:
                raise _no_links(place, error) from error
        _write(project, state, transaction)
    return tuple(sorted(places))


def unlink(project: Project, names: tuple[SkillName, ...], journal: Journal) -> tuple[str, ...]:
    """Takes links away; returns the places, relative to the base, sorted. The folders themselves stay.

    Raises:
        NotLinkedError: not-linked.
    """
    before, mine = states.read(project.root), linked_folders(project)
    unknown = [name for name in names if name not in mine]
    if unknown:
        raise _not_linked(str(unknown[0]))
    gone = {name: mine[name] for name in names}
    places = tuple(sorted(_places_of(project, gone)))
    links = dict(before.links)
    with Transaction(project.root, project.base, journal) as transaction:
        for place in places:
            transaction.take_away(project.base / place)
            tree = project.trees / place.rpartition("/")[2]
            if tree.name in before.trees and tree.is_dir():  # what is installed is seen again
                transaction.link(project.base / place, tree)
                links[place] = LINK
        left = {name: noted for name, noted in before.linked.items() if name not in gone}
        _write(project, replace(before, links=dict(sorted(links.items())), linked=left), transaction)
    return places


def named(project: Project, asked: str, cwd: Path) -> SkillName:
    """Returns the linked skill that a person means by its name, the last part of that, or its folder.

    Raises:
        InvalidNameError: invalid-name; it is neither, and no folder.
        NotLinkedError: not-linked; it is a folder that nothing leads to.
    """
    folder = (cwd / asked).resolve()
    for name, path in linked_folders(project).items():
        if path == folder or name.name == asked:
            return name
    if not asked.startswith("@") and folder.is_dir():
        raise _not_linked(str(folder))
    return SkillName.parse(asked)


def _not_linked(what: str) -> NotLinkedError:
    return NotLinkedError(
        f"{what} is not linked.", why="`tank link` did not make it in this project.", fix="tank list"
    )


def _facts(name: SkillName, folder: Path) -> tuple[str, ...]:
    return ("linked", str(name), str(folder))


def _noted(project: Project, name: SkillName, folder: Path) -> LinkedFolder:
    config = project.config
    seal = Cache(config.cache_dir, config.cache_seal).seal_of(_facts(name, folder)) if config else ""
    if not seal:
        raise LinksNotPossibleError(
            f"Nobody could tell later that you linked {name}.",
            why="The key that shows it is kept in Tank's configuration, which cannot be written.",
            fix="Give yourself the right to write there, or set TANK_HOME.",
        )
    return LinkedFolder(folder, seal)


def _check_name(project: Project, name: SkillName) -> None:
    lock = project.lock()
    others = [n for n in (lock.skills if lock else ()) if directory_of(n) == directory_of(name) and n != name]
    if others:
        raise LinkOccupiedError(
            f"{others[0]} is in the way of {name}.",
            why="Agents find a skill by the last part of its name, which both share.",
            fix=f"tank remove {others[0]}",
        )


def _manifest(path: Path) -> SkillManifest | None:
    from tank_cli.pack import NotASkillError, manifest_bytes
    from tank_core.manifest import parse_skill_manifest

    try:
        return parse_skill_manifest(manifest_bytes(path))
    except (NotASkillError, OSError):
        return None


def _places_of(project: Project, linked: Mapping[SkillName, Path]) -> Iterator[str]:
    """Yields every place of an agent that leads to where it was linked to."""
    folders = project.agent_folders()
    for folder in sorted(folders):
        for name, path in linked.items():
            place = f"{folder}/{directory_of(name)}"
            if is_linked_place(project.base, place, path, folders):
                yield place


def _write(project: Project, state: State, transaction: Transaction) -> None:
    ignore = project.root / ".tank" / ".gitignore"
    if not ignore.exists():
        transaction.write(ignore, b"*\n")
    transaction.write(states.path_in(project.root), states.state_bytes(state))


def _no_links(place: str, error: OSError) -> LinksNotPossibleError:
    return LinksNotPossibleError(
        f"{place} cannot be a link: {error.strerror or error}.",
        why="A skill is developed in place through a link; a copy would not change with it.",
        fix="On Windows, switch on developer mode; elsewhere use a file system with links."
        if os.name == "nt"
        else "Use a file system with links.",
    )
