"""What a change of a project has done so far, so that the change of a killed process can be undone.

Each step is noted before it is taken, and says how it is undone whether it was taken or
not. The journal is removed when the change is complete: that is the one moment at which
it becomes true. Whoever comes next and finds a journal undoes what it lists, from the
last step to the first, and the project is as it was.

A journal is this user's own file and lies outside of the project, because a checkout
that brought one along could have anything undone. Even so, nothing outside of the
places that it was made for is touched, wherever links lead by now; and nothing at all
where the change's own room is gone: the project was removed since, and what is there
now is another one. Power cuts are not what it is for: nothing waits for the disk.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tank_cli import atomic
from tank_cli.project_files import real_path

# Of a step that cannot be undone because something else is at its place by now, or nothing: it never can be.
_OVERTAKEN = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP, errno.EXDEV}
)


class Step(StrEnum):
    """What can be undone."""

    MOVED = "moved"  # from, to
    WROTE = "wrote"  # the file, a copy of what it was; or "" where there was none
    LINKED = "linked"  # the link
    COPIED = "copied"  # the tree
    EMPTIED = "emptied"  # what is about to be removed, a whole copy of it
    MADE = "made"  # the directory


@dataclass(frozen=True, slots=True)
class Scope:
    """What a journal is about.

    Attributes:
        staging: a directory of the change's own, whose name nobody can guess; removed in the end.
        places: directories outside of which nothing is undone; the first one holds ``staging``.
    """

    staging: Path
    places: tuple[Path, ...]

    def holds(self, path: Path) -> bool:
        """Returns whether a path is in one of the places, as it is written and where links lead."""
        return ".." not in path.parts and any(
            path.is_relative_to(place) and real_path(path.parent).is_relative_to(real_path(place))
            for place in self.places
            if path != place
        )

    @property
    def is_here(self) -> bool:
        """Whether the project is the one that was changed: the room is there, and no link led to it."""
        place = self.places[0]
        if not self.holds(self.staging) or not self.staging.is_relative_to(place):
            return False
        expected = real_path(place) / self.staging.relative_to(place)
        return real_path(self.staging) == expected and self.staging.is_dir()


class Journal:
    """The journal of one change at a time.

    Args:
        path: the file; made with the first step.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def begin(self, scope: Scope) -> None:
        """Begins a change. What another one left must have been undone."""
        atomic.make_folder(self.path.parent)
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._write([str(scope.staging), *map(str, scope.places)])

    def note(self, step: Step, *paths: Path | str) -> None:
        """Notes a step that is about to be taken."""
        self._write([step, *map(str, paths)])

    def complete(self) -> None:
        """Makes the change true: nothing undoes it from now on."""
        self._close()
        self.path.unlink()

    def undo(self) -> None:
        """Undoes whatever the journal lists; nothing when there is none. May be broken off and repeated.

        1. Undo the steps. What was put aside is still there, so doing it twice does no harm. One that the
           system refuses must not keep the others, and the journal stays for whoever comes next.
        2. Say that it is done, by the journal's name: a full disk allows that as well.
        3. Remove what was put aside, the directories that were made, and the journal.

        Raises:
            OSError: the system refused; nothing of the journal is lost.
        """
        self._close()
        if not self._undone.exists():
            try:
                scope, steps = _read(self.path.read_bytes())
            except FileNotFoundError:
                return
            if scope is not None and scope.is_here:
                _undo_all(steps, scope)  # 1
            self.path.replace(self._undone)  # 2
        scope, steps = _read(self._undone.read_bytes())
        if scope is not None and scope.is_here:  # 3
            shutil.rmtree(scope.staging, ignore_errors=True)
            with contextlib.suppress(OSError):
                scope.staging.parent.rmdir()
        _remove_made(steps, scope)
        self._undone.unlink(missing_ok=True)

    @property
    def is_left(self) -> bool:
        """Whether there is something to undo."""
        return self.path.exists() or self._undone.exists()

    @property
    def _undone(self) -> Path:
        return self.path.with_suffix(".undone")

    def _write(self, words: Iterable[str]) -> None:
        if self._descriptor is None:
            raise AssertionError("a step belongs to a change that has begun")
        line = memoryview(json.dumps(list(words)).encode() + b"\n")
        with atomic.naming(self.path):
            while line:  # a disk that is nearly full takes a part
                line = line[os.write(self._descriptor, line) :]

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _read(text: bytes) -> tuple[Scope | None, list[list[str]]]:
    """Returns what a journal says; of a line that was not finished the step was not taken."""
    try:
        words = [[str(word) for word in json.loads(line)] for line in text.split(b"\n")[:-1]]
        (staging, *places), *steps = words
    except (ValueError, TypeError):
        return None, []
    if not all(steps) or not places:
        return None, []
    return Scope(Path(staging), tuple(map(Path, places))), steps


def _undo_all(steps: list[list[str]], scope: Scope) -> None:
    """Undoes steps, the last one first; raises the first refusal when all were tried."""
    refused: list[OSError] = []
    for words in reversed(steps):
        try:
            _undo(words, scope)
        except OSError as error:
            if error.errno not in _OVERTAKEN:
                refused.append(error)
    if refused:
        raise refused[0]


def _undo(words: list[str], scope: Scope) -> None:
    step, *texts = words
    paths = [Path(text) for text in texts if text]
    if not all(scope.holds(path) for path in paths):
        return
    match step, paths:
        case Step.MOVED, [source, target]:
            if os.path.lexists(target) and not os.path.lexists(source):
                target.rename(source)
        case Step.WROTE, [path, before]:
            before.replace(path)
        case Step.WROTE, [path]:
            path.unlink(missing_ok=True)
        case Step.LINKED, [path]:
            if path.is_symlink():
                path.unlink()
        case Step.EMPTIED, [path, whole]:
            copy_in_place_of(path, whole)
        case Step.COPIED, [path]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)


def copy_in_place_of(path: Path, whole: Path) -> None:
    """Copies a link, a file or a tree in the place of what is left of it; the copy that it comes from stays."""
    if not os.path.lexists(whole):
        return
    remove(path)
    if whole.is_dir() and not whole.is_symlink():
        shutil.copytree(whole, path, symlinks=True)
    else:
        shutil.copy2(whole, path, follow_symlinks=False)


def remove(path: Path) -> None:
    """Removes a link, a file or a tree; nothing happens when it is not there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_made(steps: list[list[str]], scope: Scope | None) -> None:
    """Removes directories that were made and are empty now, after everything that was in them."""
    for step, *texts in reversed(steps):
        if step != Step.MADE or scope is None:
            continue
        path = Path(texts[0])
        if scope.holds(path) or path in scope.places:
            with contextlib.suppress(OSError):
                path.rmdir()
