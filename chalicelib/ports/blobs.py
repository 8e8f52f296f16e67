"""The object store port: incoming uploads, published blobs, index documents, working documents.

Keys (see ``services.keys``) are ``/``-separated ASCII. Two areas: keys under
``public/`` can be read by anybody through the store or its CDN; all others only
through this port.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UploadLink:
    """A presigned PUT: send exactly these headers with the body, before ``expires_at``."""

    url: str
    expires_at: int
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "PUT"


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What the store knows of one object. ``version_id`` names these very bytes for ever."""

    key: str
    size_bytes: int
    etag: str
    version_id: str
    modified_at: int


class BlobStore(Protocol):
    """Keeps bytes under keys, with immutable versions."""

    def presign_upload(self, key: str, *, size_bytes: int, sha256_hex: str, ttl_seconds: int) -> UploadLink:
        """Returns a link that accepts one PUT of exactly this many bytes with exactly this digest.

        The store itself refuses another size, another digest, a second PUT to the
        same key (``If-None-Match: *``), and anything after the link's expiry.
        """
        ...

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
        """Stores bytes, durable when it returns.

        Raises:
            ConditionFailed: ``if_match`` is not the present ETag, or ``if_absent`` and the key exists.
        """
        ...

    def get(self, key: str, *, max_bytes: int, version_id: str | None = None) -> bytes:
        """Returns the bytes of the newest, or of the named, version.

        Raises:
            Missing: no such key or version.
            TooLarge: it has more than ``max_bytes``; nothing beyond the limit is read.
        """
        ...

    def head(self, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """Returns what is known of the object, or None when it is not there."""
        ...

    def copy(
        self, source_key: str, target_key: str, *, source_version_id: str, cache_control: str = ""
    ) -> ObjectInfo:
        """Copies the very bytes of one version to another key, without passing through the caller.

        Raises:
            Missing: no such source.
        """
        ...

    def delete(self, key: str) -> None:
        """Makes the key unreadable; nothing happens when it is not there."""
        ...

    def list_keys(self, prefix: str, *, limit: int = 1000) -> tuple[ObjectInfo, ...]:
        """Returns up to ``limit`` objects below a prefix, sorted by key."""
        ...
