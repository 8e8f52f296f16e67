"""The contract of ``chalicelib.ports.signer``."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from tests.support.ports_under_test import PortsUnderTest


def public_key(ports: PortsUnderTest) -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(ports.signer.public_key_pem().encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def test_the_key_is_p256_and_its_id_is_the_digest_of_its_der(ports: PortsUnderTest) -> None:
    key = public_key(ports)
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key.curve.name == "secp256r1"
    assert ports.signer.key_id() == "sha256:" + hashlib.sha256(der).hexdigest()


# KMS signs 1 to 4096 bytes as they are; a longer message goes by its digest, which moto hashes
# once more (test_kms.py has that path). An attestation has about 2.6 kB.
@pytest.mark.parametrize("message", [b"m", b"a message", b"\x00" * 4096])
def test_a_signature_verifies_over_the_message_and_over_no_other(
    ports: PortsUnderTest, message: bytes
) -> None:
    signature = ports.signer.sign(message)
    public_key(ports).verify(signature, message, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public_key(ports).verify(signature, message + b"!", ec.ECDSA(hashes.SHA256()))
