"""What lies in a directory: every file's hash and mode, and anything that is not a file."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tank_core.archive import ArchiveEntry, tree_hash_of

_PIECE_BYTES = 1024 * 1024
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_IRREGULAR = "0" * 64  # the hash of no file that anybody can make: such a tree equals none


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file: 64 hex digits of its SHA-256, and whether it may be run."""

    sha256: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as it should be. ``kind``: ``modified``, ``added`` or ``missing``."""

    path: str
    kind: str


def facts_of(entries: tuple[ArchiveEntry, ...]) -> dict[str, FileFact]:
    """Returns the facts of a package's files, by path."""
    return {e.path: FileFact(hashlib.sha256(e.data).hexdigest(), e.executable) for e in entries}


def read_tree(folder: Path) -> dict[str, FileFact]:
    """Returns the facts of every file below a folder, by ``/``-separated path.

    Links are not followed: a link or a device is a file whose hash no file has.
    """
    return dict(sorted(_walk(folder, "")))


def facts_of_folder(folder: Path) -> dict[str, FileFact]:
    """Returns the facts of a folder's files; none of what is no folder, or leads elsewhere."""
    return read_tree(folder) if folder.is_dir() and not folder.is_symlink() else {}


def hash_of(facts: Mapping[str, FileFact]) -> str:
    """Returns the tree hash of files, as in the lock: ``sha256:<hex>``."""
    return tree_hash_of((path, fact.executable, fact.sha256) for path, fact in facts.items())


def differences(expected: Mapping[str, FileFact], found: Mapping[str, FileFact]) -> tuple[Difference, ...]:
    """Returns how the found files differ from the expected ones, sorted by path."""
    result = [Difference(path, "missing") for path in expected.keys() - found.keys()]
    result += [Difference(path, "added") for path in found.keys() - expected.keys()]
    shared = expected.keys() & found.keys()
    result += [Difference(path, "modified") for path in shared if expected[path] != found[path]]
    return tuple(sorted(result, key=lambda difference: difference.path))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, FileFact]]:
    with os.scandir(folder) as listing:
        for item in listing:
            path = prefix + item.name
            if item.is_dir(follow_symlinks=False):
                yield from _walk(Path(item.path), path + "/")
            elif item.is_file(follow_symlinks=False):
                yield path, _fact(item)
            else:
                yield path, FileFact(_IRREGULAR)


def _fact(item: os.DirEntry[str]) -> FileFact:
    """Returns the facts of a file, in two or three system calls where it is small, as nearly all are."""
    descriptor = os.open(item.path, _READ)
    try:
        status = os.fstat(descriptor)
        digest = hashlib.sha256()
        while data := os.read(descriptor, min(status.st_size + 1, _PIECE_BYTES)):
            digest.update(data)
            if len(data) == status.st_size:
                break
    finally:
        os.close(descriptor)
    return FileFact(digest.hexdigest(), bool(status.st_mode & stat.S_IXUSR))
