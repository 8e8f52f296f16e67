"""DSSE envelopes, signed with ECDSA P-256 over SHA-256.

The envelope carries its payload as opaque bytes, so nothing is parsed before its
signature is good. What a payload means is ``attestation``'s part. Keys come from
the caller, pinned; an envelope never brings its own.

Source: DSSE protocol and envelope, v1.0 (secure-systems-lab/dsse).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tank_core import canonical
from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.shape import MalformedJsonError, Reader, parse_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

MAX_ENVELOPE_BYTES = 64 * 1024  # the registry's own are below 4 KiB
MAX_SIGNATURES = 4  # the present key and its successors while keys change


class EnvelopeError(TankError):
    """An envelope whose payload must not be read."""

    code = "envelope-refused"
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class _Signature:
    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class _Envelope:
    payload_type: str
    payload: bytes
    signatures: tuple[_Signature, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Returns the pre-authentication encoding: the bytes that are signed.

    Source: DSSE protocol, "Signature Definition".
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope_bytes(payload_type: str, payload: bytes, key_id: str, signature: bytes) -> bytes:
    """Returns the envelope as canonical JSON.

    Args:
        payload_type: media type of the payload.
        payload: the bytes whose ``pae`` was signed.
        key_id: ``sha256:<hex>``, see ``key_id_of``.
        signature: DER ECDSA.
    """
    return canonical.compact(
        {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": payload_type,
            "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode("ascii")}],
        }
    )


def key_id_of(pem: str) -> str:
    """Returns ``sha256:<hex>`` over the DER SubjectPublicKeyInfo of a P-256 public key.

    Raises:
        EnvelopeError: ``envelope-refused``; not a PEM public key on that curve.
    """
    from cryptography.hazmat.primitives import serialization

    der = _public_key(pem).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def verify_envelope(data: bytes, keys: Mapping[str, str], *, payload_type: str) -> bytes:
    """Returns the payload of an envelope that a trusted key signed.

    1. Size, JSON, and exactly the fields of an envelope.
    2. The payload type is the expected one.
    3. At least one signature names a trusted key.
    4. Each such key has the id under which it is trusted.
    5. Each such signature is good. Signatures of other keys are not looked at.

    Args:
        data: the envelope, untrusted.
        keys: key id → PEM SubjectPublicKeyInfo, trusted.
        payload_type: the only acceptable media type.

    Raises:
        EnvelopeError: ``envelope-refused``; ``why`` names the step.
    """
    envelope = _parsed(data)  # 1
    if envelope.payload_type != payload_type:  # 2
        raise _refused(f"The payload type is {quoted(envelope.payload_type)}, not {payload_type}.")
    known = [signature for signature in envelope.signatures if signature.key_id in keys]
    if not known:  # 3
        named = ", ".join(quoted(signature.key_id) for signature in envelope.signatures)
        raise _refused(f"It is signed by {named}, and none of these keys is trusted.")
    message = pae(envelope.payload_type, envelope.payload)
    for signature in known:
        _check_key_id(signature.key_id, keys[signature.key_id])  # 4
        _check_signature(signature, keys[signature.key_id], message)  # 5
    return envelope.payload


def _check_key_id(key_id: str, pem: str) -> None:
    if not hmac.compare_digest(key_id_of(pem).encode(), key_id.encode()):
        raise _refused(f"The key that is trusted as {quoted(key_id)} is another one.")


def _check_signature(signature: _Signature, pem: str, message: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = _public_key(pem)
    try:
        key.verify(signature.value, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as exc:
        raise _refused(f"The signature of {quoted(signature.key_id)} does not match the payload.") from exc
    except Exception as exc:  # Around signatures, what is not understood is refused.
        raise _refused("The signature could not be verified.") from exc


@lru_cache(maxsize=16)  # a registry has few keys, and a project a hundred attestations by one of them
def _public_key(pem: str) -> EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise _refused("A trusted key is not a PEM public key.") from exc
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _refused("A trusted key is not on the curve P-256.")
    return key


def _parsed(data: bytes) -> _Envelope:
    problems: list[Problem] = []
    try:
        value = parse_json(data, what="the envelope", max_bytes=MAX_ENVELOPE_BYTES)
    except MalformedJsonError as exc:
        raise _refused(f"{exc.what}. {exc.why}") from exc
    reader = Reader.of(value, "envelope", problems)
    reader.reject_unknown(("payload", "payloadType", "signatures"))
    payload_type = reader.required_string("payloadType")
    payload = _base64(reader, "payload", MAX_ENVELOPE_BYTES)
    signatures = _signatures(reader)
    if problems:
        raise _refused(f"{problems[0].where} {problems[0].what}.", tuple(problems))
    return _Envelope(payload_type, payload, signatures)


def _signatures(reader: Reader) -> tuple[_Signature, ...]:
    items = reader.values.get("signatures")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_SIGNATURES:
        reader.problem("signatures", f"is not a list of 1 to {MAX_SIGNATURES}", "Sign the payload.")
        return ()
    found = []
    for position, item in enumerate(items):
        entry = Reader.of(item, reader.document, reader.problems, ("signatures", str(position)))
        entry.reject_unknown(("keyid", "sig"))
        found.append(_Signature(entry.required_string("keyid"), _base64(entry, "sig", 1024)))
    return tuple(found)


def _base64(reader: Reader, key: str, max_length: int) -> bytes:
    text = reader.required_string(key, max_length=max_length)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        reader.problem(key, "is not standard base64", "Encode it again.")
        return b""


def _refused(why: str, problems: tuple[Problem, ...] = ()) -> EnvelopeError:
    return EnvelopeError(
        "The signed envelope is not acceptable.",
        why=why,
        fix="Do not use what it vouches for. Fetch it again; if it stays, tell the registry's security contact.",
        problems=problems,
    )
