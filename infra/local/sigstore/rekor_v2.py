"""Rekor v2: hashedrekord 0.0.2 entries with a proof, and the log as tiles.

There is no promise and no time: a bundle brings its own timestamp. A DSSE envelope is
logged as the digest of what its signature covers. The log's id hashes its name, a
newline, the algorithm's number and the raw key, as signed notes identify keys.

Source: sigstore/rekor-tiles, CLIENTS.md and api/proto/rekor/v2; C2SP tlog-tiles and
signed-note.
"""

from __future__ import annotations

import hashlib
import re

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.ports.clock import Clock
from infra.local.sigstore.checkpoint import checkpoint_text, signed_note
from infra.local.sigstore.log import TransparencyLog
from infra.local.sigstore.log_requests import (
    HASHES,
    certificate_key,
    check_signature,
    decoded,
    encoded,
    parsed,
    refused,
    text_at,
)
from infra.local.sigstore.rekor_v1 import Json
from tank_core import canonical

NAME = "rekor-tiles.tank.invalid"  # reserved: it resolves nowhere, and depends on no port
TILE_WIDTH = 256
_TILE_LEVELS = 8
_MAX_ENTRY_BYTES = 2**16 - 1  # a tile of entries holds the length of each in two bytes
_ED25519 = b"\x01"
_KIND, _VERSION = "hashedrekord", "0.0.2"
_TILE_NUMBER = re.compile(r"(?:x\d{3}/)*\d{3}")
# Key details by curve: the signature algorithm and the digest that goes with it.
_DETAILS = {
    256: ("PKIX_ECDSA_P256_SHA_256", "SHA2_256", "sha256"),
    384: ("PKIX_ECDSA_P384_SHA_384", "SHA2_384", "sha384"),
    521: ("PKIX_ECDSA_P521_SHA_512", "SHA2_512", "sha512"),
}


class RekorV2:
    """The log behind ``/api/v2``."""

    def __init__(self, log: TransparencyLog, key: ed25519.Ed25519PrivateKey, clock: Clock) -> None:
        """Args: clock: when an entry came is kept for the operator; nobody is told."""
        self._log = log
        self._key = key
        self._clock = clock
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.log_id = hashlib.sha256(NAME.encode() + b"\n" + _ED25519 + raw).digest()

    def create(self, body: bytes) -> Json:
        """Logs an entry and returns it with its proof; one that is there keeps its index.

        Raises:
            LogEntryRefusedError: log-entry-refused; ``why`` has the reason.
        """
        entry, _ = self._log.append(logged_body(body), at=self._clock.now())
        proof = self._log.inclusion(entry.index)
        return {
            "logIndex": str(entry.index),
            "logId": {"keyId": encoded(self.log_id)},
            "kindVersion": {"kind": _KIND, "version": _VERSION},
            "inclusionProof": {
                "logIndex": str(proof.index),
                "rootHash": encoded(proof.root),
                "treeSize": str(proof.size),
                "hashes": [encoded(item) for item in proof.hashes],
                "checkpoint": {"envelope": self._checkpoint(proof.size, proof.root)},
            },
            "canonicalizedBody": encoded(entry.body),
        }

    def checkpoint(self) -> bytes:
        """Returns the signed checkpoint of the log as it is now."""
        return self._checkpoint(*self._log.head()).encode()

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Returns a tile of hashes, or None while it is not that wide.

        Args:
            level: of tiles; each spans eight levels of the tree.
            number: of the tile within its level.
            width: hashes in it, 1 to 256.
        """
        start = number * TILE_WIDTH
        found = self._log.subtrees(level * _TILE_LEVELS, start, start + width)
        return b"".join(found) if len(found) == width else None

    def entry_tile(self, number: int, width: int) -> bytes | None:
        """Returns a bundle of entries, each after its length in two bytes, or None while it is not that wide."""
        start = number * TILE_WIDTH
        found = self._log.entries(start, start + width)
        if len(found) != width:
            return None
        return b"".join(len(entry.body).to_bytes(2, "big") + entry.body for entry in found)

    def _checkpoint(self, size: int, root: bytes) -> str:
        return signed_note(checkpoint_text(NAME, size, root), NAME, self.log_id, self._key.sign)


def tile_number(text: str) -> int | None:
    """Returns the number in a tile's path, such as 1234067 for ``x001/x234/067``; None for another form."""
    if not _TILE_NUMBER.fullmatch(text):
        return None
    return int(text.replace("x", "").replace("/", ""))


def logged_body(request: bytes) -> bytes:
    """Returns what is logged for a request, once its signature is good.

    Raises:
        LogEntryRefusedError: log-entry-refused; ``why`` has the reason.
    """
    proposed = parsed(request)
    if not isinstance(proposed, dict) or set(proposed) != {"hashedRekordRequestV002"}:
        raise refused("it is no hashedrekord 0.0.2, which is all that this log takes")
    given = proposed["hashedRekordRequestV002"]
    digest = decoded(text_at(given, "digest"), "digest")
    signature = decoded(text_at(given, "signature", "content"), "signature")
    certificate = text_at(given, "signature", "verifier", "x509Certificate", "rawBytes")
    _, key = certificate_key(decoded(certificate, "certificate"), is_pem=False)
    details, algorithm = _details(key, text_at(given, "signature", "verifier", "keyDetails"))
    check_signature(key, signature, digest, HASHES[algorithm])
    verifier = {
        "keyDetails": details,
        "x509Certificate": {"rawBytes": encoded(decoded(certificate, "certificate"))},
    }
    spec = {
        "data": {"algorithm": _DETAILS[key.curve.key_size][1], "digest": encoded(digest)},
        "signature": {"content": encoded(signature), "verifier": verifier},
    }
    body = canonical.compact({"apiVersion": _VERSION, "kind": _KIND, "spec": {"hashedRekordV002": spec}})
    if len(body) > _MAX_ENTRY_BYTES:
        raise refused("it is larger than a tile can hold")
    return body


def _details(key: ec.EllipticCurvePublicKey, stated: str) -> tuple[str, str]:
    details, _, algorithm = _DETAILS.get(key.curve.key_size, ("", "", ""))
    if stated != details:
        raise refused("its keyDetails are not the certificate's")
    return details, algorithm
