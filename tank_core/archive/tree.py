"""The tree hash: what the files are, whatever archive they came in.

SHA-256 over one record per file, sorted by the UTF-8 bytes of the path:
``<mode> <sha256 hex of the contents> <path>`` and a NUL. A path cannot contain NUL,
so no two trees have the same records. ``tank verify`` computes it from disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tank_core.archive.entry import ArchiveEntry


def tree_hash(entries: Iterable[ArchiveEntry]) -> str:
    """Returns ``sha256:<hex>`` over modes, contents and paths, in any order given."""
    return tree_hash_of(
        (entry.path, entry.executable, hashlib.sha256(entry.data).hexdigest()) for entry in entries
    )


def tree_hash_of(items: Iterable[tuple[str, bool, str]]) -> str:
    """Returns the tree hash of files that were hashed elsewhere, such as on disk.

    Args:
        items: path (``/``-separated, relative; undecodable bytes as surrogate escapes),
            executable, and 64 hex digits of the contents' SHA-256; in any order.
    """
    records = sorted(
        (path.encode("utf-8", "surrogateescape"), executable, sha256) for path, executable, sha256 in items
    )
    digest = hashlib.sha256()
    for path, executable, sha256 in records:
        mode = b"0755" if executable else b"0644"
        digest.update(b"%s %s %s\x00" % (mode, sha256.encode("ascii"), path))
    return f"sha256:{digest.hexdigest()}"
