"""What lies in the cache, for the commands that look it through; an install asks for single entries by name."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")
_PARTIAL = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{12}")  # as atomic.write calls what it has not renamed yet
_UNFINISHED = re.compile(r"\.[0-9a-f]{16}")  # a tree that is not renamed yet, or about to go


class Kind(StrEnum):
    """What an entry of the cache is."""

    BLOB = "blob"
    TREE = "tree"
    NOTE = "note"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the cache, or one directory of an unpacked package.

    Attributes:
        name: a blob's digest or a tree's hash (``sha256:<hex>``); else the file's name.
        written_at: seconds since the epoch.
    """

    kind: Kind
    name: str
    path: Path
    size_bytes: int
    written_at: float


def entries_below(root: Path) -> Iterator[Entry]:
    """Yields what Tank put into the cache at a directory, sorted by path; as ``Cache.entries``."""
    for folder in _folders(root / "blobs"):
        yield from _entries(folder, Kind.BLOB)
    yield from _trees(root / "trees")
    for notes in ("verified", "settled"):
        yield from _entries(root / notes, Kind.NOTE)


def discard(entry: Entry) -> bool:
    """Removes an entry; False when it is gone, or cannot be removed; as ``Cache.discard``."""
    try:
        if entry.kind is Kind.TREE or entry.path.is_dir():
            going = entry.path.with_name(f".{os.urandom(8).hex()}")
            entry.path.rename(going)  # nobody finds a half of it
            shutil.rmtree(going)
        else:
            entry.path.unlink()
    except OSError:
        return False
    return True


def _folders(place: Path) -> list[Path]:
    """Returns the folders in a folder, sorted; none when it is not there."""
    try:
        with os.scandir(place) as listing:
            return sorted(Path(item.path) for item in listing if item.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _entries(folder: Path, kind: Kind) -> Iterator[Entry]:
    try:
        with os.scandir(folder) as listing:
            found = sorted((item.name, item) for item in listing)
    except OSError:
        return
    for name, item in found:
        is_partial = _PARTIAL.fullmatch(name) is not None
        if not is_partial and not _HASH.fullmatch(name):
            continue
        try:
            state = item.stat(follow_symlinks=False)
        except OSError:  # removed meanwhile
            continue
        if stat.S_ISREG(state.st_mode):
            is_blob = kind is Kind.BLOB and not is_partial
            shown = f"sha256:{name}" if is_blob else name
            own = Kind.PARTIAL if is_partial else kind
            yield Entry(own, shown, Path(item.path), state.st_size, state.st_mtime)


def _trees(place: Path) -> Iterator[Entry]:
    for folder in _folders(place):
        is_whole = _HASH.fullmatch(folder.name) is not None
        if not is_whole and not _UNFINISHED.fullmatch(folder.name):
            continue
        try:
            size = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
            written_at = folder.lstat().st_mtime
        except OSError:  # removed meanwhile
            continue
        kind, name = (Kind.TREE, f"sha256:{folder.name}") if is_whole else (Kind.PARTIAL, folder.name)
        yield Entry(kind, name, folder, size, written_at)
