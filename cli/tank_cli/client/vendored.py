"""A connection that asks nobody: everything comes from a vendor file, and is verified as ever."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

from tank_cli.client.blobs import BlobMismatchError, BlobStore
from tank_cli.client.connection import Connection, Reach
from tank_cli.client.vendored_trust import learn
from tank_cli.config import Config
from tank_cli.trust import RegistryTrust
from tank_cli.vendoring.vendor_file import VendorFile, blob_name
from tank_core.errors import ExitCode, TankError
from tank_core.integrity import StreamingDigests

if TYPE_CHECKING:
    from tank_cli.client.kept_metadata import Age


class NotVendoredError(TankError):
    """A vendor file lacks something that the lock names."""

    code = "not-vendored"
    exit_code = ExitCode.NOT_FOUND


class VendoredConnection(Connection):
    """A registry whose bytes come from a vendor file; its word counts as far as the pinned root vouches for it.

    Args:
        config: says which registry.
        file: where bytes come from.
        told: called with the age of the index, where this machine kept one.

    Raises:
        TankError: as ``vendored_trust.learn``.
    """

    def __init__(self, config: Config, file: VendorFile, told: Callable[[Age], None]) -> None:
        super().__init__(config, Reach.OFFLINE, told)
        self._file = file
        learn(RegistryTrust.of(config, self.registry), file)

    def blobs(self, told: Callable[[int], None] | None = None) -> BlobStore:
        """Returns the reader of the file's blobs, of which there is no progress to tell."""
        return _VendoredBlobs(self._file)


class _VendoredBlobs(BlobStore):
    """Reads blobs of a vendor file."""

    def __init__(self, file: VendorFile) -> None:
        self._file = file

    def get(self, digest: str, *, max_bytes: int, what: str, integrity: str = "") -> bytes:
        """Returns the bytes with a digest.

        Raises:
            NotVendoredError: not-vendored.
            BlobMismatchError: blob-mismatch.
            InvalidVendorFileError: invalid-vendor-file.
        """
        data = self._file.read(blob_name(digest), max_bytes)
        if data is None:
            raise NotVendoredError(
                f"{self._file.path} does not hold {what}.",
                why="It was made from another skills.lock, or the lock changed since.",
                fix="Make it again with `tank vendor`, from this lock.",
            )
        digests = StreamingDigests()
        digests.update(data)
        same = hmac.compare_digest(digests.digest, digest)
        if not same or (integrity and not hmac.compare_digest(digests.integrity, integrity)):
            raise BlobMismatchError(
                f"{what} is not what the lock names.",
                why=f"{self._file.path} has {digests.digest} under the name of {digest}. Somebody changed it.",
                fix="Do not install from it; find out where it comes from.",
            )
        return data
