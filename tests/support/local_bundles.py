"""Bundles as JSON objects that a test can change, from a local Sigstore whose clock it moves.

Real bundles are in ``real_bundles``; these are for what no real one can show.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.sigstore.keys import new_ec_key
from tests.support.local_sigstore import (
    BUILD,
    IN_TOTO,
    Parts,
    SigstoreScene,
    certificate,
    logged_v2,
    parts,
    timestamp,
)

STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"00"}}]}'
RELEASE = replace(BUILD, environment="release")
Bundle = dict[str, Any]


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


class BundleScene(SigstoreScene):
    """One Sigstore, and the bundles of one build that signs there."""

    def root(self) -> dict[str, Any]:
        """Returns the trusted root, as a fresh JSON object."""
        found: dict[str, Any] = json.loads(self.trusted_root)
        return found

    def certificate(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        """Returns a certificate of the build, from now on."""
        return certificate(self, key, RELEASE.github_claims())

    def sign(
        self,
        statement: bytes = STATEMENT,
        *,
        rekor: int = 2,
        payload_type: str = IN_TOTO,
        key: ec.EllipticCurvePrivateKey | None = None,
        leaf: x509.Certificate | None = None,
    ) -> Bundle:
        """Returns a bundle with a statement, logged and timestamped now."""
        key = key or new_ec_key()
        leaf = leaf or self.certificate(key)
        made = parts(self, statement, rekor=rekor, payload_type=payload_type, key=key, leaf=leaf)
        found: Bundle = json.loads(made.to_bundle())
        return found

    def sign_artifact(self, artifact: bytes) -> Bundle:
        """Returns a bundle with a signature over an artifact, in Rekor v2."""
        key = new_ec_key()
        leaf = self.certificate(key)
        signature = key.sign(artifact, ec.ECDSA(hashes.SHA256()))
        entry = logged_v2(self.sigstore, artifact, signature, leaf)
        stamp = timestamp(self.sigstore.timestamps, signature)
        bundle: Bundle = json.loads(Parts(key, leaf, "", b"", signature, entry, (stamp,)).to_bundle())
        del bundle["dsseEnvelope"]
        digest = {"algorithm": "SHA2_256", "digest": base64_of(hashlib.sha256(artifact).digest())}
        return {**bundle, "messageSignature": {"messageDigest": digest, "signature": base64_of(signature)}}

    def timestamp(self, signature: bytes) -> dict[str, str]:
        """Returns a timestamp over a signature, as bundles hold it."""
        return {"signedTimestamp": base64_of(timestamp(self.sigstore.timestamps, signature))}

    def stamp(self, bundle: Bundle, at: int) -> Bundle:
        """Returns the bundle with one timestamp, of another time."""
        now, self.clock.at = self.clock.at, at
        signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
        stamps = {"rfc3161Timestamps": [self.timestamp(signature)]}
        self.clock.at = now
        return {
            **bundle,
            "verificationMaterial": {**bundle["verificationMaterial"], "timestampVerificationData": stamps},
        }
