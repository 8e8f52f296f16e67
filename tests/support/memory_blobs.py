"""The object store in memory: immutable versions, conditional puts, and links that the store enforces."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from chalicelib.ports.blobs import ObjectInfo, UploadLink
from chalicelib.ports.errors import ConditionFailed, Missing, TooLarge
from tests.support.memory_state import MemoryState
from tests.support.memory_time import MemoryClock

ANY_LINK = "https://upload.example/"


@dataclass(frozen=True, slots=True)
class StoredObject:
    info: ObjectInfo
    data: bytes
    content_type: str
    cache_control: str


@dataclass(frozen=True, slots=True)
class _Grant:
    key: str
    size_bytes: int
    sha256_hex: str


@dataclass(slots=True)
class MemoryBlobs:
    state: MemoryState
    clock: MemoryClock
    history: dict[str, dict[str, StoredObject]] = field(default_factory=dict)  # key → version id → object
    current: dict[str, StoredObject] = field(default_factory=dict)
    grants: dict[str, _Grant] = field(default_factory=dict)
    versions_made: int = 0

    def presign_upload(self, key: str, *, size_bytes: int, sha256_hex: str, ttl_seconds: int) -> UploadLink:
        url = ANY_LINK + secrets.token_urlsafe(16)
        self.grants[url] = _Grant(key, size_bytes, sha256_hex)
        return UploadLink(url, self.clock.now() + ttl_seconds, {"content-length": str(size_bytes)})

    def put_upload(self, link: UploadLink, body: bytes) -> int:
        """Sends a body to a link, as HTTP would; returns the status."""
        grant = self.grants.get(link.url)
        if grant is None or self.clock.now() > link.expires_at:
            return 403
        if len(body) != grant.size_bytes or hashlib.sha256(body).hexdigest() != grant.sha256_hex:
            return 400
        try:
            self.put(grant.key, body, if_absent=True)
        except ConditionFailed:
            return 412
        return 200

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        cache_control: str = "",
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        with self.state.lock:
            present = self.current.get(key)
            if if_absent and present is not None:
                raise ConditionFailed(f"{key} exists")
            if if_match is not None and (present is None or present.info.etag != if_match):
                raise ConditionFailed(f"{key} has another ETag")
            return self._store(key, data, content_type, cache_control)

    def get(self, key: str, *, max_bytes: int, version_id: str | None = None) -> bytes:
        stored = self._find(key, version_id)
        if stored is None:
            raise Missing(key)
        if stored.info.size_bytes > max_bytes:
            raise TooLarge(key)
        return stored.data

    def head(self, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        stored = self._find(key, version_id)
        return None if stored is None else stored.info

    def copy(
        self, source_key: str, target_key: str, *, source_version_id: str, cache_control: str = ""
    ) -> ObjectInfo:
        with self.state.lock:
            source = self._find(source_key, source_version_id)
            if source is None:
                raise Missing(source_key)
            return self._store(target_key, source.data, source.content_type, cache_control)

    def delete(self, key: str) -> None:
        with self.state.lock:
            self.current.pop(key, None)

    def list_keys(self, prefix: str, *, limit: int = 1000) -> tuple[ObjectInfo, ...]:
        with self.state.lock:
            return tuple(self.current[key].info for key in sorted(self.current) if key.startswith(prefix))[
                :limit
            ]

    def _find(self, key: str, version_id: str | None) -> StoredObject | None:
        with self.state.lock:
            if version_id is None:
                return self.current.get(key)
            return self.history.get(key, {}).get(version_id)

    def _store(self, key: str, data: bytes, content_type: str, cache_control: str) -> ObjectInfo:
        self.versions_made += 1
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        info = ObjectInfo(key, len(data), etag, f"v{self.versions_made}", self.clock.now())
        stored = StoredObject(info, data, content_type, cache_control)
        self.history.setdefault(key, {})[info.version_id] = stored
        self.current[key] = stored
        return info
