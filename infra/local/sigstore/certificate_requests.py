"""What Fulcio is asked for: a certificate for a key, with the proof that the requester holds it.

Two forms: a PKCS#10 request, signed by its own key, or a public key with a signature
over the token's challenge, which is its e-mail address or its subject.

Source: Fulcio, fulcio.proto v2, ``CreateSigningCertificateRequest``.
"""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tank_core.errors import TankError
from tank_core.shape import MalformedJsonError, parse_json

MAX_REQUEST_BYTES = 64 * 1024
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}


class CertificateRequestRefusedError(TankError):
    """A certificate request that proves nothing, or that is malformed."""

    code = "certificate-request-refused"


def requested_key(body: bytes, challenge: str) -> ec.EllipticCurvePublicKey:
    """Returns the key that a certificate is requested for, once its possession is proved.

    Args:
        body: the JSON request.
        challenge: what a bare public key's owner must have signed.

    Raises:
        CertificateRequestRefusedError: certificate-request-refused; ``why`` has the reason.
    """
    try:
        request = parse_json(body, what="the certificate request", max_bytes=MAX_REQUEST_BYTES)
    except MalformedJsonError as exc:
        raise _refused(f"it is no JSON object: {exc.why}") from exc
    if not isinstance(request, dict):
        raise _refused("it is no JSON object")
    if "certificateSigningRequest" in request:
        return _of_csr(_decoded(request["certificateSigningRequest"], "certificateSigningRequest"))
    given = request.get("publicKeyRequest")
    if not isinstance(given, dict) or not isinstance(given.get("publicKey"), dict):
        raise _refused("it has neither certificateSigningRequest nor publicKeyRequest")
    content = given["publicKey"].get("content")
    if not isinstance(content, str):
        raise _refused("its publicKey has no content")
    proof = _decoded(given.get("proofOfPossession"), "proofOfPossession")
    return _of_public_key(content.encode(), proof, challenge)


def _of_csr(pem: bytes) -> ec.EllipticCurvePublicKey:
    try:
        request = x509.load_pem_x509_csr(pem)
        is_proved = request.is_signature_valid
        key = request.public_key()
    except Exception as exc:  # The parser's refusals have several types; none of them may pass.
        raise _refused("it holds no readable PKCS#10 request") from exc
    if not is_proved:
        raise _refused("its key did not sign it")
    return _usable(key)


def _of_public_key(pem: bytes, proof: bytes, challenge: str) -> ec.EllipticCurvePublicKey:
    try:
        key = _usable(serialization.load_pem_public_key(pem))
        key.verify(proof, challenge.encode(), ec.ECDSA(_HASHES[key.curve.key_size]))
    except CertificateRequestRefusedError:
        raise
    except InvalidSignature as exc:
        raise _refused("its key did not sign the token's subject") from exc
    except Exception as exc:  # See above.
        raise _refused("it holds no readable public key") from exc
    return key


def _usable(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, _CURVES):
        raise _refused("its key is not on P-256, P-384 or P-521")
    return key


def _decoded(value: object, name: str) -> bytes:
    try:
        if isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise _refused(f"its {name} is not base64")


def _refused(reason: str) -> CertificateRequestRefusedError:
    return CertificateRequestRefusedError(
        "The certificate request is not acceptable.",
        why=f"The local Sigstore refuses it: {reason}.",
        fix="Let `tank publish` make the request.",
    )
