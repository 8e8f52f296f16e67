"""Publishers' bundles, fetched while the registry's index is read: verifying them takes longest.

Which bundle belongs to a version is so far the lock's word. Nothing depends on it: what is
fetched lies in the cache under its own digest, what it proves is asked for when a version's
attestation names that digest, and a version that may not be installed is still refused.
Archives and attestations wait until the index has been read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tank_core.bundle.document import MAX_BUNDLE_BYTES
from tank_core.errors import TankError

if TYPE_CHECKING:
    from tank_cli.client.blobs import BlobStore
    from tank_cli.client.connection import Connection
    from tank_cli.installer.bundle_process import BundleProcess
    from tank_core.lockfile import LockedSkill
    from tank_core.names import SkillName

_PARALLEL = 8  # the index is read meanwhile, over connections of the same pool


@contextlib.contextmanager
def bundles_ahead(
    connection: Connection, skills: Mapping[SkillName, LockedSkill], beside: BundleProcess
) -> Iterator[None]:
    """Fetches bundles and has them verified beside while the block runs; whatever fails is fetched again, and told.

    Args:
        connection: to the registry.
        skills: what will be downloaded.
        beside: verifies them.
    """
    digests = [digest for skill in skills.values() if (digest := skill.attestations.get("bundle"))]
    blobs = _blobs(connection) if digests else None
    if blobs is None:
        yield
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(_PARALLEL)
    try:
        for digest in digests:
            pool.submit(_fetch, connection, blobs, digest, beside)
        yield
    finally:
        pool.shutdown(cancel_futures=True)


def _blobs(connection: Connection) -> BlobStore | None:
    try:
        return connection.blobs()
    except TankError:  # offline, what is in the cache is sent to be verified when it is needed
        return None


def _fetch(connection: Connection, blobs: BlobStore, digest: str, beside: BundleProcess) -> None:
    with contextlib.suppress(TankError, OSError):
        beside.submit(
            connection.cache.blob_or(
                digest, lambda: blobs.get(digest, max_bytes=MAX_BUNDLE_BYTES, what="a publisher's signature")
            )
        )
