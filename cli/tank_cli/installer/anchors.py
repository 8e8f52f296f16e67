"""What every verification starts from: the registry's attestation keys, and the root of its Sigstore."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a client believes without a further signature, because its pinned root vouches for it.

    Attributes:
        keys: the registry's attestation keys, key id → PEM.
        trusted_root: the Sigstore trusted root, JSON; None when the registry's publishers cannot sign.
    """

    keys: Mapping[str, str]
    trusted_root: bytes | None = None

    @classmethod
    def of(cls, connection: Connection) -> Anchors:
        """Returns what was last verified about a registry; without the network.

        Raises:
            UntrustedRegistryError: untrusted-registry.
        """
        sigstore = connection.sigstore()
        return cls(connection.keys(), sigstore.trusted_root if sigstore else None)

    @classmethod
    def newest(cls, connection: Connection) -> Anchors:
        """Returns what the registry's operator signed last.

        Raises:
            NetworkError: network-error.
            TankError: whatever keeps the registry's metadata from being believed.
        """
        connection.newest_keys()
        return cls.of(connection)

    def facts(self, *, is_signed: bool) -> tuple[str, ...]:
        """Returns what an answer about one version depended on; the root only where there is a bundle."""
        root = "" if self.trusted_root is None else _digest(self.trusted_root)
        return (*sorted(self.keys), root if is_signed else "")


@functools.lru_cache(maxsize=4)
def _digest(trusted_root: bytes) -> str:
    return hashlib.sha256(trusted_root).hexdigest()  # asked for with every line of a lock
