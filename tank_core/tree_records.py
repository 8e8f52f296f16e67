"""The tree hash of files that were hashed elsewhere; it imports hashes alone, because start-up may need it.

SHA-256 over one record per file, sorted by the UTF-8 bytes of the path:
``<mode> <sha256 hex of the contents> <path>`` and a NUL. A path cannot contain NUL,
so no two trees have the same records.
"""

from __future__ import annotations

import hashlib

TYPE_CHECKING = False  # as typing's, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterable


def tree_hash_of(items: Iterable[tuple[str, bool, str]]) -> str:
    """Returns the tree hash of files, such as those on disk: ``sha256:<hex>``.

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
