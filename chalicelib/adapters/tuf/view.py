"""What readers see now, read from the object store and compared with what was written last.

The digest of the timestamp comes from the metadata store; snapshot and bins follow
from it by their digests. So nothing that somebody else put into the object store is
ever extended, whatever it is signed with.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from securesystemslib.signer import Key
from tuf.api.metadata import MetaFile, Snapshot, TargetFile, Targets, Timestamp

from chalicelib.adapters.tuf.metadata import tampered, verified_online
from chalicelib.ports.blobs import BlobStore, ObjectInfo
from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.index_state import IndexStanding
from chalicelib.services.keys import PUBLIC
from tank_core import tuf_layout


@dataclass(frozen=True, slots=True)
class IndexView:
    """The index as it is published.

    Attributes:
        etag: of the timestamp's object: the condition for replacing it.
        sha256_hex: of the timestamp.
    """

    etag: str
    sha256_hex: str
    timestamp: Timestamp
    snapshot: Snapshot


def present_timestamp(blobs: BlobStore) -> ObjectInfo | None:
    """Returns the timestamp's object, whatever it holds; None when there is none."""
    return blobs.head(PUBLIC + tuf_layout.TIMESTAMP)


def read_view(blobs: BlobStore, standing: IndexStanding, key: Key) -> IndexView:
    """Returns what readers see, if it is what the writer wrote.

    1. The timestamp is the one that was published last, or that the last round was about to publish.
    2. Timestamp and snapshot carry the online key's signature.
    3. The snapshot is the one that the timestamp names.

    Raises:
        IndexTamperedError: ``index-tampered``: anything else.
        PortError: the store did not answer.
    """
    # 1. By digest, from outside the object store.
    found = present_timestamp(blobs)
    if found is None:
        raise tampered("tuf/timestamp.json is gone.")
    data = _get(blobs, tuf_layout.TIMESTAMP, tuf_layout.MAX_TIMESTAMP_BYTES, version_id=found.version_id)
    digest = hashlib.sha256(data).hexdigest()
    if not any(hmac.compare_digest(digest, known) for known in (standing.current, standing.pending)):
        raise tampered("tuf/timestamp.json has another digest than the registry's own records say.")
    # 2. and 3.
    timestamp = verified_online(Timestamp, data, key, what=tuf_layout.TIMESTAMP)
    meta = timestamp.snapshot_meta
    path = tuf_layout.metadata_path("snapshot", meta.version)
    snapshot = verified_online(
        Snapshot, _get_exactly(blobs, path, meta, tuf_layout.MAX_SNAPSHOT_BYTES), key, what=path
    )
    return IndexView(found.etag, digest, timestamp, snapshot)


def read_bin(blobs: BlobStore, view: IndexView, role: str, key: Key) -> Targets:
    """Returns the bin that the snapshot names.

    Raises:
        IndexTamperedError: ``index-tampered``; missing, other bytes, or not the online key's.
        PortError: the store did not answer.
    """
    meta = view.snapshot.meta.get(f"{role}.json")
    if meta is None:
        raise tampered(f"The snapshot does not name {role}.")
    path = tuf_layout.metadata_path(role, meta.version)
    return verified_online(
        Targets, _get_exactly(blobs, path, meta, tuf_layout.MAX_TARGETS_BYTES), key, what=path
    )


def read_target(blobs: BlobStore, found: TargetFile, max_bytes: int) -> bytes:
    """Returns the bytes of what a bin lists.

    Raises:
        IndexTamperedError: ``index-tampered``; missing, or other bytes.
        PortError: the store did not answer.
    """
    path = tuf_layout.target_path(found.path, found.hashes.get("sha256", ""))
    return _get_exactly(blobs, path, found, max_bytes)


def _get_exactly(blobs: BlobStore, path: str, meta: MetaFile | TargetFile, max_bytes: int) -> bytes:
    data = _get(blobs, path, max_bytes)
    expected = (meta.hashes or {}).get("sha256", "")
    if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), expected):
        raise tampered(f"{path} has another digest than its parent says.")
    return data


def _get(blobs: BlobStore, path: str, max_bytes: int, *, version_id: str | None = None) -> bytes:
    try:
        return blobs.get(PUBLIC + path, max_bytes=max_bytes, version_id=version_id)
    except Missing as exc:
        raise tampered(f"{path} is gone.") from exc
    except TooLarge as exc:
        raise tampered(f"{path} has more than {max_bytes} bytes.") from exc
