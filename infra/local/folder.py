"""The data folder: where everything lies, and the lock that one server holds on it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.durable import make_folder


class FolderInUseError(Exception):
    """Another server runs on this data folder."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths below one data folder; all are readable by their owner only."""

    root: Path

    @property
    def database(self) -> Path:
        """All metadata."""
        return self.root / "registry.sqlite"

    @property
    def blobs(self) -> Path:
        """The bytes of all objects."""
        return self.root / "blobs"

    @property
    def artifacts(self) -> Path:
        """The OCI image layouts, one per skill."""
        return self.root / "oci"

    @property
    def signing_key(self) -> Path:
        """The registry's attestation key. Whoever reads it can sign as the registry."""
        return self.root / "signing-key.pem"

    @property
    def keys(self) -> Path:
        """The folder of the index key, and of the offline keys until they are taken away."""
        return self.root / "keys"

    @property
    def index_key(self) -> Path:
        """What signs the index. Whoever reads it can show readers another index, until a root takes it out."""
        return self.keys / "index.pem"

    @property
    def offline_keys(self) -> Path:
        """What signs root and targets. It belongs on another machine."""
        return self.keys / "offline"

    @property
    def ceremony(self) -> Path:
        """The roots and targets that the offline keys signed."""
        return self.root / "ceremony"

    @property
    def upload_secret(self) -> Path:
        """What signs upload links."""
        return self.root / "upload.secret"

    @property
    def execution_secret(self) -> Path:
        """What seals the executions in the database. Whoever reads it, and writes there, can skip a stage."""
        return self.root / "execution.secret"

    @property
    def admin_token(self) -> Path:
        """The first token, for everything."""
        return self.root / "admin.token"

    @property
    def sigstore(self) -> Path:
        """Keys and logs of the local Sigstore. Whoever reads it can sign as anybody."""
        return self.root / "sigstore"

    @property
    def trusted_root(self) -> Path:
        """The Sigstore trusted root that this registry verifies with, of its last start."""
        return self.root / "trusted-root.json"

    def make(self) -> None:
        """Makes the folder; its parents are made as the umask says, itself for the owner only."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        make_folder(self.root)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder for this process; the system lets go when it dies, however it dies.

        Raises:
            FolderInUseError: another process holds it.
        """
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise FolderInUseError(f"another registry runs on {self.root}: stop it first") from exc
            yield
        finally:
            os.close(descriptor)
