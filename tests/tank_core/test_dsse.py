"""Envelopes: only what a pinned key signed comes out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.dsse import EnvelopeError, envelope_bytes, key_id_of, pae, verify_envelope
from tank_core.errors import ExitCode
from tests.support.signing_keys import SigningKey

TYPE = "application/vnd.in-toto+json"
KEY = SigningKey.new()
OTHER = SigningKey.new()
KEYS = {KEY.key_id: KEY.pem}
GOOD = KEY.envelope(TYPE, b"payload")


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(GOOD)
    change(value)
    return json.dumps(value).encode()


def with_signatures(*signatures: dict[str, str]) -> bytes:
    return changed(lambda value: value.update(signatures=list(signatures)))


def signature_by(key: SigningKey) -> dict[str, str]:
    signature: dict[str, str] = json.loads(key.envelope(TYPE, b"payload"))["signatures"][0]
    return signature


def test_pae_is_that_of_the_specification():
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


def test_payload_signed_by_a_trusted_key_comes_out():
    assert verify_envelope(GOOD, KEYS, payload_type=TYPE) == b"payload"


def test_envelope_is_canonical_json():
    assert envelope_bytes("t", b"p", "k", b"s") == (
        b'{"payload":"cA==","payloadType":"t","signatures":[{"keyid":"k","sig":"cw=="}]}'
    )


def test_key_id_is_the_digest_of_the_der_key():
    der = KEY.private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert key_id_of(KEY.pem) == "sha256:" + hashlib.sha256(der).hexdigest()


def test_signature_of_an_unknown_key_beside_a_trusted_one_is_not_looked_at():
    envelope = with_signatures({"keyid": "sha256:new", "sig": "AAAA"}, signature_by(KEY))
    assert verify_envelope(envelope, KEYS, payload_type=TYPE) == b"payload"


def test_each_of_two_trusted_signatures_must_be_good():
    keys = KEYS | {OTHER.key_id: OTHER.pem}
    both = with_signatures(signature_by(KEY), signature_by(OTHER))
    assert verify_envelope(both, keys, payload_type=TYPE) == b"payload"
    swapped = with_signatures(signature_by(KEY), {**signature_by(KEY), "keyid": OTHER.key_id})
    with pytest.raises(EnvelopeError) as caught:
        verify_envelope(swapped, keys, payload_type=TYPE)
    assert "does not match" in caught.value.why


REFUSED: dict[str, tuple[bytes, str]] = {
    "other payload": (
        changed(lambda value: value.update(payload=base64.b64encode(b"Payload").decode())),
        "does not match the payload",
    ),
    "other payload type": (changed(lambda value: value.update(payloadType="text/plain")), "payload type"),
    "no signature": (with_signatures(), "list of 1 to 4"),
    "five signatures": (with_signatures(*[signature_by(KEY)] * 5), "list of 1 to 4"),
    "unknown key": (OTHER.envelope(TYPE, b"payload"), "none of these keys is trusted"),
    "unknown key under a trusted id": (
        with_signatures({**signature_by(OTHER), "keyid": KEY.key_id}),
        "does not match the payload",
    ),
    "signature that is not DER": (
        with_signatures({"keyid": KEY.key_id, "sig": "AAAA"}),
        "does not match the payload",
    ),
    "payload that is not base64": (changed(lambda value: value.update(payload="*")), "base64"),
    "unknown field": (changed(lambda value: value.update(extra=1)), "not a known key"),
    "missing payload": (changed(lambda value: value.pop("payload")), "is missing"),
    "signature that is no object": (changed(lambda value: value.update(signatures=["x"])), "not an object"),
    "no JSON": (b"payload", "Expecting value"),
    "a list": (b"[]", "not an object"),
    "too large": (GOOD + b" " * 64 * 1024, "limit"),
    "duplicate key": (GOOD[:-1] + b',"payload":""}', "twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_envelope_is_refused_with_its_reason(case: str):
    data, reason = REFUSED[case]
    with pytest.raises(EnvelopeError) as caught:
        verify_envelope(data, KEYS, payload_type=TYPE)
    assert reason in caught.value.why
    assert caught.value.exit_code is ExitCode.INTEGRITY


def test_signature_over_another_type_does_not_carry_over():
    envelope = KEY.envelope("text/plain", b"payload").replace(b"text/plain", TYPE.encode())
    with pytest.raises(EnvelopeError) as caught:
        verify_envelope(envelope, KEYS, payload_type=TYPE)
    assert "does not match" in caught.value.why


def test_key_that_is_pinned_under_another_id_is_refused():
    with pytest.raises(EnvelopeError) as caught:
        verify_envelope(GOOD, {KEY.key_id: OTHER.pem}, payload_type=TYPE)
    assert "is another one" in caught.value.why


def test_key_on_another_curve_is_refused():
    with pytest.raises(EnvelopeError) as caught:
        _ = SigningKey.new(ec.SECP384R1()).key_id
    assert "P-256" in caught.value.why


def test_key_of_another_kind_is_refused():
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for text in (pem.decode(), "no key"):
        with pytest.raises(EnvelopeError):
            key_id_of(text)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_changed_byte_yields_another_payload(offset: int, mask: int):
    data = bytearray(GOOD)
    data[offset] ^= mask
    try:
        payload = verify_envelope(bytes(data), KEYS, payload_type=TYPE)
    except EnvelopeError:
        return
    assert payload == b"payload"
