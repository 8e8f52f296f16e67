"""Unpacked packages, shared by all projects: each file is there once, and projects link to it.

An entry is a directory whose name is the tree hash of what it holds. It is written
beside its place and renamed into it, so that a process that is killed, or two that
write the same, leave whole entries only. Every byte is hashed before an entry is used
that this process did not write: a damaged one is as good as absent, and is taken away.

A cache may come from elsewhere, as one that a build restores does. A store or an entry
that is a link, or another user's, is as good as absent too: what is hashed there could be
exchanged before it is used.

How a file gets into a project, the first that works (``TANK_LINK_MODE`` chooses one):

- ``reflink``: a copy that shares its blocks until one of the two is written to.
- ``hardlink``: the same file, read-only, so that an edit in place in one project is refused
  instead of reaching the others. The superuser is refused nothing, and gets copies.
- ``copy``: no entry is kept; what is unpacked is written into the project.

Source: ioctl_ficlone(2); link(2).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli import atomic
from tank_cli.extract import extract
from tank_cli.tree import FileFact, hash_of, read_tree

if TYPE_CHECKING:
    from tank_core.archive import ArchiveEntry

AUTO, REFLINK, HARDLINK, COPY = "auto", "reflink", "hardlink", "copy"
MODES = (AUTO, REFLINK, HARDLINK, COPY)
_FICLONE = 0x40049409
_Way = Callable[[str, str, bool], None]  # source, target, whether it may be run
_UNFINISHED = re.compile(r"\.[0-9a-f]{16}")  # as ``_temporary`` names what is not renamed yet
_WRITABLE_OR_SPECIAL = 0o7222
_STALE_SECONDS = 24 * 60 * 60  # what a process left that is certainly no more
_NOT_HERE = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL}
)


class TreeStore:
    """The entries below one directory.

    Args:
        root: the directory; made when something is written.
        mode: how files get into projects, one of ``MODES``.
    """

    def __init__(self, root: Path, mode: str = AUTO) -> None:
        self._root = root
        self._ways = _ways(mode)
        self._left = self._ways  # those that did not fail yet

    @property
    def keeps(self) -> bool:
        """Whether entries are kept at all."""
        return bool(self._ways)

    def facts(self, tree_hash: str) -> Mapping[str, FileFact] | None:
        """Returns the files of an entry, every byte hashed; None when it is not there, or damaged."""
        if not self._ways:
            return None
        entry = self._entry(tree_hash)
        try:
            if not _is_own(self._root) or not _is_own(entry):
                return None
            facts = read_tree(entry)
        except OSError:
            return None
        if hash_of(facts) == tree_hash:
            return facts
        self._take_away(entry)
        return None

    def add(self, tree_hash: str, entries: tuple[ArchiveEntry, ...]) -> bool:
        """Keeps files whose tree hash the caller has just checked; returns whether an entry holds exactly these.

        What is there already is hashed: a cache that came from elsewhere may hold anything under a name.
        Where nothing can be written, nothing is kept.
        """
        if not self._ways or self.facts(tree_hash) is not None:
            return bool(self._ways)
        try:
            new = self._temporary()
        except OSError:
            return False
        if new is None:
            return False
        try:
            extract(entries, new, writable=_hardlink not in self._ways)
            return _is_renamed(new, self._entry(tree_hash)) or self.facts(tree_hash) is not None
        except OSError:
            return False
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def place(self, tree_hash: str, facts: Mapping[str, FileFact], target: Path) -> None:
        """Makes a directory that must not exist yet, and puts an entry's files into it.

        Args:
            tree_hash: the entry.
            facts: its files, as ``facts`` returned them.
            target: the directory to make.
        """
        source, to = f"{self._entry(tree_hash)}{os.sep}", f"{target}{os.sep}"
        target.mkdir(parents=True)
        for folder in _folders(facts):
            os.mkdir(to + folder)
        for path, fact in facts.items():
            self._put(source + path, to + path, fact.executable)

    def _put(self, source: str, target: str, executable: bool) -> None:
        """Puts one file; a way that this file system does not have is not tried again."""
        while self._left:
            try:
                return self._left[0](source, target, executable)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
            self._left = self._left[1:]
            with contextlib.suppress(FileNotFoundError):
                os.unlink(target)
        _copy(source, target, executable)

    def _entry(self, tree_hash: str) -> Path:
        algorithm, _, value = tree_hash.partition(":")
        if algorithm != "sha256" or len(value) != 64 or not value.isalnum():
            raise ValueError(f"not a tree hash: {tree_hash!r}")
        return self._root / value

    def _temporary(self) -> Path | None:
        """Returns a name that nobody has, beside the entries; removes what was left there long ago.

        None where the store is not this user's own directory: what is removed there could be anybody's.
        """
        atomic.make_folder(self._root)
        if not _is_own(self._root):
            return None
        for left in self._root.glob(".*"):
            with contextlib.suppress(OSError):
                is_stale = left.lstat().st_mtime < time.time() - _STALE_SECONDS
                if is_stale and _UNFINISHED.fullmatch(left.name):
                    shutil.rmtree(left, ignore_errors=True)
        return self._root / f".{os.urandom(8).hex()}"

    def _take_away(self, entry: Path) -> None:
        old = self._temporary()
        if old is not None and _is_renamed(entry, old):
            shutil.rmtree(old, ignore_errors=True)


def _is_renamed(source: Path, target: Path) -> bool:
    """Renames a directory; returns whether it could be."""
    try:
        source.rename(target)
    except OSError:
        return False
    return True


def _is_own(folder: Path) -> bool:
    """Returns whether a directory is one itself, and this user's.

    Raises:
        OSError: it is not there.
    """
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and _is_mine(status)


def _is_mine(status: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def _ways(mode: str) -> tuple[_Way, ...]:
    """Returns what to try; nothing where copies are meant."""
    if mode == AUTO:
        is_superuser = hasattr(os, "geteuid") and os.geteuid() == 0
        # On Windows what is read-only cannot be removed either.
        return () if is_superuser or os.name == "nt" else (_reflink, _hardlink)
    return {REFLINK: (_reflink,), HARDLINK: (_hardlink,), COPY: ()}[mode]


def _folders(facts: Mapping[str, FileFact]) -> list[str]:
    """Returns every folder of some files, outer ones first."""
    found = set()
    for path in facts:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(found)


def _hardlink(source: str, target: str, _executable: bool) -> None:
    status = os.lstat(source)
    is_plain = not status.st_mode & _WRITABLE_OR_SPECIAL
    if not (stat.S_ISREG(status.st_mode) and _is_mine(status) and is_plain):
        raise OSError(errno.EPERM, "who may write it would write into every project that links it")
    os.link(source, target, follow_symlinks=False)


def _reflink(source: str, target: str, executable: bool) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        raise OSError(errno.EOPNOTSUPP, "no reflinks here") from None
    read = os.open(source, os.O_RDONLY)
    try:
        write = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755 if executable else 0o644)
        try:
            fcntl.ioctl(write, _FICLONE, read)
        finally:
            os.close(write)
    finally:
        os.close(read)


def _copy(source: str, target: str, executable: bool) -> None:
    shutil.copyfile(source, target, follow_symlinks=False)
    os.chmod(target, 0o755 if executable else 0o644)
