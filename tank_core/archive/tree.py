"""The tree hash: what the files are, whatever archive they came in. ``tank verify`` computes it from disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tank_core.archive.entry import ArchiveEntry
from tank_core.tree_records import tree_hash_of


def tree_hash(entries: Iterable[ArchiveEntry]) -> str:
    """Returns ``sha256:<hex>`` over modes, contents and paths, in any order given."""
    return tree_hash_of(
        (entry.path, entry.executable, hashlib.sha256(entry.data).hexdigest()) for entry in entries
    )
