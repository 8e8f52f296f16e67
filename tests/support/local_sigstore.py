"""A local Sigstore for tests: served over loopback HTTP, or used in process to make bundles.

``bundle`` makes an honest bundle with the services themselves; ``BAD_BUNDLES`` holds
one maker per lie, each wrong in exactly one part.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import waitress
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from waitress import wasyncore

from chalicelib.ports.clock import Clock
from infra.local.sigstore.authority import CertificateAuthority
from infra.local.sigstore.ci_builds import Build
from infra.local.sigstore.id_tokens import SIGSTORE
from infra.local.sigstore.keys import new_ec_key
from infra.local.sigstore.principal import GITHUB, Claims, principal_of
from infra.local.sigstore.stand_in import LocalSigstore, open_local_sigstore
from infra.local.sigstore.timestamps import TimestampAuthority
from infra.local.sigstore.web.endpoint import sigstore_endpoint
from infra.local.sigstore.web.oidc import PublisherOf
from infra.local.web.wsgi import application
from tank_core import dsse
from tests.support.memory_time import MemoryClock

IN_TOTO = "application/vnd.in-toto+json"
BUILD = Build(
    repository="acme/skills",
    repository_id="2002",
    owner_id="1001",
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v1.0.0",
    event="push",
)
ALICE = {"sub": "alice@acme.example", "email": "alice@acme.example", "email_verified": True}
NOW = 1_760_000_000  # in the past of every machine: trusted roots must have begun
_THREADS = 8


@dataclass
class SigstoreScene:
    """A local Sigstore in a folder of its own; ``clock`` is the time at all its services."""

    folder: Path
    clock: Any = field(default_factory=lambda: MemoryClock(NOW))
    base_url: str = "http://sigstore.invalid"

    def __post_init__(self) -> None:
        self.sigstore = open_local_sigstore(self.folder, self.base_url, self.clock)

    @property
    def trusted_root(self) -> bytes:
        return self.sigstore.trusted_root_bytes()

    def token(self, claims: Claims | None = None, issuer: str = GITHUB, audience: str = SIGSTORE) -> str:
        """Returns an OIDC token, of the usual build unless told otherwise."""
        return self.sigstore.tokens.mint(issuer, claims or BUILD.github_claims(), audience)

    def close(self) -> None:
        self.sigstore.close()


@dataclass(frozen=True)
class Parts:
    """What a bundle is made of, so that a test can change one of them."""

    key: ec.EllipticCurvePrivateKey
    leaf: x509.Certificate
    payload_type: str
    statement: bytes
    signature: bytes
    entry: dict[str, Any]
    timestamps: tuple[bytes, ...]

    def to_bundle(self) -> bytes:
        envelope = {
            "payload": _b64(self.statement),
            "payloadType": self.payload_type,
            "signatures": [{"sig": _b64(self.signature)}],
        }
        stamps = [{"signedTimestamp": _b64(stamp)} for stamp in self.timestamps]
        material = {
            "certificate": {"rawBytes": _b64(self.leaf.public_bytes(Encoding.DER))},
            "tlogEntries": [self.entry],
            "timestampVerificationData": {"rfc3161Timestamps": stamps},
        }
        document = {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": envelope,
        }
        return json.dumps(document).encode()


def parts(
    scene: SigstoreScene,
    statement: bytes,
    claims: Claims | None = None,
    *,
    issuer: str = GITHUB,
    rekor: int = 2,
    payload_type: str = IN_TOTO,
    leaf: x509.Certificate | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Parts:
    """Returns an honest bundle's parts: signed, logged and timestamped by the scene's services, now.

    ``claims``: of the token, as ``Build.github_claims`` gives them; the usual build's unless told otherwise.
    ``leaf`` and ``key``: another certificate and its key, instead of one for the claims.
    """
    key = key or new_ec_key()
    leaf = leaf or certificate(scene, key, claims, issuer=issuer)
    signed = dsse.pae(payload_type, statement)
    signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    if rekor == 2:
        entry = logged_v2(scene.sigstore, signed, signature, leaf)
    else:
        entry = logged_v1(scene.sigstore, payload_type, statement, signature, leaf)
    stamp = timestamp(scene.sigstore.timestamps, signature)
    return Parts(key, leaf, payload_type, statement, signature, entry, (stamp,))


def bundle(scene: SigstoreScene, statement: bytes, claims: Claims | None = None, **options: Any) -> bytes:
    """Returns an honest bundle over a statement; see ``parts`` for the options."""
    return parts(scene, statement, claims, **options).to_bundle()


def certificate(
    scene: SigstoreScene,
    key: ec.EllipticCurvePrivateKey,
    claims: Claims | None = None,
    *,
    issuer: str = GITHUB,
    at: int | None = None,
    authority: CertificateAuthority | None = None,
) -> x509.Certificate:
    """Returns a certificate, valid from ``at`` (now), by the scene's authority unless told otherwise."""
    principal = principal_of({**(claims or BUILD.github_claims()), "iss": issuer})
    now = scene.clock.now() if at is None else at
    return (authority or scene.sigstore.authority).issue(key.public_key(), principal, now=now)


def timestamp(authority: TimestampAuthority, signature: bytes) -> bytes:
    """Returns a timestamp response over a signature."""
    imprint = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": hashlib.sha256(signature).digest(),
    }
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    return authority.respond(request.dump())


def logged_v2(
    sigstore: LocalSigstore, signed: bytes, signature: bytes, leaf: x509.Certificate
) -> dict[str, Any]:
    """Logs a signature in Rekor v2; returns the entry as bundles hold it."""
    verifier = {
        "x509Certificate": {"rawBytes": _b64(leaf.public_bytes(Encoding.DER))},
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
    }
    request = {
        "digest": _b64(hashlib.sha256(signed).digest()),
        "signature": {"content": _b64(signature), "verifier": verifier},
    }
    return sigstore.rekor_v2.create(json.dumps({"hashedRekordRequestV002": request}).encode())


def logged_v1(
    sigstore: LocalSigstore, payload_type: str, statement: bytes, signature: bytes, leaf: x509.Certificate
) -> dict[str, Any]:
    """Logs an envelope in Rekor v1; returns the entry as bundles hold it."""
    envelope = {
        "payload": _b64(statement),
        "payloadType": payload_type,
        "signatures": [{"sig": _b64(signature)}],
    }
    verifier = _b64(leaf.public_bytes(Encoding.PEM))
    content = {"envelope": json.dumps(envelope), "verifiers": [verifier]}
    proposed = {"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": content}}
    (shown,) = sigstore.rekor_v1.create(json.dumps(proposed).encode()).values()
    return entry_of_v1(shown)


def entry_of_v1(shown: Any) -> dict[str, Any]:
    """Returns an entry as bundles hold it, from one as Rekor v1 shows it."""
    proof = shown["verification"]["inclusionProof"]
    return {
        "logIndex": str(shown["logIndex"]),
        "logId": {"keyId": _b64(bytes.fromhex(shown["logID"]))},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(shown["integratedTime"]),
        "inclusionPromise": {"signedEntryTimestamp": shown["verification"]["signedEntryTimestamp"]},
        "inclusionProof": {
            "logIndex": str(proof["logIndex"]),
            "rootHash": _b64(bytes.fromhex(proof["rootHash"])),
            "treeSize": str(proof["treeSize"]),
            "hashes": [_b64(bytes.fromhex(item)) for item in proof["hashes"]],
            "checkpoint": {"envelope": proof["checkpoint"]},
        },
        "canonicalizedBody": shown["body"],
    }


@contextmanager
def served_sigstore(
    folder: Path, clock: Clock, publisher_of: PublisherOf = lambda _token: "alice"
) -> Iterator[SigstoreScene]:
    """Serves a local Sigstore on a free loopback port, by this thread's side, until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    scene = SigstoreScene(folder, clock, f"http://127.0.0.1:{listening.getsockname()[1]}")
    endpoint = sigstore_endpoint(scene.sigstore, publisher_of)
    # A map of its own, so that connections which a client left open end with this server.
    sockets: dict[int, Any] = {}
    server = waitress.create_server(application(endpoint), map=sockets, sockets=[listening], threads=_THREADS)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, count=1)
        wasyncore.close_all(sockets)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield scene
    finally:
        stopping.set()
        thread.join(10)
        server.task_dispatcher.shutdown()
        scene.close()


def client_trust_config(scene: SigstoreScene, rekor_versions: tuple[int, ...] = (1, 2)) -> str:
    """Returns what sigstore-python's ``ClientTrustConfig.from_json`` reads."""
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": json.loads(scene.trusted_root),
            "signingConfig": json.loads(scene.sigstore.signing_config_bytes(rekor_versions=rekor_versions)),
        }
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def targets_of(sigstore: SigstoreScene) -> dict[str, bytes]:
    """What the registry's offline key says of a Sigstore."""
    return {
        "sigstore/trusted_root.json": sigstore.trusted_root,
        "sigstore/signing_config.json": sigstore.sigstore.signing_config_bytes(),
    }
