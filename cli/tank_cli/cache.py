"""The content-addressed store of downloaded bytes, shared by all projects and processes.

Every entry's name is the digest of its content, so two processes that write the
same entry write the same bytes, and a rename decides without a lock. Content is
hashed again on each read: a damaged or tampered entry is as good as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tank_cli import atomic


class Cache:
    """Blobs and index documents by digest, and which attestations were verified.

    Args:
        root: the directory; made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def blob(self, digest: str) -> bytes | None:
        """Returns the bytes with a digest (``sha256:<hex>``); None when they are not there, or damaged."""
        path = self._blob_path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        if hmac.compare_digest(f"sha256:{hashlib.sha256(data).hexdigest()}", digest):
            return data
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def add_blob(self, digest: str, data: bytes) -> None:
        """Keeps bytes whose digest the caller has just checked."""
        atomic.write(self._blob_path(digest), data)

    def present(self, digests: Iterable[str]) -> frozenset[str]:
        """Returns those digests that have an entry; the entry is only checked when it is read."""
        return frozenset(digest for digest in digests if self._blob_path(digest).exists())

    def is_verified(self, facts: Sequence[str]) -> bool:
        """Returns whether an attestation was verified before, by the same key, for the same facts."""
        return self._verified_path(facts).exists()

    def remember_verified(self, facts: Sequence[str]) -> None:
        """Notes that an attestation was verified. ``facts``: everything that the check depended on."""
        atomic.write(self._verified_path(facts), b"")

    def writable(self) -> bool:
        """Returns whether entries can be written."""
        existing = next(path for path in (self._root, *self._root.parents) if path.exists())
        return os.access(existing, os.W_OK)

    def _blob_path(self, digest: str) -> Path:
        algorithm, _, value = digest.partition(":")
        if algorithm != "sha256" or len(value) != 64 or not value.isalnum():
            raise ValueError(f"not a sha256 digest: {digest!r}")
        return self._root / "blobs" / value[:2] / value

    def _verified_path(self, facts: Sequence[str]) -> Path:
        text = "\n".join(facts)
        return self._root / "verified" / hashlib.sha256(text.encode()).hexdigest()
