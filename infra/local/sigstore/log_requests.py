"""What both Rekor versions check before they log anything: that the signature is good.

A log that took anything would still be append-only; but an entry whose signature
nobody can verify helps nobody, and the real logs refuse it.
"""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tank_core.errors import ExitCode, TankError
from tank_core.shape import MalformedJsonError, parse_json

MAX_REQUEST_BYTES = 64 * 1024
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class LogEntryRefusedError(TankError):
    """The transparency log takes no such entry."""

    code = "log-entry-refused"
    exit_code = ExitCode.INTEGRITY


def parsed(body: bytes) -> object:
    """Returns the JSON of a request; raises LogEntryRefusedError when it is none."""
    try:
        return parse_json(body, what="the log entry", max_bytes=MAX_REQUEST_BYTES)
    except MalformedJsonError as exc:
        raise refused(f"it is no JSON: {exc.why}") from exc


def text_at(value: object, *path: str | int) -> str:
    """Returns the text at a path of keys and positions; raises LogEntryRefusedError when there is none."""
    for step in path:
        is_there = step in value if isinstance(value, dict) else _has_position(value, step)
        if not is_there:
            raise refused(f"it has no {'.'.join(map(str, path))}")
        value = value[step]  # type: ignore[index]  # a dict with the key, or a list with the position
    if not isinstance(value, str):
        raise refused(f"its {'.'.join(map(str, path))} is no text")
    return value


def decoded(text: str, what: str) -> bytes:
    """Returns base64's bytes; raises LogEntryRefusedError when it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise refused(f"its {what} is not base64") from exc


def encoded(data: bytes) -> str:
    """Returns bytes as base64."""
    return base64.b64encode(data).decode()


def certificate_key(data: bytes, *, is_pem: bool) -> tuple[x509.Certificate, ec.EllipticCurvePublicKey]:
    """Returns a certificate and its key; raises LogEntryRefusedError unless it is one with an EC key."""
    try:
        load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
        certificate = load(data)
        key = certificate.public_key()
    except Exception as exc:  # The parser's refusals have several types; none of them may pass.
        raise refused("its verifier is no certificate") from exc
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise refused("its certificate has no key on an elliptic curve")
    return certificate, key


def check_signature(
    key: ec.EllipticCurvePublicKey, signature: bytes, digest: bytes, algorithm: hashes.HashAlgorithm
) -> None:
    """Passes when a signature over a digest is good.

    Raises:
        LogEntryRefusedError: log-entry-refused; it is not, or the digest is no such digest.
    """
    if len(digest) != algorithm.digest_size:
        raise refused(f"its digest is no {algorithm.name} digest")
    try:
        key.verify(signature, digest, ec.ECDSA(utils.Prehashed(algorithm)))
    except InvalidSignature as exc:
        raise refused("its signature is not the certificate's") from exc


def _has_position(value: object, step: str | int) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def refused(reason: str) -> LogEntryRefusedError:
    """Returns the refusal for a reason, half a sentence."""
    return LogEntryRefusedError(
        "The log entry is not acceptable.",
        why=f"The local Sigstore refuses it: {reason}.",
        fix="Let `tank publish` make the entry.",
    )
