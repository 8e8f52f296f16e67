"""What of Tank's own work in a project is not as it should be, and putting it right.

Only what Tank made is touched: links that the state records and that still lead into
``.tank/skills``, its own folder for unfinished work, its own temporary files, and the
state itself. What the state does not know belongs to somebody else, and stays. Files
of skills are ``tank install``'s business: they are verified before they are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tank_cli import state as states
from tank_cli.develop import linked_skills
from tank_cli.journal import Journal
from tank_cli.link import LinkPlan, apply_links, checked_folders, is_ours, leads_to
from tank_cli.project import Project
from tank_cli.state import LINK, State
from tank_cli.transaction import Transaction
from tank_cli.tree import FileFact, facts_of_folder, hash_of, read_tree
from tank_core.install_plan import directory_of
from tank_core.lockfile import Lockfile

_TEMPORARY = re.compile(r"\.(?:state\.json|\.gitignore)\.[0-9a-f]{12}")
_TEMPORARY_MANIFEST = re.compile(r"\.skills\.json\.[0-9a-f]{12}")  # of `tank init` and `tank migrate`


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is not as it should be.

    Attributes:
        topic: ``links``, ``files``, ``state`` or ``staging``.
        where: a path, relative to the project or its base.
        is_mended: whether ``tank doctor --fix`` puts it right; else ``fix`` says what does.
        is_harmless: whether everything works all the same.
    """

    topic: str
    where: str
    what: str
    fix: str = "tank doctor --fix"
    is_harmless: bool = False

    @property
    def is_mended(self) -> bool:
        """Whether ``tank doctor --fix`` puts it right."""
        return self.fix == "tank doctor --fix"


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, and what puts right as much of it as Tank may.

    Attributes:
        links: links to make, to take away, and those that are right.
        state: the state as it should be, but for the links.
        strays: temporary files of processes that were killed.
    """

    ailments: tuple[Ailment, ...]
    links: LinkPlan
    state: State
    strays: tuple[Path, ...]


def examine(project: Project) -> Examination:
    """Looks at everything that Tank keeps in a project, and changes nothing.

    Raises:
        InvalidLockfileError: invalid-lockfile.
        UnsafeProjectError: unsafe-project.
        UnsafeLinkError: unsafe-agent-folder.
        InvalidConfigError: invalid-config.
    """
    lock = project.lock() or Lockfile("", {})
    wanted = {directory_of(name): skill.tree_hash for name, skill in lock.skills.items()}
    state, found = _state(project, wanted)
    links, about_links = _links(project, state, wanted)
    strays = (
        *_strays(project.root / ".tank", _TEMPORARY),
        *_strays(project.root, _TEMPORARY_MANIFEST),
    )
    found += [*about_links, *_files(project, state, wanted), *_staging(project, strays)]
    return Examination(tuple(found), links, state, strays)


def mend(project: Project, found: Examination, journal: Journal) -> None:
    """Puts right what ``examine`` found, in one transaction. Nobody else may be changing the project.

    Raises:
        OSError: something cannot be written; the project is then as it was.
    """
    for stray in found.strays:
        stray.unlink(missing_ok=True)
    with Transaction(project.root, project.base, journal) as transaction:  # which clears its own folder first
        made = apply_links(transaction, project.base, project.trees, found.links, found.state.links)
        after = replace(found.state, links=made)
        if after != State() or states.path_in(project.root).exists():
            transaction.write(states.path_in(project.root), states.state_bytes(after))


def _state(project: Project, wanted: Mapping[str, str]) -> tuple[State, list[Ailment]]:
    """Returns the state without what is no longer true, or a new one where it is damaged."""
    state, found = states.read(project.root), []
    if states.is_damaged(project.root):
        found.append(
            Ailment("state", ".tank/state.json", "It is damaged, so Tank does not know what it made.")
        )
        return _rebuilt(project, wanted), found
    if state.pending:
        found.append(Ailment("state", ".tank/state.json", "An install was killed before it ended."))
        trees = {**state.trees, **dict(_finished(project, state.pending))}
        state = replace(state, trees=dict(sorted(trees.items())), pending={})
    mine = {one.name for one in linked_skills(project)}
    for name in sorted(state.linked.keys() - mine):
        text = "It is noted as linked; no agent is led to it, or it is not your link."
        found.append(Ailment("state", str(name), text))
    state = replace(state, linked={n: noted for n, noted in state.linked.items() if n in mine})
    return state, found


def _rebuilt(project: Project, wanted: Mapping[str, str]) -> State:
    """Returns a state of what certainly is Tank's: trees that are the lock's, and links that lead to them."""
    trees = dict(_finished(project, wanted))
    places = [f"{folder}/{name}" for folder in sorted(project.agent_folders()) for name in trees]
    links = {p: LINK for p in places if leads_to(project.base / p, project.trees / p.rpartition("/")[2])}
    return State(trees, dict(sorted(links.items())))


def _finished(project: Project, expected: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, FileFact]]]:
    """Yields the files of each directory that has exactly the expected tree hash."""
    for name, tree_hash in sorted(expected.items()):
        facts = facts_of_folder(project.trees / name)
        if facts and hash_of(facts) == tree_hash:
            yield name, facts


def _links(project: Project, state: State, wanted: Mapping[str, str]) -> tuple[LinkPlan, list[Ailment]]:
    folders, found = project.agent_folders(), []
    linked = {directory_of(name) for name in state.linked}
    installed = [name for name in sorted(wanted.keys() - linked) if (project.trees / name).is_dir()]
    make: dict[str, str] = {}
    keep = set()
    for place, name in _places(project, installed):
        if leads_to(project.base / place, project.trees / name):
            keep.add(place)
        elif not os.path.lexists(project.base / place):
            make[place] = name
            found.append(Ailment("links", place, f"The link to {name} is missing."))
        elif is_ours(project.base, project.trees, place, state.links, folders):
            keep.add(place)  # a copy, where links are not possible
        else:
            text = "Something that Tank did not make is in the way of a skill."
            found.append(Ailment("links", place, text, f"mv {place} {place}.mine"))
    remove = []
    for place in sorted(state.links.keys() - make.keys() - keep):
        name = place.rpartition("/")[2]
        is_link = is_ours(project.base, project.trees, place, state.links, folders)
        if name not in wanted and is_link and not (project.trees / name).is_dir():
            remove.append(place)
            found.append(Ailment("links", place, "It leads to a skill that is not there any more."))
        elif is_link:
            keep.add(place)
    return LinkPlan(dict(sorted(make.items())), tuple(remove), tuple(sorted(keep))), found


def _places(project: Project, names: list[str]) -> Iterator[tuple[str, str]]:
    for folder in checked_folders(project.base, project.agents()):
        yield from ((f"{folder}/{name}", name) for name in names)


def _files(project: Project, state: State, wanted: Mapping[str, str]) -> Iterator[Ailment]:
    for name, tree in sorted(wanted.items()):
        where, place = f".tank/skills/{name}", project.trees / name
        if not place.is_dir():
            yield Ailment("files", where, "It is locked and not installed.", "tank install")
        elif place.is_symlink():
            yield Ailment(
                "files", where, "It is a link, and no folder of Tank's.", f"rm {where}; tank install"
            )
        elif (present := hash_of(read_tree(place))) == tree:
            continue
        elif state.is_ours(name, present):
            yield Ailment("files", where, "It is installed in another version than locked.", "tank install")
        else:
            fix = "tank verify, which names each; tank install --overwrite restores them"
            yield Ailment("files", where, "Its files were changed after they were installed.", fix)


def _staging(project: Project, strays: tuple[Path, ...]) -> Iterator[Ailment]:
    if (project.root / ".tank" / "tmp").is_dir():
        yield Ailment("staging", ".tank/tmp", "A process that was killed left it.", is_harmless=True)
    for stray in strays:
        where = stray.relative_to(project.root).as_posix()
        yield Ailment("staging", where, "A process that was killed left it.", is_harmless=True)


def _strays(folder: Path, temporary: re.Pattern[str]) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            found = [item for item in listing if temporary.fullmatch(item.name)]
    except OSError:
        return
    yield from (folder / item.name for item in found if item.is_file(follow_symlinks=False))
