"""The port that holds the registry's signing key."""

from __future__ import annotations

from typing import Protocol


class AttestationSigner(Protocol):
    """Signs with the registry's ECDSA P-256 key, which never leaves the adapter."""

    def key_id(self) -> str:
        """Returns ``sha256:<hex>`` over the DER SubjectPublicKeyInfo."""
        ...

    def public_key_pem(self) -> str:
        """Returns the public key as PEM SubjectPublicKeyInfo."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Returns the DER ECDSA signature of SHA-256 over ``message``, verified locally before it is returned."""
        ...
