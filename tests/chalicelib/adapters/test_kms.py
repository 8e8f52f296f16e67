"""The KMS signer refuses every signature that its own public key does not verify."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from chalicelib.adapters import aws
from chalicelib.adapters.kms import MAX_RAW_BYTES, KmsSigner
from chalicelib.ports.errors import PortError
from tests.support.aws_ports import emulated_aws, made_key


@pytest.fixture(autouse=True)
def _emulated() -> Iterator[None]:
    with emulated_aws():
        yield


class CorrectKms:
    """A KMS that signs digests as the documentation says, which moto does not."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.message_types: list[str] = []

    def get_public_key(self, **_: str) -> dict[str, Any]:
        spki = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"KeySpec": "ECC_NIST_P256", "PublicKey": spki}

    def sign(self, *, Message: bytes, MessageType: str, **_: str) -> dict[str, bytes]:
        from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

        self.message_types.append(MessageType)
        digest = Message if MessageType == "DIGEST" else hashlib.sha256(Message).digest()
        return {"Signature": self._key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))}


def test_signature_verifies_with_the_pem_that_the_signer_gives() -> None:
    signer = KmsSigner(aws.kms_client(), made_key())
    signature = signer.sign(b"message")
    key = load_pem_public_key(signer.public_key_pem().encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, b"message", ec.ECDSA(hashes.SHA256()))
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert signer.key_id() == f"sha256:{hashlib.sha256(spki).hexdigest()}"
    assert signer.public_key_pem().encode() == key.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


def test_message_too_long_for_raw_is_signed_by_its_digest() -> None:
    kms = CorrectKms()
    signer = KmsSigner(kms, "key")  # type: ignore[arg-type]  # a double of the two calls in use
    signer.sign(b"x" * MAX_RAW_BYTES)
    signer.sign(b"x" * (MAX_RAW_BYTES + 1))
    assert kms.message_types == ["RAW", "DIGEST"]


def test_signature_that_hashes_twice_is_refused() -> None:
    signer = KmsSigner(aws.kms_client(), made_key())
    with pytest.raises(PortError, match="does not verify"):
        signer.sign(b"x" * (MAX_RAW_BYTES + 1))  # moto 5.2.5 hashes a digest again


def test_key_of_another_kind_is_refused() -> None:
    client = aws.kms_client()
    key = client.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with pytest.raises(PortError, match="not ECC_NIST_P256"):
        KmsSigner(client, key).key_id()


def test_unknown_key_is_a_port_error() -> None:
    with pytest.raises(PortError, match="NotFoundException"):
        KmsSigner(aws.kms_client(), "alias/none").key_id()
