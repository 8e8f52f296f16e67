"""A registry, a Sigstore and a client's cache, to verify lines of a lock without any network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tank_cli.cache import Cache
from tank_cli.client.blobs import BlobMismatchError, BlobUnavailableError
from tank_cli.client.transport import NetworkError
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.locking import locked_skill
from tank_cli.installer.package import Package
from tank_cli.installer.verification import Verifier
from tank_core import dsse, integrity
from tank_core.attestation import PAYLOAD_TYPE
from tank_core.index import index_bytes, parse_index
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tests.support.local_sigstore import SigstoreScene
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signing_publisher import Sign, signing

NAME = SkillName("acme", "notes")


class Shelf:
    """Blobs by digest, out of the double's objects; counts what was asked for."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects = objects
        self.asked: list[str] = []
        self.is_offline = False

    def get(self, digest: str, *, max_bytes: int, what: str, integrity: str = "") -> bytes:
        self.asked.append(what)
        if self.is_offline:
            raise NetworkError("the wire is cut", why="test", fix="test")
        if blob_path(digest) not in self.objects:
            raise BlobUnavailableError(f"The registry does not give out {what}.", why="test", fix="test")
        data = self.objects[blob_path(digest)]
        if _digest(data) != digest:
            raise BlobMismatchError(what, why="test", fix="test")
        assert len(data) <= max_bytes
        return data


def _digest(data: bytes) -> str:
    return integrity.sha256_digest(data)


@dataclass
class VerifyingScene:
    """A registry that publishes, a Sigstore that signs, and a client's cache."""

    registry: RegistryDouble
    sigstore: SigstoreScene
    shelf: Shelf
    cache: Cache

    def anchors(self, **changes: Any) -> Anchors:
        return replace(
            Anchors({self.registry.key_id: self.registry.pem}, self.sigstore.trusted_root), **changes
        )

    def verifier(self, anchors: Anchors | None = None, **options: Any) -> Verifier:
        shelf: Any = self.shelf
        return Verifier(self.cache, lambda: shelf, anchors or self.anchors(), **options)

    def publish(
        self, version: str = "1.0.0", *, name: str = "@acme/notes", sign: Sign | None = None, **options: Any
    ) -> LockedSkill:
        """Publishes and returns the line of a lock that an honest client would write."""
        self.registry.publish(name, version, publisher="alice", sign=sign, **options)
        data = index_bytes(name, self.registry.versions[name])
        found = [e for e in parse_index(data).versions if str(e.version) == version]
        return locked_skill(found[0])

    def signed(self, version: str = "1.0.0", **options: Any) -> LockedSkill:
        return self.publish(version, sign=signing(self.sigstore, "alice"), **options)

    def verify(self, skill: LockedSkill, anchors: Anchors | None = None, **options: Any) -> Package:
        ((_, package),) = self.verifier(anchors, **options).packages({NAME: skill})
        return package

    def attest(self, statement: bytes, skill: LockedSkill) -> LockedSkill:
        """Signs a statement with the registry's key; returns the line with that attestation."""
        key = self.registry.key
        signature = key.sign(dsse.pae(PAYLOAD_TYPE, statement), ec.ECDSA(hashes.SHA256()))
        envelope = dsse.envelope_bytes(PAYLOAD_TYPE, statement, self.registry.key_id, signature)
        self.registry.objects[blob_path(_digest(envelope))] = envelope
        return replace(skill, attestations={**skill.attestations, "registry": _digest(envelope)})

    def statement(self, skill: LockedSkill) -> dict[str, Any]:
        """Returns the statement that is attested now, to be changed and attested again."""
        envelope = json.loads(self.registry.objects[blob_path(skill.attestations["registry"])])
        value: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
        return value

    def add_blob(self, data: bytes) -> str:
        self.registry.objects[blob_path(_digest(data))] = data
        return _digest(data)
