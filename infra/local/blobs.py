"""The object store of one machine: bytes in files by digest, names in SQLite.

A version is its bytes' SHA-256, so it cannot change. Bytes reach the disk,
synced, before a row names them: a crash leaves at worst a file that nobody
names, which ``sweep`` removes at the next start. Keys are never used as file
names.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.ports.blobs import ObjectInfo, UploadLink
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import ConditionFailed, Missing, PortError, TooLarge
from infra.local.durable import make_folder, rename_durably, sync_folder, write_durably
from infra.local.sqlite.database import Database, Rows
from infra.local.upload_links import UploadGrant, UploadLinks

_KEY = re.compile(r"[A-Za-z0-9._@+=-]+(/[A-Za-z0-9._@+=-]+)*")
_LONGEST_KEY = 512
_SETTLED_SECONDS = 3600  # longer than any stage, an orphaned analysis of a killed server included
_REPLACED_SECONDS = 30 * 24 * 3600  # far longer than any publish lives or reader holds an old version
_BINARY = "application/octet-stream"
_COLUMNS = "key, size_bytes, version_id, modified_at, content_type, cache_control"


class BlobStoreError(PortError):
    """The file system refused, or a key is none; retrying may help."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of one object: what is known, how to serve it, and where its bytes are."""

    info: ObjectInfo
    content_type: str
    cache_control: str
    path: Path


class FileBlobStore:
    """Keeps bytes under keys, with immutable versions."""

    def __init__(self, folder: Path, database: Database, links: UploadLinks, clock: Clock) -> None:
        self._versions = folder / "versions"
        self._arriving = folder / "arriving"
        self._database = database
        self._links = links
        self._clock = clock
        for each in (folder, self._versions, self._arriving):
            make_folder(each)

    def presign_upload(self, key: str, *, size_bytes: int, sha256_hex: str, ttl_seconds: int) -> UploadLink:
        """Returns a link that accepts one PUT of exactly these bytes."""
        grant = UploadGrant(_checked(key), size_bytes, sha256_hex, self._clock.now() + ttl_seconds)
        return UploadLink(self._links.url(grant), grant.expires_at)

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str = _BINARY,
        cache_control: str = "",
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """Stores bytes, durable when it returns."""
        _checked(key)
        digest = hashlib.sha256(data).hexdigest()
        with _foreign_errors():
            if self._path(digest).exists():
                sync_folder(self._versions)  # its writer may be between the rename and its own sync
            else:
                write_durably(self._path(digest), data, temporary=self.arrival())
        return self._name(
            key, digest, len(data), content_type, cache_control, if_match=if_match, if_absent=if_absent
        )

    def arrival(self) -> Path:
        """Returns a fresh path for bytes that are still arriving."""
        return self._arriving / secrets.token_hex(16)

    def accept(self, key: str, arrived: Path, *, digest: str, size_bytes: int) -> ObjectInfo:
        """Stores a synced file of the arrivals under a key that is not there yet.

        Raises:
            ConditionFailed: the key is there.
        """
        with _foreign_errors():
            rename_durably(arrived, self._path(digest))
        return self._name(_checked(key), digest, size_bytes, _BINARY, "", if_absent=True)

    def get(self, key: str, *, max_bytes: int, version_id: str | None = None) -> bytes:
        """Returns the bytes of the newest, or of the named, version."""
        found = self.stored(key, version_id)
        if found is None:
            raise Missing(key)
        if found.info.size_bytes > max_bytes:
            raise TooLarge(f"{key}: {found.info.size_bytes} bytes, allowed {max_bytes}")
        with _foreign_errors():
            data = found.path.read_bytes()
        if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), found.info.version_id):
            raise BlobStoreError(f"{key}: the bytes on disk are not the ones that were stored")
        return data

    def head(self, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """Returns what is known of the object, or None."""
        found = self.stored(key, version_id)
        return found.info if found else None

    def stored(self, key: str, version_id: str | None = None) -> StoredObject | None:
        """Returns the newest, or the named, version, or None."""
        with self._database.reading() as rows:
            found = _find(rows, key, version_id)
        if found is None:
            return None
        info, content_type, cache_control = found
        return StoredObject(info, content_type, cache_control, self._path(info.version_id))

    def copy(
        self, source_key: str, target_key: str, *, source_version_id: str, cache_control: str = ""
    ) -> ObjectInfo:
        """Gives one version of a key to another key; the bytes stay where they are."""
        source = self.stored(source_key, source_version_id)
        if source is None:
            raise Missing(source_key)
        info = source.info
        return self._name(
            _checked(target_key), info.version_id, info.size_bytes, source.content_type, cache_control
        )

    def delete(self, key: str) -> None:
        """Makes the key unreadable; a version that is asked for by its id lives on until a late sweep."""
        with self._database.writing() as rows:
            rows.execute("UPDATE objects SET is_current = 0 WHERE key = ? AND is_current", (key,))

    def list_keys(self, prefix: str, *, limit: int = 1000) -> tuple[ObjectInfo, ...]:
        """Returns up to ``limit`` objects below a prefix, sorted by key."""
        query = (
            f"SELECT {_COLUMNS} FROM objects WHERE is_current AND key >= ? AND key < ? ORDER BY key LIMIT ?"  # noqa: S608
        )
        with self._database.reading() as rows:
            found = rows.execute(query, (prefix, prefix + "\x7f", limit)).fetchall()
        return tuple(_info(*row[:4]) for row in found)

    def sweep(self) -> int:
        """Removes replaced and deleted versions past their time, and bytes that no version names.

        Bytes that a write still under way may be about to name stay.

        Returns:
            How many files went.
        """
        oldest = self._clock.now() - _REPLACED_SECONDS
        with self._database.writing() as rows:
            rows.execute("DELETE FROM objects WHERE NOT is_current AND modified_at < ?", (oldest,))
            named = {row[0] for row in rows.execute("SELECT DISTINCT version_id FROM objects")}
        unnamed = [path for path in self._versions.iterdir() if path.name not in named]
        unnamed += self._arriving.iterdir()
        settled = time.time() - _SETTLED_SECONDS
        gone = [path for path in unnamed if path.stat().st_mtime < settled]
        for path in gone:
            path.unlink()
        return len(gone)

    def _path(self, digest: str) -> Path:
        return self._versions / digest

    def _name(
        self,
        key: str,
        digest: str,
        size_bytes: int,
        content_type: str,
        cache_control: str,
        *,
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        info = _info(key, size_bytes, digest, self._clock.now())
        with self._database.writing() as rows:
            present = _find(rows, key, None)
            if if_absent and present is not None:
                raise ConditionFailed(f"{key} is there")
            if if_match is not None and (present is None or present[0].etag != if_match):
                raise ConditionFailed(f"{key} has another ETag")
            rows.execute("UPDATE objects SET is_current = 0 WHERE key = ? AND is_current", (key,))
            rows.execute(
                f"INSERT OR REPLACE INTO objects ({_COLUMNS}, is_current) VALUES (?, ?, ?, ?, ?, ?, 1)",  # noqa: S608
                (key, size_bytes, digest, info.modified_at, content_type, cache_control),
            )
        return info


def _find(rows: Rows, key: str, version_id: str | None) -> tuple[ObjectInfo, str, str] | None:
    which, arguments = ("is_current", [key]) if version_id is None else ("version_id = ?", [key, version_id])
    query = f"SELECT {_COLUMNS} FROM objects WHERE key = ? AND {which}"  # noqa: S608  # fixed texts only
    row = rows.execute(query, arguments).fetchone()
    return (_info(*row[:4]), str(row[4]), str(row[5])) if row else None


def _info(key: str, size_bytes: int, digest: str, modified_at: int) -> ObjectInfo:
    return ObjectInfo(key, size_bytes, f'"{digest}"', digest, modified_at)


def _checked(key: str) -> str:
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key) or {".", ".."} & set(key.split("/")):
        raise BlobStoreError(f"not a key: {key!r}")
    return key


@contextmanager
def _foreign_errors() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise BlobStoreError(f"file system: {exc.strerror}") from exc
