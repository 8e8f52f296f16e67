"""Key pairs for tests, made on the spot."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tank_core import dsse


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ECDSA key that signs envelopes."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, curve: ec.EllipticCurve | None = None) -> SigningKey:
        """Returns a key that nobody has, on P-256 unless told otherwise."""
        return cls(ec.generate_private_key(curve or ec.SECP256R1()))

    @property
    def pem(self) -> str:
        """The public key."""
        return (
            self.private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    @property
    def key_id(self) -> str:
        """Its id."""
        return dsse.key_id_of(self.pem)

    def sign(self, message: bytes) -> bytes:
        """Returns the DER signature of a message."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))

    def envelope(self, payload_type: str, payload: bytes) -> bytes:
        """Returns a signed envelope."""
        signature = self.sign(dsse.pae(payload_type, payload))
        return dsse.envelope_bytes(payload_type, payload, self.key_id, signature)
