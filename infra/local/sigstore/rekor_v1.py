"""Rekor v1: entries of kind dsse and hashedrekord 0.0.1, each with a promise and a proof.

A DSSE entry is logged without its payload: digests of envelope and payload, and the
signatures. The promise (signed entry timestamp) authenticates index and time, which
no checkpoint of this version does.

Source: sigstore/rekor, openapi.yaml, pkg/types/dsse and pkg/types/hashedrekord;
"canonicalized JSON" is RFC 8785, which our compact form equals for these values.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.ports.clock import Clock
from infra.local.sigstore.checkpoint import checkpoint_text, signed_note
from infra.local.sigstore.keys import key_id
from infra.local.sigstore.log import LoggedEntry, TransparencyLog
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
from tank_core import canonical, dsse
from tank_core.errors import ExitCode, TankError

NAME = "rekor.tank.invalid"  # reserved: it resolves nowhere, and depends on no port
_TREE_ID_BYTES = 8
Json: TypeAlias = dict[str, object]


class LogEntryExistsError(TankError):
    """The transparency log has this very entry."""

    code = "log-entry-exists"
    status = 409


class NoSuchLogEntryError(TankError):
    """The transparency log has no such entry."""

    code = "no-such-log-entry"
    status = 404
    exit_code = ExitCode.NOT_FOUND


class RekorV1:
    """The log behind ``/api/v1``."""

    def __init__(self, log: TransparencyLog, key: ec.EllipticCurvePrivateKey, clock: Clock) -> None:
        """Args: key: P-256; its public part's digest is the log's id."""
        self._log = log
        self._key = key
        self._clock = clock
        self.log_id = key_id(key.public_key())
        self.tree_id = int.from_bytes(self.log_id[:_TREE_ID_BYTES], "big") >> 1  # an int64 in the API

    @property
    def origin(self) -> str:
        """The first line of its checkpoints."""
        return f"{NAME} - {self.tree_id}"

    def create(self, body: bytes) -> Json:
        """Logs an entry and returns it, with promise and proof, under its UUID.

        Raises:
            LogEntryExistsError: log-entry-exists.
            LogEntryRefusedError: log-entry-refused.
        """
        entry, is_new = self._log.append(logged_body(body), at=self._clock.now())
        if not is_new:
            raise LogEntryExistsError(
                "This entry is logged already.",
                why=f"An equivalent entry has the UUID {self._uuid(entry)}.",
                fix="Use the entry that is there, or sign again.",
            )
        return self._shown(entry)

    def by_index(self, index: int) -> Json:
        """Returns the entry at an index; raises NoSuchLogEntryError when there is none."""
        entry = self._log.entry(index)
        if entry is None:
            raise _missing()
        return self._shown(entry)

    def by_uuid(self, uuid: str) -> Json:
        """Returns the entry with a UUID: 16 hex digits of tree id, which may be left out, and the leaf hash.

        Raises:
            NoSuchLogEntryError: no-such-log-entry.
        """
        tree, leaf = uuid[:-64], uuid[-64:]
        entry = self._log.entry_by_leaf(bytes.fromhex(leaf))
        if entry is None or tree not in ("", self._tree_hex()):
            raise _missing()
        return self._shown(entry)

    def state(self) -> Json:
        """Returns the log's size, root and signed tree head."""
        size, root = self._log.head()
        return {
            "rootHash": root.hex(),
            "treeSize": size,
            "signedTreeHead": self._checkpoint(size, root),
            "treeID": str(self.tree_id),
            "inactiveShards": [],
        }

    def consistency(self, old: int, new: int) -> Json:
        """Returns the proof that the log of ``new`` entries begins with the one of ``old``.

        Raises:
            NoSuchLogEntryError: no-such-log-entry; the log is not as large.
        """
        try:
            root, path = self._log.consistency(old, new)
        except ValueError as exc:
            raise _missing() from exc
        return {"rootHash": root.hex(), "hashes": [item.hex() for item in path]}

    def public_key_pem(self) -> bytes:
        """Returns the log's public key."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def _shown(self, entry: LoggedEntry) -> Json:
        proof = self._log.inclusion(entry.index)
        promised: Json = {
            "body": encoded(entry.body),
            "integratedTime": entry.integrated_at,
            "logID": self.log_id.hex(),
            "logIndex": entry.index,
        }
        shown_proof = {
            "checkpoint": self._checkpoint(proof.size, proof.root),
            "hashes": [item.hex() for item in proof.hashes],
            "logIndex": proof.index,
            "rootHash": proof.root.hex(),
            "treeSize": proof.size,
        }
        promise = encoded(self._signed(canonical.compact(promised)))
        verification = {"inclusionProof": shown_proof, "signedEntryTimestamp": promise}
        return {self._uuid(entry): {**promised, "verification": verification}}

    def _checkpoint(self, size: int, root: bytes) -> str:
        return signed_note(checkpoint_text(self.origin, size, root), NAME, self.log_id, self._signed)

    def _signed(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def _uuid(self, entry: LoggedEntry) -> str:
        return self._tree_hex() + entry.leaf.hex()

    def _tree_hex(self) -> str:
        return f"{self.tree_id:016x}"


def logged_body(request: bytes) -> bytes:
    """Returns what is logged for a proposed entry, once its signatures are good.

    Raises:
        LogEntryRefusedError: log-entry-refused; ``why`` has the reason.
    """
    proposed = parsed(request)
    kind, version = text_at(proposed, "kind"), text_at(proposed, "apiVersion")
    if version != "0.0.1" or kind not in ("dsse", "hashedrekord"):
        raise refused("it is neither dsse 0.0.1 nor hashedrekord 0.0.1")
    spec = _dsse_spec(proposed) if kind == "dsse" else _hashedrekord_spec(proposed)
    return canonical.compact({"apiVersion": version, "kind": kind, "spec": spec})


def _dsse_spec(proposed: object) -> Json:
    text = text_at(proposed, "spec", "proposedContent", "envelope")
    envelope = parsed(text.encode())
    verifier = text_at(proposed, "spec", "proposedContent", "verifiers", 0)
    _, key = certificate_key(decoded(verifier, "verifier"), is_pem=True)
    listed = envelope.get("signatures") if isinstance(envelope, dict) else None
    if not isinstance(listed, list) or len(listed) != 1:
        raise refused("its envelope does not have exactly one signature")
    payload = decoded(text_at(envelope, "payload"), "payload")
    signature = text_at(envelope, "signatures", 0, "sig")
    signed = dsse.pae(text_at(envelope, "payloadType"), payload)
    algorithm = _algorithm_of(key)
    check_signature(key, decoded(signature, "signature"), _digest(signed, algorithm), algorithm)
    return {
        "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(text.encode()).hexdigest()},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
        "signatures": [{"signature": signature, "verifier": verifier}],
    }


def _hashedrekord_spec(proposed: object) -> Json:
    verifier = text_at(proposed, "spec", "signature", "publicKey", "content")
    signature = text_at(proposed, "spec", "signature", "content")
    algorithm = text_at(proposed, "spec", "data", "hash", "algorithm")
    value = text_at(proposed, "spec", "data", "hash", "value")
    _, key = certificate_key(decoded(verifier, "public key"), is_pem=True)
    if algorithm not in HASHES:
        raise refused("its digest is neither SHA-256, SHA-384 nor SHA-512")
    try:
        digest = bytes.fromhex(value)
    except ValueError as exc:
        raise refused("its digest is not hex") from exc
    if not hmac.compare_digest(digest.hex().encode(), value.encode()):
        raise refused("its digest is not lower-case hex")
    check_signature(key, decoded(signature, "signature"), digest, HASHES[algorithm])
    return {
        "data": {"hash": {"algorithm": algorithm, "value": value}},
        "signature": {"content": signature, "publicKey": {"content": verifier}},
    }


def _algorithm_of(key: ec.EllipticCurvePublicKey) -> hashes.HashAlgorithm:
    return HASHES[{256: "sha256", 384: "sha384"}.get(key.curve.key_size, "sha512")]


def _digest(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    return hashlib.new(algorithm.name, data).digest()


def _missing() -> NoSuchLogEntryError:
    return NoSuchLogEntryError(
        "The transparency log has no such entry.",
        why="Nothing with this index, UUID or size was logged here.",
        fix="Take index or UUID from the bundle of a version that this registry published.",
    )
