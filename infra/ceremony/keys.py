"""Key files of people: PEM, private ones 0600 and encrypted when a passphrase is given."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey

PUBLIC_ENDING = ".pub"
OfflineSigner = CryptoSigner
PublicKey = SSlibKey


class CeremonyError(Exception):
    """What was asked cannot be done with these files; the message says why."""


def new_key(path: Path, *, passphrase: bytes | None = None) -> Path:
    """Makes an Ed25519 key: the private half at ``path``, 0600, the public one beside it.

    Args:
        path: must not exist.
        passphrase: encrypts the private half; None leaves it plain.

    Returns:
        The public half's file, which may be shown to anybody.

    Raises:
        FileExistsError: a key is never written over another.
    """
    key = Ed25519PrivateKey.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write_new(path, private)
    beside = path.with_name(path.name + PUBLIC_ENDING)
    _write_new(beside, public)
    return beside


def signer_of(pem: bytes, *, passphrase: bytes | None = None) -> CryptoSigner:
    """Returns the signer of a private key file: Ed25519, or ECDSA over a NIST curve.

    Raises:
        CeremonyError: it is no such key, or the passphrase is wrong or missing.
    """
    is_encrypted = b"ENCRYPTED" in pem.partition(b"\n")[0]
    try:
        key = serialization.load_pem_private_key(pem, passphrase if is_encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise CeremonyError("not a private key in PEM, or its passphrase is missing or wrong") from exc
    if not isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey):
        raise CeremonyError("only Ed25519 and ECDSA keys sign root and targets")
    return CryptoSigner(key)


def public_key_of(pem: bytes) -> SSlibKey:
    """Returns the TUF key of a public key file.

    Raises:
        CeremonyError: it is no public key in PEM that TUF clients verify with.
    """
    try:
        return SSlibKey.from_crypto(serialization.load_pem_public_key(pem))
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise CeremonyError("not a public key in PEM that TUF clients verify with") from exc


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
