"""The keys of the local Sigstore, each in a file of its own that only its owner may read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from infra.local.durable import secret_file
from infra.local.signer import UnusableKeyError

_RSA_BITS = 2048  # what the real issuers use


@dataclass(frozen=True, slots=True)
class KeyWithChain:
    """A private key and its certificates: its own first, the root last."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    """Returns a new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def ec_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Returns the P-256 key of a file, made at the first call; raises UnusableKeyError for another kind."""
    return _ec(path, secret_file(path, lambda: _pem(new_ec_key())))


def ed25519_key(path: Path) -> ed25519.Ed25519PrivateKey:
    """Returns the Ed25519 key of a file, made at the first call; raises UnusableKeyError for another kind."""
    key = _read(path, secret_file(path, lambda: _pem(ed25519.Ed25519PrivateKey.generate())))
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UnusableKeyError(f"{path.name} holds no Ed25519 key")
    return key


def rsa_key(path: Path) -> rsa.RSAPrivateKey:
    """Returns the RSA key of a file, made at the first call; raises UnusableKeyError for another kind."""
    key = _read(path, secret_file(path, lambda: _pem(rsa.generate_private_key(65537, _RSA_BITS))))
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnusableKeyError(f"{path.name} holds no RSA key")
    return key


def key_with_chain(path: Path, make: Callable[[], KeyWithChain]) -> KeyWithChain:
    """Returns the key and certificates of a PEM file, made at the first call.

    Raises:
        ExposedFileError: others may read the file.
        UnusableKeyError: the file holds something else.
    """

    def pem() -> bytes:
        made = make()
        certificates = [certificate.public_bytes(serialization.Encoding.PEM) for certificate in made.chain]
        return _pem(made.key) + b"".join(certificates)

    data = secret_file(path, pem)
    key = _ec(path, data)
    try:
        chain = tuple(x509.load_pem_x509_certificates(data))
    except ValueError as exc:
        raise UnusableKeyError(f"{path.name} holds no certificates") from exc
    if chain[0].public_key() != key.public_key():
        raise UnusableKeyError(f"the first certificate in {path.name} is not the key's")
    return KeyWithChain(key, chain)


def public_der(key: PublicKeyTypes) -> bytes:
    """Returns a public key as DER SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: PublicKeyTypes) -> bytes:
    """Returns the SHA-256 of the DER SubjectPublicKeyInfo, as RFC 6962 names logs."""
    return hashlib.sha256(public_der(key)).digest()


def _ec(path: Path, pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = _read(path, pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKeyError(f"{path.name} holds no P-256 key")
    return key


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read(path: Path, pem: bytes) -> PrivateKeyTypes:
    try:
        # The check proves a key that is ours for the second time, and takes 0.1 s at every start.
        return serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError) as exc:
        raise UnusableKeyError(f"{path.name} holds no unencrypted PEM private key") from exc
