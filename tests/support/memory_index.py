"""A registry's signed index over stores in memory, and keys for its root, for tests of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from chalicelib.adapters.tuf.metadata import online_key
from chalicelib.adapters.tuf.writer import TufIndexWriter
from chalicelib.ports.signer import AttestationSigner
from infra.ceremony.folder import Ceremony
from infra.ceremony.roles import RoleKeys, RootPlan
from tank_core.tuf_layout import REGISTRY_TARGET
from tests.support.memory_state import IndexStateInMemory


@dataclass(frozen=True, slots=True)
class OfflineKeys:
    """Keys that sign root and targets, as people would hold them."""

    root: CryptoSigner = field(default_factory=lambda: CryptoSigner(Ed25519PrivateKey.generate()))
    targets: CryptoSigner = field(default_factory=lambda: CryptoSigner(Ed25519PrivateKey.generate()))

    def plan(self, signer: AttestationSigner) -> RootPlan:
        """Returns the plan of a root that names these keys and an online one."""
        return RootPlan(
            RoleKeys((self.root.public_key,)), RoleKeys((self.targets.public_key,)), online_key(signer)
        )


def signed_ceremony(
    folder: Path,
    keys: OfflineKeys,
    signer: AttestationSigner,
    *,
    now: int,
    contents: Mapping[str, bytes] | None = None,
) -> Ceremony:
    """Returns a ceremony with a first root and first targets."""
    ceremony = Ceremony(folder)
    ceremony.sign_root(keys.plan(signer), [keys.root], now=now)
    ceremony.sign_targets(contents or {REGISTRY_TARGET: b"{}"}, [keys.targets], now=now)
    return ceremony


def index_writer_over(world: Any, state: IndexStateInMemory | None = None) -> TufIndexWriter:
    """Returns the real index writer over the ports of a memory world; ``adopt`` a ceremony first."""
    return TufIndexWriter(
        blobs=world.blobs,
        catalog=world.catalog,
        state=state or IndexStateInMemory(),
        signer=world.signer,
        clock=world.clock,
    )
