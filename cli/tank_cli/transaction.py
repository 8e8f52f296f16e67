"""Changing a project's files so that it ends changed, or exactly as it was.

Every step is undone in reverse when a later one fails, whether by an error or by
Ctrl-C. New trees are written completely before the first rename. After a crash
that leaves no time to undo, the lock still names the old versions, and the next
install puts the directories right again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tank_cli import atomic
from tank_cli.file_lock import try_lock
from tank_cli.project_files import read_file, refuse_links
from tank_core.errors import TankError


class ProjectBusyError(TankError):
    """Another ``tank`` is changing the same project."""

    code = "project-busy"


class Transaction:
    """The steps of one change; use it as a context manager.

    Args:
        root: the project's directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own = root / ".tank"
        self._made_own = False
        self._staging = self._own / "tmp" / secrets.token_hex(8)
        self._undo: list[Callable[[], object]] = []
        self._with_parents: set[Path] = set()  # directories that are there, seen in this change

    def __enter__(self) -> Transaction:
        refuse_links(self._root)
        shutil.rmtree(self._staging.parent, ignore_errors=True)  # left by a process that was killed
        self._made_own = not self._own.exists()
        self._staging.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for step in reversed(self._undo):
                with contextlib.suppress(OSError):  # one step that cannot be undone must not keep the others
                    step()
        shutil.rmtree(self._staging.parent, ignore_errors=True)
        if kind is not None and self._made_own:
            with contextlib.suppress(OSError):
                self._own.rmdir()

    def stage(self, name: str, write: Callable[[Path], None]) -> None:
        """Has a tree written beside the project's, where nobody reads it yet. ``write`` makes the directory."""
        write(self._staging / "new" / name)

    def put(self, name: str) -> None:
        """Moves a staged tree to ``.tank/skills/<name>``, and what was there out of the way."""
        self.take_away(self._tree(name))
        self._move(self._staging / "new" / name, self._tree(name))

    def drop_tree(self, name: str) -> None:
        """Moves ``.tank/skills/<name>`` out of the way."""
        self.take_away(self._tree(name))

    def take_away(self, path: Path) -> None:
        """Moves a file, link or tree out of the way; nothing happens when it is not there."""
        if os.path.lexists(path):
            self._move(path, self._staging / "old" / secrets.token_hex(8))

    def link(self, path: Path, target: Path) -> None:
        """Makes a relative link to a directory. Raises OSError where the system does not allow one."""
        self._make_parents(path)
        os.symlink(os.path.relpath(target, path.parent), path, target_is_directory=True)
        self._undo.append(path.unlink)

    def copy(self, path: Path, source: Path) -> None:
        """Copies a tree, for systems that do not allow links."""
        self._make_parents(path)
        self._undo.append(lambda: shutil.rmtree(path))
        shutil.copytree(source, path)

    def write(self, path: Path, data: bytes) -> None:
        """Replaces a file's content."""
        before = read_file(path) if path.exists() else None
        self._make_parents(path)
        self._undo.append(path.unlink if before is None else lambda: atomic.write(path, before))
        atomic.write(path, data)

    def _tree(self, name: str) -> Path:
        return self._root / ".tank" / "skills" / name

    def _move(self, source: Path, target: Path) -> None:
        self._make_parents(target)
        source.rename(target)
        self._with_parents.discard(source)
        self._undo.append(lambda: target.rename(source))

    def _make_parents(self, path: Path) -> None:
        if path.parent in self._with_parents:
            return
        missing = [parent for parent in path.parents if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir(exist_ok=True)
            self._undo.append(parent.rmdir)
        self._with_parents.add(path.parent)


@contextlib.contextmanager
def exclusive(root: Path, locks: Path) -> Iterator[None]:
    """Keeps every other ``tank`` of this person from changing the project meanwhile.

    Args:
        root: the project.
        locks: a directory for lock files, outside of the project, which stays untouched.

    Raises:
        ProjectBusyError: project-busy; another one is at work.
    """
    locks.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()
    with (locks / name).open("ab") as handle:
        if not try_lock(handle.fileno()):
            raise ProjectBusyError(
                f"Another tank is changing {root}.",
                why="Two at once would overwrite each other's files.",
                fix="Wait for it to end, then run the command again.",
            )
        yield
