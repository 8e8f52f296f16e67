"""The content-addressed store of downloaded bytes, shared by all projects and processes.

Every entry's name is the digest of its content, so two processes that write the
same entry write the same bytes, and a rename decides without a lock. Content is
hashed again on each read: a damaged or tampered entry is as good as absent.

What was verified has no content that could be hashed again. It is noted under a
name that only somebody with this user's configuration can compute, so that a cache
that came from elsewhere, such as one that a build restored, vouches for nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli import atomic
from tank_cli.project_files import UnsafeProjectError, read_file

if TYPE_CHECKING:
    from tank_cli.cache_entries import Entry

_SEAL_BYTES = 32


class Cache:
    """Blobs and index documents by digest, and which attestations were verified.

    Args:
        root: the directory; made when something is written.
        seal: the file of the key under which verifications are noted, outside the cache; made when
            the first is. None notes none.

    Attributes:
        refusal: why bytes could not be kept the last time; None while all could. A cache is a help and
            no need: this run goes on with them, and the next one fetches them again.
    """

    def __init__(self, root: Path, seal: Path | None = None) -> None:
        self._root = root
        self._blobs, self._verified = root / "blobs", root / "verified"
        self._seal = seal
        self._key: bytes | None = None  # of this run: an install asks a hundred times
        self._unkept: dict[str, bytes] = {}
        self.refusal: OSError | None = None

    def blob(self, digest: str) -> bytes | None:
        """Returns the bytes with a digest (``sha256:<hex>``); None when they are not there, or damaged."""
        path = self._blob_path(digest)
        if digest in self._unkept:
            return self._unkept[digest]
        try:
            data = read_file(path)
        except (
            OSError,
            UnsafeProjectError,
        ):  # a cache that came from elsewhere may hold anything under a name
            return None
        if hmac.compare_digest(f"sha256:{hashlib.sha256(data).hexdigest()}", digest):
            return data
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def add_blob(self, digest: str, data: bytes) -> None:
        """Keeps bytes whose digest the caller has just checked; where nothing can be written, for this run."""
        try:
            atomic.write(self._blob_path(digest), data, is_durable=False)
        except OSError as error:
            self.refusal = error
            self._unkept[digest] = data

    def blob_or(self, digest: str, fetch: Callable[[], bytes]) -> bytes:
        """Returns the bytes with a digest; what is not there is fetched, and kept.

        ``fetch``: returns bytes whose digest it has checked.
        """
        data = self.blob(digest)
        if data is None:
            data = fetch()
            self.add_blob(digest, data)
        return data

    def present(self, digests: Iterable[str]) -> frozenset[str]:
        """Returns those digests that have an entry; the entry is only checked when it is read."""
        return frozenset(digest for digest in digests if self._blob_path(digest).exists())

    def is_verified(self, facts: Sequence[str]) -> bool:
        """Returns whether this user verified an attestation before, by the same key, for the same facts."""
        key = self._read_seal()
        return key is not None and self._verified_path(key, facts).exists()

    def remember_verified(self, facts: Sequence[str]) -> None:
        """Notes that an attestation was verified; where nothing can be written, it is verified again.

        ``facts``: everything that the check depended on.
        """
        key = self._read_seal() or self._new_seal()
        if key is not None:
            with contextlib.suppress(OSError):
                atomic.write(self._verified_path(key, facts), b"", is_durable=False)

    def seal_of(self, facts: Sequence[str]) -> str:
        """Returns what only this user can write beside facts; "" where no key can be kept."""
        key = self._read_seal() or self._new_seal()
        return "" if key is None else _sealed(key, facts)

    def is_sealed(self, facts: Sequence[str], seal: str) -> bool:
        """Returns whether this user wrote a seal beside exactly these facts."""
        key = self._read_seal()
        return key is not None and hmac.compare_digest(_sealed(key, facts).encode(), seal.encode())

    def entries(self) -> Iterator[Entry]:
        """Returns what Tank put into the cache, sorted by path; what it does not know is passed over.

        Other processes may add and remove entries meanwhile.
        """
        from tank_cli.cache_entries import entries_below

        return entries_below(self._root)

    def discard(self, entry: Entry) -> bool:
        """Removes an entry; False when it is gone, or cannot be removed.

        Safe beside running installs: what is not in the cache is fetched again.
        """
        from tank_cli.cache_entries import discard

        return discard(entry)

    def writable(self) -> bool:
        """Returns whether entries can be written."""
        existing = next(path for path in (self._root, *self._root.parents) if path.exists())
        return os.access(existing, os.W_OK)

    def _blob_path(self, digest: str) -> Path:
        algorithm, _, value = digest.partition(":")
        if algorithm != "sha256" or len(value) != 64 or not value.isalnum():
            raise ValueError(f"not a sha256 digest: {digest!r}")
        return self._blobs / f"{value[:2]}/{value}"

    def _read_seal(self) -> bytes | None:
        """Returns the key; None when there is none, or one that is too short to be ours."""
        if self._key is None:
            try:
                key = self._seal.read_bytes() if self._seal else b""
            except OSError:
                return None
            self._key = key if len(key) == _SEAL_BYTES else None
        return self._key

    def _new_seal(self) -> bytes | None:
        """Makes the key; None where a configuration that may not be written allows none."""
        if self._seal is None:
            return None
        key = os.urandom(_SEAL_BYTES)
        try:
            # Of two processes that make it at once, the later one's stays, and one verification is repeated.
            atomic.write(self._seal, key, mode=0o600)
        except OSError:
            return None
        return key

    def _verified_path(self, key: bytes, facts: Sequence[str]) -> Path:
        return self._verified / _sealed(key, facts)


def _sealed(key: bytes, facts: Sequence[str]) -> str:
    return hmac.new(key, "\n".join(facts).encode(), "sha256").hexdigest()
