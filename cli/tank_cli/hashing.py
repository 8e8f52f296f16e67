"""``tank verify --files`` where nothing differs: reads every byte, and imports next to nothing for it.

What costs most of that command is to load what reads configuration, lock and agents, not
to hash. So once all of that was read and found well-formed, it is noted, by the digest of
what was read: each skill's directory and tree hash as the lock has them, and where agents
look. As long as those bytes are the same, what is to be compared is known; then

1. nothing that a killed ``tank`` left is to be undone, and no skill is linked by a person;
2. in every place where an agent looks, a skill's name leads to what is installed, or is not there;
3. every installed file is hashed, and the directories and their tree hashes are the lock's.

Nothing is remembered of the files themselves, nor of links. Whatever differs, and whatever
is unusual, is for the whole command to say: here it is no answer.
"""

from __future__ import annotations

import os

from tank_cli import places, sealed_note
from tank_cli.sealed_note import LOCK, STATE, TREES, DoubtError

TYPE_CHECKING = False  # as typing's, which takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tank_cli.project import Project

_KIND = "files"


def answer(environment: Mapping[str, str], directory: str, *, as_json: bool) -> str | None:
    """Returns what ``tank verify --files`` says when no file differs; None where the whole command must say it.

    Args:
        environment: variable → value.
        directory: where ``tank`` was started.
        as_json: whether one JSON document is asked for.
    """
    try:
        root = sealed_note.project_of(os.path.realpath(directory))
        folders, trees = sealed_note.opened(
            _KIND, root, environment, lambda _: _facts(root, environment, places.directories(environment)[0])
        )
        hashes = dict(line.split(" ") for line in trees.split("\n") if line)
        _check_surroundings(root, environment)  # 1
        _check_links(root, folders.split("\n"), hashes)  # 2
        files = _hashed(root, hashes)  # 3
    except (OSError, ValueError, DoubtError):
        return None
    return _said(files, len(hashes), as_json=as_json)


def remember(project: Project, environment: Mapping[str, str]) -> None:
    """Notes what a project's lock and this user's configuration say, which both were read without complaint.

    Nothing is noted where the environment alone, without the command's options, is refused.
    """
    from tank_cli import config as configuration
    from tank_core.errors import TankError

    config, root = project.config, str(project.root)
    if config is None or project.is_global:
        return
    try:
        before = _facts(root, environment, str(config.config_dir))
        parts = _parts(project)
        configuration.load(environment)  # with no option in the way of what it would refuse
        if parts and _facts(root, environment, str(config.config_dir)) == before:
            sealed_note.write(_KIND, root, environment, parts, before)
    except (OSError, DoubtError, TankError):  # it changed meanwhile
        return


def _facts(root: str, environment: Mapping[str, str], config: str) -> str:
    """Returns a digest over all that decides what is to be compared. ``config``: the directory."""
    paths = (os.path.join(config, name) for name in ("config.json", "agents.json"))
    return sealed_note.facts_of(root, environment, (LOCK,), paths)


def _parts(project: Project) -> list[str]:
    """Returns the parts of the note; none where two skills would be in one directory."""
    from tank_core.install_plan import directory_of

    skills = project.require_lock().skills
    trees = {directory_of(name): skill.tree_hash for name, skill in skills.items()}
    if len(trees) != len(skills):
        return []
    lines = (f"{directory} {tree_hash}" for directory, tree_hash in sorted(trees.items()))
    return ["\n".join(sorted(project.agent_folders())), "\n".join(lines)]


def _check_surroundings(root: str, environment: Mapping[str, str]) -> None:
    sealed_note.refuse_links(root)
    if b'"linked"' in sealed_note.read(os.path.join(root, STATE)):
        raise DoubtError
    journal = places.journal_of(places.directories(environment)[2], root)
    if os.path.lexists(journal) or os.path.lexists(f"{journal}.undone"):
        raise DoubtError


def _check_links(root: str, folders: Iterable[str], directories: Iterable[str]) -> None:
    """Doubts an agent's folder that is reached through a link, and a skill's name in it that leads elsewhere."""
    names = list(directories)
    for folder in folders:
        parts = folder.split("/")
        if not all(map(_is_directory, _ways(root, parts))):
            continue
        trees = os.path.join(*[os.pardir] * len(parts), *TREES.split("/"))
        for name in names:
            try:
                target = os.readlink(os.path.join(root, *parts, name))
            except FileNotFoundError:
                continue
            if target != os.path.join(trees, name):
                raise DoubtError


def _ways(root: str, parts: list[str]) -> Iterator[str]:
    for count in range(1, len(parts) + 1):
        yield os.path.join(root, *parts[:count])


def _is_directory(path: str) -> bool:
    """Returns whether there is a directory. Raises DoubtError for anything else that is there."""
    import stat

    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(mode):
        raise DoubtError
    return True


def _hashed(root: str, hashes: Mapping[str, str]) -> int:
    """Returns how many files there are. Raises DoubtError where one differs."""
    import hmac

    from tank_cli.hashed_files import hashed_files
    from tank_core.tree_records import tree_hash_of

    count = 0
    with os.scandir(os.path.join(root, TREES)) as listing:
        items = list(listing)
    if {item.name for item in items} != hashes.keys():
        raise DoubtError
    for item in items:
        if not item.is_dir(follow_symlinks=False):
            raise DoubtError
        facts = list(hashed_files(item.path))
        count += len(facts)
        if not hmac.compare_digest(tree_hash_of(facts), hashes[item.name]):
            raise DoubtError
    return count


def _said(files: int, skills: int, *, as_json: bool) -> str:
    if as_json:  # as the command's document
        return f'{{\n  "differences": [],\n  "files": {files},\n  "linked": [],\n  "skills": {skills}\n}}\n'
    return f"{files} files of {skills} skill{'s' * (skills != 1)} are exactly as locked.\n"
