"""Timestamps, read and verified by sigstore's own RFC 3161 client."""

from __future__ import annotations

import hashlib

import pytest
from asn1crypto import tsp
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from infra.local.sigstore.timestamps import TimestampRequestRefusedError
from tests.support.local_sigstore import SigstoreScene
from tests.support.sigstore_api import Api

TSA = "/sigstore/tsa/api/v1/timestamp"


def plain(**changed: object) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(b"x").digest()}
    fields: dict[str, object] = {"version": "v1", "message_imprint": imprint, **changed}
    return bytes(tsp.TimeStampReq(fields).dump())


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_timestamp_verifies_and_echoes_the_nonce(api: Api, scene: SigstoreScene, algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"signature").digest()
    asked = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}
    request = plain(message_imprint=asked, nonce=2**63 + 7, cert_req=True)
    answer = api("POST", TSA, request, content_type="application/timestamp-query")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/timestamp-reply")
    response = decode_timestamp_response(answer.body)
    own, root = scene.sigstore.timestamps.chain
    builder = VerifierBuilder().tsa_certificate(own).add_root_certificate(root).nonce(2**63 + 7)
    assert builder.build().verify_message(response, b"signature")
    assert response.tst_info.gen_time.timestamp() == scene.clock.now()


def test_certificates_come_only_when_they_are_asked_for(scene: SigstoreScene) -> None:
    authority = scene.sigstore.timestamps
    for wanted in (True, False):
        response = decode_timestamp_response(authority.respond(plain(cert_req=wanted)))
        assert len(response.signed_data.certificates) == int(wanted)


def test_no_two_timestamps_have_one_serial_number(scene: SigstoreScene) -> None:
    answers = [decode_timestamp_response(scene.sigstore.timestamps.respond(plain())) for _ in range(4)]
    assert len({answer.tst_info.serial_number for answer in answers}) == 4


def imprint(algorithm: str, size: int) -> dict[str, object]:
    return {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": bytes(size)}


@pytest.mark.parametrize(
    ("request_bytes", "reason"),
    [
        (b"", "no timestamp request"),
        (b"{}", "no timestamp request"),
        (plain() + b"\0", "no timestamp request"),
        (plain()[:-1], "no timestamp request"),
        (plain(message_imprint=imprint("sha1", 20)), "no SHA-256, SHA-384 or SHA-512"),
        (plain(message_imprint=imprint("sha256", 31)), "no SHA-256, SHA-384 or SHA-512"),
        (plain(req_policy="1.2.3"), "another policy"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(
    scene: SigstoreScene, request_bytes: bytes, reason: str
) -> None:
    with pytest.raises(TimestampRequestRefusedError) as refused:
        scene.sigstore.timestamps.respond(request_bytes)
    assert reason in refused.value.why


def test_over_http_a_refusal_is_a_problem(api: Api) -> None:
    assert api.refusal("POST", TSA, b"x")[:2] == (400, "timestamp-request-refused")
