"""The registry's signing key in AWS KMS: ECC_NIST_P256, ECDSA_SHA_256.

Every signature is checked locally with the public key before it leaves this
module: an emulator's ``MessageType=DIGEST`` was seen to hash twice, and a wrong
signature must stop a publish here, not an install later. ``cryptography`` is
imported only to sign, because the API's package has no room and no use for it.

Source: KMS API reference, Sign: a RAW message has at most 4096 bytes, a longer
one is signed by its digest.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.aws import port_errors
from chalicelib.ports.errors import PortError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

MAX_RAW_BYTES = 4096  # KMS signs longer messages by digest only
# SEQUENCE, id-ecPublicKey, prime256v1, BIT STRING: how every P-256 key begins (RFC 5480).
_P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


class KmsSigner:
    """The ``AttestationSigner`` port over one KMS key."""

    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._kms_key_id = key_id

    def key_id(self) -> str:
        """See ``AttestationSigner.key_id``."""
        return f"sha256:{hashlib.sha256(self._spki).hexdigest()}"

    def public_key_pem(self) -> str:
        """See ``AttestationSigner.public_key_pem``."""
        body = "\n".join(textwrap.wrap(base64.b64encode(self._spki).decode("ascii"), 64))
        return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"

    def sign(self, message: bytes) -> bytes:
        """See ``AttestationSigner.sign``.

        Raises:
            PortError: KMS did not answer, or what it answered does not verify.
        """
        by_digest = len(message) > MAX_RAW_BYTES
        with port_errors("kms sign"):
            answer = self._client.sign(
                KeyId=self._kms_key_id,
                Message=hashlib.sha256(message).digest() if by_digest else message,
                MessageType="DIGEST" if by_digest else "RAW",
                SigningAlgorithm="ECDSA_SHA_256",
            )
        _check(self._spki, message, answer["Signature"])
        return answer["Signature"]

    @cached_property
    def _spki(self) -> bytes:
        """The DER SubjectPublicKeyInfo; fetched once, because a KMS key never changes its material."""
        with port_errors("kms get public key"):
            answer = self._client.get_public_key(KeyId=self._kms_key_id)
        spki: bytes = answer["PublicKey"]
        if not spki.startswith(_P256_SPKI):
            raise PortError("kms: the registry's key is not ECC_NIST_P256")
        return spki


def _check(spki: bytes, message: bytes, signature: bytes) -> None:
    """Refuses a signature that the key's own public half does not verify."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(spki)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise PortError("kms: the registry's key is not an elliptic curve key")
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as exc:
        raise PortError("kms sign: the signature does not verify with the key's own public key") from exc
