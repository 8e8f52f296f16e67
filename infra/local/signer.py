"""The registry's signing key in a file: the AttestationSigner of one machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.durable import secret_file

_ALGORITHM = ec.ECDSA(hashes.SHA256())


class UnusableKeyError(Exception):
    """The key file does not hold an unencrypted P-256 private key."""


class FileSigner:
    """Signs with a P-256 key that is made at the first start and never leaves its file."""

    def __init__(self, path: Path) -> None:
        """Reads or makes the key.

        Raises:
            ExposedFileError: others may read the key file.
            UnusableKeyError: the file holds something else.
        """
        self._key = _read_key(secret_file(path, _new_key))
        self._public_key = self._key.public_key()

    def key_id(self) -> str:
        """Returns ``sha256:<hex>`` over the DER SubjectPublicKeyInfo."""
        der = self._public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"sha256:{hashlib.sha256(der).hexdigest()}"

    def public_key_pem(self) -> str:
        """Returns the public key as PEM SubjectPublicKeyInfo."""
        pem = self._public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem.decode("ascii")

    def sign(self, message: bytes) -> bytes:
        """Returns the DER signature of SHA-256 over ``message``; raises InvalidSignature rather than a bad one."""
        signature = self._key.sign(message, _ALGORITHM)
        self._public_key.verify(signature, message, _ALGORITHM)
        return signature


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as exc:
        raise UnusableKeyError("the signing key file is not an unencrypted PEM private key") from exc
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKeyError("the signing key is not a P-256 key")
    return key
