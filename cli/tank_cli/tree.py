"""What lies in a directory: every file's hash and mode, and anything that is not a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli.hashed_files import hashed_files
from tank_core.tree_records import tree_hash_of

if TYPE_CHECKING:
    from tank_core.archive import ArchiveEntry


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file: 64 hex digits of its SHA-256, and whether it may be run."""

    sha256: str
    executable: bool = False


def facts_of(entries: tuple[ArchiveEntry, ...]) -> dict[str, FileFact]:
    """Returns the facts of a package's files, by path."""
    return {e.path: FileFact(hashlib.sha256(e.data).hexdigest(), e.executable) for e in entries}


def read_tree(folder: Path) -> dict[str, FileFact]:
    """Returns the facts of every file below a folder, by ``/``-separated path.

    Links are not followed: a link or a device is a file whose hash no file has.
    """
    found = sorted(hashed_files(str(folder)))
    return {path: FileFact(sha256, executable) for path, executable, sha256 in found}


def facts_of_folder(folder: Path) -> dict[str, FileFact]:
    """Returns the facts of a folder's files; none of what is no folder, or leads elsewhere."""
    return read_tree(folder) if folder.is_dir() and not folder.is_symlink() else {}


def hash_of(facts: Mapping[str, FileFact]) -> str:
    """Returns the tree hash of files, as in the lock: ``sha256:<hex>``."""
    return tree_hash_of((path, fact.executable, fact.sha256) for path, fact in facts.items())
