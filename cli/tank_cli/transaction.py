"""Changing a project's files so that it ends changed, or exactly as it was.

Every step is noted in a journal before it is taken, and undone in reverse when a later
one fails, whether by an error, by Ctrl-C, or by the end of the process: the next command
then finds the journal. New trees are written completely before the first rename.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tank_cli import atomic, places
from tank_cli.config import Config
from tank_cli.file_lock import holding_folder, try_lock
from tank_cli.journal import Journal, Scope, Step, copy_in_place_of, remove
from tank_cli.project_files import read_file, refuse_links
from tank_core.errors import TankError


class ProjectBusyError(TankError):
    """Another ``tank`` is changing the same project."""

    code = "project-busy"


class NotUndoneError(TankError):
    """A change broke off, and the machine refused to put something of it back; the next command tries again."""

    code = "not-undone"


class Transaction:
    """The steps of one change; use it as a context manager.

    Args:
        root: the project's directory.
        base: holds the agents' folders; the same, or the home directory.
        journal: one that nobody else uses meanwhile.
    """

    def __init__(self, root: Path, base: Path, journal: Journal) -> None:
        self._root = root
        self._base = base
        self._own = root / ".tank"
        self._trees = self._own / "skills"
        self._journal = journal
        self._staging = self._own / "tmp" / os.urandom(8).hex()
        self._new = self._staging / "new"
        self._with_parents: set[Path] = set()  # directories that are there, seen in this change

    def __enter__(self) -> Transaction:
        refuse_links(self._root)
        shutil.rmtree(self._staging.parent, ignore_errors=True)  # left by a process that was killed
        self._journal.begin(Scope(self._staging, (self._root, self._base)))
        with self._undoing():
            self._make_parents(self._staging)
            self._staging.mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            _undo(self._journal, self._root)
            return
        with self._undoing():
            self._journal.complete()
        shutil.rmtree(self._staging.parent, ignore_errors=True)

    def stage(self, name: str, write: Callable[[Path], None]) -> None:
        """Has a tree written beside the project's, where nobody reads it yet. ``write`` makes the directory."""
        write(self._new / name)

    def put(self, name: str) -> None:
        """Moves a staged tree to ``.tank/skills/<name>``, and what was there out of the way."""
        self.take_away(self._tree(name))
        self._move(self._new / name, self._tree(name))

    def drop_tree(self, name: str) -> None:
        """Moves ``.tank/skills/<name>`` out of the way."""
        self.take_away(self._tree(name))

    def take_away(self, path: Path) -> None:
        """Moves a file, link or tree out of the way; nothing happens when it is not there."""
        if not os.path.lexists(path):
            return
        aside = self._aside()
        try:
            self._move(path, aside)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy_away(path, aside)

    def link(self, path: Path, target: Path) -> None:
        """Makes a relative link to a directory. Raises OSError where the system does not allow one."""
        self._make_parents(path)
        self._journal.note(Step.LINKED, path)
        os.symlink(os.path.relpath(target, path.parent), path, target_is_directory=True)

    def copy(self, path: Path, source: Path) -> None:
        """Copies a tree, for systems that do not allow links."""
        self._make_parents(path)
        self._journal.note(Step.COPIED, path)
        shutil.copytree(source, path)

    def write(self, path: Path, data: bytes) -> None:
        """Replaces a file's content; who may read and write it stays as it is."""
        before = self._copied_aside(path) if path.exists() else None
        after = self._aside()
        atomic.write(after, data)
        if before is not None:
            shutil.copymode(before, after)
        self._make_parents(path)
        self._journal.note(Step.WROTE, path, before or "")
        after.replace(path)

    @contextlib.contextmanager
    def _undoing(self) -> Iterator[None]:
        """Undoes the change where its first or its last moment fails."""
        try:
            yield
        except BaseException:
            _undo(self._journal, self._root)
            raise

    def _copied_aside(self, path: Path) -> Path:
        before = self._aside()
        before.parent.mkdir(parents=True, exist_ok=True)
        before.write_bytes(read_file(path))
        shutil.copystat(path, before)
        return before

    def _aside(self) -> Path:
        """Returns a place for what is to be kept until the change is complete."""
        return self._staging / "old" / os.urandom(8).hex()

    def _copy_away(self, path: Path, aside: Path) -> None:
        """Moves what no rename can: it is on another file system, or in a lower layer of a container's."""
        copy_in_place_of(aside, path)
        self._journal.note(Step.EMPTIED, path, aside)  # only now: what is put back must be whole
        remove(path)
        self._with_parents.discard(path)

    def _tree(self, name: str) -> Path:
        return self._trees / name

    def _move(self, source: Path, target: Path) -> None:
        self._make_parents(target)
        self._journal.note(Step.MOVED, source, target)
        source.rename(target)
        self._with_parents.discard(source)

    def _make_parents(self, path: Path) -> None:
        if path.parent in self._with_parents:
            return
        missing = [parent for parent in path.parents if not parent.exists()]
        for parent in reversed(missing):
            self._journal.note(Step.MADE, parent)
            parent.mkdir(exist_ok=True)
        self._with_parents.add(path.parent)


@contextlib.contextmanager
def exclusive(root: Path, config: Config) -> Iterator[Journal]:
    """Keeps every other ``tank`` from changing the project meanwhile.

    Two with one home meet at a lock beside their journals, two with different homes at the project's
    folder itself, as far as its file system has locks. What a killed one left half-done is undone first.

    Args:
        root: the project.
        config: says where lock files and journals are, outside of the project.

    Raises:
        ProjectBusyError: project-busy; another one is at work.
        NotUndoneError: not-undone; what was left half-done cannot be undone yet.
    """
    place, journal = _lock_path(root, config), _journal(root, config)
    atomic.make_folder(place.parent)
    with place.open("ab") as handle, holding_folder(root) as is_ours:
        if not is_ours or not try_lock(handle):
            raise ProjectBusyError(
                f"Another tank is changing {root}.",
                why="Two at once would overwrite each other's files.",
                fix="Wait for it to end, then run the command again.",
            )
        _undo(journal, root)
        yield journal


def undo_left(root: Path, config: Config) -> None:
    """Undoes what a killed ``tank`` left half-done; for who reads a project and does not change it.

    Nothing happens while another one is at work, where nothing was left, or where it cannot be undone yet.
    """
    if _journal(root, config).is_left:
        with contextlib.suppress(ProjectBusyError, NotUndoneError, OSError), exclusive(root, config):
            pass


def _undo(journal: Journal, root: Path) -> None:
    """Undoes what a journal lists.

    Raises:
        NotUndoneError: not-undone.
    """
    try:
        journal.undo()
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise NotUndoneError(
            f"A change of {root} broke off, and the system refuses to put back{where}: {error.strerror or error}.",
            why="Some of its files are as before and some are not; what is needed to put them back is kept.",
            fix="Make the project's folder writable again, or make room there; then this puts back the rest: tank list",
        ) from error


def _journal(root: Path, config: Config) -> Journal:
    return Journal(Path(places.journal_of(str(config.data_dir), str(root.resolve()))))


def _lock_path(root: Path, config: Config) -> Path:
    # Beside the journals, which it guards: two that differ in their cache alone would undo each other's change.
    return config.data_dir / "busy" / places.project_key(str(root.resolve()))
