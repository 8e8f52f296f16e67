"""Bundles made by a Sigstore of the test's own: good in every part, at any time, and wrong where asked.

The services are those of ``infra.local.sigstore``, without HTTP and with a clock that the
test moves. Real bundles are in ``real_bundles``; these are for what no real one can show.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from infra.local.sigstore import trust
from infra.local.sigstore.authority import CertificateAuthority
from infra.local.sigstore.keys import ec_key, ed25519_key, key_id, new_ec_key
from infra.local.sigstore.log import LogFile, TransparencyLog
from infra.local.sigstore.principal import GITHUB, principal_of
from infra.local.sigstore.rekor_v1 import RekorV1
from infra.local.sigstore.rekor_v2 import RekorV2
from infra.local.sigstore.timestamps import TimestampAuthority
from tank_core import dsse
from tests.support.memory_time import MemoryClock

STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"00"}}]}'
IN_TOTO = "application/vnd.in-toto+json"
RUN = {
    "iss": GITHUB,
    "sub": "repo:acme/skills:ref:refs/tags/v1.0.0",
    "event_name": "push",
    "sha": "5b6f" * 10,
    "workflow": "release",
    "repository": "acme/skills",
    "repository_id": "4711",
    "repository_owner": "acme",
    "repository_owner_id": "815",
    "repository_visibility": "public",
    "ref": "refs/tags/v1.0.0",
    "job_workflow_ref": "acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
    "job_workflow_sha": "5b6f" * 10,
    "workflow_ref": "acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
    "workflow_sha": "5b6f" * 10,
    "runner_environment": "github-hosted",
    "run_id": "42",
    "run_attempt": "1",
    "environment": "release",
}
START = 1_760_000_000
Bundle = dict[str, Any]


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass
class LocalSigstore:
    """One Sigstore; ``clock`` is the time at all its services."""

    folder: Path
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(START))

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.ct_key = ec_key(self.folder / "ct.pem")
        self.authority = CertificateAuthority(self.folder / "ca.pem", self.ct_key, now=self.clock.now())
        self.timestamps = TimestampAuthority(self.folder / "tsa.pem", self.clock)
        self._file = LogFile(self.folder / "log.sqlite")
        self.rekor_v1 = RekorV1(
            TransparencyLog(self._file, "v1"), ec_key(self.folder / "rekor1.pem"), self.clock
        )
        self._rekor_v2_key = ed25519_key(self.folder / "rekor2.pem")
        self.rekor_v2 = RekorV2(TransparencyLog(self._file, "v2"), self._rekor_v2_key, self.clock)

    def close(self) -> None:
        self._file.close()

    def root(self) -> dict[str, Any]:
        """Returns the trusted root, as a fresh JSON object."""
        since = self.authority.chain[-1].not_valid_before_utc
        v1_key = ec_key(self.folder / "rekor1.pem").public_key()
        encoded = trust.trusted_root(
            logs=[
                trust.log_instance("https://v1.invalid", v1_key, self.rekor_v1.log_id, since),
                trust.log_instance(
                    "https://v2.invalid", self._rekor_v2_key.public_key(), self.rekor_v2.log_id, since
                ),
            ],
            ct_logs=[
                trust.log_instance(
                    "https://ct.invalid", self.ct_key.public_key(), key_id(self.ct_key.public_key()), since
                )
            ],
            authorities=[trust.authority_instance("https://ca.invalid", self.authority.chain)],
            timestamp_authorities=[trust.authority_instance("https://tsa.invalid", self.timestamps.chain)],
        )
        found: dict[str, Any] = json.loads(encoded)
        return found

    def trusted_root(self) -> bytes:
        return json.dumps(self.root()).encode()

    def certificate(self, key: ec.EllipticCurvePrivateKey, **claims: str) -> x509.Certificate:
        """Returns a certificate for a run in CI, with some claims changed."""
        return self.authority.issue(key.public_key(), principal_of({**RUN, **claims}), now=self.clock.now())

    def sign(
        self,
        statement: bytes = STATEMENT,
        *,
        rekor: int = 2,
        payload_type: str = IN_TOTO,
        key: ec.EllipticCurvePrivateKey | None = None,
        certificate: x509.Certificate | None = None,
    ) -> Bundle:
        """Returns a bundle with a statement, logged and timestamped now."""
        key = key or new_ec_key()
        certificate = certificate or self.certificate(key)
        signature = key.sign(dsse.pae(payload_type, statement), ec.ECDSA(hashes.SHA256()))
        envelope = {
            "payload": base64_of(statement),
            "payloadType": payload_type,
            "signatures": [{"sig": base64_of(signature)}],
        }
        if rekor == 1:
            entry = self._dsse_v1(envelope, certificate)
        else:
            digest = hashlib.sha256(dsse.pae(payload_type, statement)).digest()
            entry = self._hashedrekord_v2(digest, signature, certificate)
        return {**self._bundle(certificate, entry, signature), "dsseEnvelope": envelope}

    def sign_artifact(self, artifact: bytes) -> Bundle:
        """Returns a bundle with a signature over an artifact, in Rekor v2."""
        key = new_ec_key()
        certificate = self.certificate(key)
        signature = key.sign(artifact, ec.ECDSA(hashes.SHA256()))
        digest = hashlib.sha256(artifact).digest()
        message = {
            "messageDigest": {"algorithm": "SHA2_256", "digest": base64_of(digest)},
            "signature": base64_of(signature),
        }
        entry = self._hashedrekord_v2(digest, signature, certificate)
        return {**self._bundle(certificate, entry, signature), "messageSignature": message}

    def timestamp(self, signature: bytes) -> dict[str, str]:
        """Returns a timestamp over a signature, as bundles hold it."""
        imprint = {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(signature).digest(),
        }
        request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
        return {"signedTimestamp": base64_of(self.timestamps.respond(request.dump()))}

    def stamp(self, bundle: Bundle, at: int) -> Bundle:
        """Returns the bundle with one timestamp, of another time."""
        now, self.clock.at = self.clock.at, at
        signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
        stamps = [self.timestamp(signature)]
        self.clock.at = now
        material = {
            **bundle["verificationMaterial"],
            "timestampVerificationData": {"rfc3161Timestamps": stamps},
        }
        return {**bundle, "verificationMaterial": material}

    def _bundle(self, certificate: x509.Certificate, entry: dict[str, Any], signature: bytes) -> Bundle:
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": base64_of(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [entry],
                "timestampVerificationData": {"rfc3161Timestamps": [self.timestamp(signature)]},
            },
        }

    def _hashedrekord_v2(
        self, digest: bytes, signature: bytes, certificate: x509.Certificate
    ) -> dict[str, Any]:
        raw = base64_of(certificate.public_bytes(Encoding.DER))
        verifier = {"x509Certificate": {"rawBytes": raw}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
        request = {
            "digest": base64_of(digest),
            "signature": {"content": base64_of(signature), "verifier": verifier},
        }
        return self.rekor_v2.create(json.dumps({"hashedRekordRequestV002": request}).encode())

    def _dsse_v1(self, envelope: dict[str, Any], certificate: x509.Certificate) -> dict[str, Any]:
        verifier = base64_of(certificate.public_bytes(Encoding.PEM))
        content = {"envelope": json.dumps(envelope), "verifiers": [verifier]}
        proposed = {"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": content}}
        answer = self.rekor_v1.create(json.dumps(proposed).encode())
        return bundled_v1_entry(next(iter(answer.values())))


def bundled_v1_entry(shown: Any) -> dict[str, Any]:
    """Returns an entry as bundles hold it, of one as Rekor v1's API shows it."""
    proof = shown["verification"]["inclusionProof"]
    return {
        "logIndex": str(shown["logIndex"]),
        "logId": {"keyId": base64_of(bytes.fromhex(shown["logID"]))},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(shown["integratedTime"]),
        "inclusionPromise": {"signedEntryTimestamp": shown["verification"]["signedEntryTimestamp"]},
        "inclusionProof": {
            "logIndex": str(proof["logIndex"]),
            "rootHash": base64_of(bytes.fromhex(proof["rootHash"])),
            "treeSize": str(proof["treeSize"]),
            "hashes": [base64_of(bytes.fromhex(item)) for item in proof["hashes"]],
            "checkpoint": {"envelope": proof["checkpoint"]},
        },
        "canonicalizedBody": shown["body"],
    }
