"""A good bundle proves its signer, statement and log entry, at a time that others vouch for."""

from __future__ import annotations

import base64
import copy
import hashlib
import json

import pytest

from infra.local.sigstore.keys import new_ec_key
from tank_core.bundle import BundleRefusedError, verify_artifact, verify_bundle
from tests.support.bundle_refusals import Bundle, flip, why_refused
from tests.support.local_bundles import STATEMENT, BundleScene, base64_of
from tests.support.local_sigstore import BUILD, IN_TOTO, NOW

KINDS = {1: "dsse/0.0.1", 2: "hashedrekord/0.0.2"}
both_logs = pytest.mark.parametrize("rekor", [1, 2])


def encoded(bundle: Bundle) -> bytes:
    return json.dumps(bundle).encode()


@both_logs
def test_a_good_bundle_proves_signer_statement_and_log_entry(sigstore: BundleScene, rekor: int) -> None:
    verified = verify_bundle(encoded(sigstore.sign(rekor=rekor)), trusted_root=sigstore.trusted_root)
    assert verified.statement == STATEMENT
    assert verified.payload_type == IN_TOTO
    assert verified.log.kind == KINDS[rekor]
    assert verified.log.signed_at == NOW
    assert verified.claims.repository_id == BUILD.repository_id
    assert verified.claims.environment == "release"


@both_logs
def test_the_time_is_the_timestamps_and_not_the_logs(sigstore: BundleScene, rekor: int) -> None:
    stamped = sigstore.stamp(sigstore.sign(rekor=rekor), NOW + 5)
    verified = verify_bundle(encoded(stamped), trusted_root=sigstore.trusted_root)
    assert verified.log.signed_at == NOW + 5


@both_logs
@pytest.mark.parametrize("seconds", [0, 600])
def test_a_certificate_is_good_from_its_first_to_its_last_second(
    sigstore: BundleScene, rekor: int, seconds: int
) -> None:
    stamped = sigstore.stamp(sigstore.sign(rekor=rekor), NOW + seconds)
    assert verify_bundle(encoded(stamped), trusted_root=sigstore.trusted_root)


@both_logs
@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(601, "certificate: it had expired when it signed"), (-1, "certificate: it was not yet valid when it")],
)
def test_a_certificate_that_was_not_valid_at_the_timestamp_is_refused(
    sigstore: BundleScene, rekor: int, seconds: int, reason: str
) -> None:
    sigstore.clock.move(60)  # the timestamp authority is no older than the rest
    stamped = sigstore.stamp(sigstore.sign(rekor=rekor), NOW + 60 + seconds)
    assert why_refused(stamped, sigstore.trusted_root).startswith(reason)


def test_a_certificate_that_had_expired_when_it_was_logged_is_refused_whatever_the_timestamp_says(
    sigstore: BundleScene,
) -> None:
    key = new_ec_key()
    certificate = sigstore.certificate(key)
    sigstore.clock.move(601)
    bundle = sigstore.stamp(sigstore.sign(rekor=1, key=key, leaf=certificate), NOW)
    assert why_refused(bundle, sigstore.trusted_root).startswith("certificate: it had expired")


@both_logs
def test_a_timestamp_that_is_good_does_not_excuse_one_that_is_not(sigstore: BundleScene, rekor: int) -> None:
    bundle = sigstore.sign(rekor=rekor)
    bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"].append(
        sigstore.timestamp(b"another signature")
    )
    assert why_refused(bundle, sigstore.trusted_root).startswith("timestamp: no trusted authority")


def test_the_promise_of_the_log_is_time_enough_only_where_the_caller_says_so(sigstore: BundleScene) -> None:
    bundle = sigstore.sign(rekor=1)
    del bundle["verificationMaterial"]["timestampVerificationData"]
    root = sigstore.trusted_root
    assert why_refused(bundle, root).startswith("timestamp: there is none that a trusted authority signed")
    assert verify_bundle(encoded(bundle), trusted_root=root, needs_timestamp=False).log.signed_at == NOW


def test_rekor_v2_always_needs_a_timestamp(sigstore: BundleScene) -> None:
    bundle = sigstore.sign(rekor=2)
    del bundle["verificationMaterial"]["timestampVerificationData"]
    reason = why_refused(bundle, sigstore.trusted_root, needs_timestamp=False)
    assert reason.startswith("timestamp: there is none")


def test_a_payload_that_is_no_statement_is_refused(sigstore: BundleScene) -> None:
    bundle = sigstore.sign(payload_type="text/plain")
    assert why_refused(bundle, sigstore.trusted_root).startswith("statement: its type is “text/plain”")


def test_a_signature_over_an_artifact_is_no_statement(sigstore: BundleScene) -> None:
    bundle = sigstore.sign_artifact(b"artifact")
    why = why_refused(bundle, sigstore.trusted_root)
    assert why == "statement: there is none, only a signature over an artifact."


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def about(artifact: bytes) -> bytes:
    subject = {"name": "a", "digest": {"sha256": sha256(artifact).hex()}}
    other = {"name": "b", "digest": {"sha512": "00"}}
    return json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [other, subject]}).encode()


def test_an_artifact_is_verified_by_a_signature_over_it_or_by_a_statement_that_names_it(
    sigstore: BundleScene,
) -> None:
    for bundle in (sigstore.sign_artifact(b"artifact"), sigstore.sign(about(b"artifact"))):
        verified = verify_artifact(
            encoded(bundle), artifact_sha256=sha256(b"artifact"), trusted_root=sigstore.trusted_root
        )
        assert verified.claims.owner_id == BUILD.owner_id
        assert verified.log.signed_at == NOW


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (None, "signature: it is about another artifact"),
        (about(b"another"), "statement: the artifact is none of its subjects"),
        (b"[]", "statement: it has no list of subjects"),
        (b'{"subject":{}}', "statement: it has no list of subjects"),
        (b'{"subject":[1,{},{"digest":1},{"digest":{"sha256":"\xc3\xa9"}}]}', "statement: the artifact is none"),
        (b"{", "format: the statement is not well-formed JSON"),
    ],
)  # fmt: skip
def test_another_artifact_is_refused(sigstore: BundleScene, statement: bytes | None, reason: str) -> None:
    bundle = sigstore.sign_artifact(b"another") if statement is None else sigstore.sign(statement)
    with pytest.raises(BundleRefusedError) as caught:
        verify_artifact(
            encoded(bundle), artifact_sha256=sha256(b"artifact"), trusted_root=sigstore.trusted_root
        )
    assert caught.value.why.startswith(reason)


def test_a_stated_digest_is_no_substitute_for_the_signature(sigstore: BundleScene) -> None:
    bundle = sigstore.sign_artifact(b"another")
    bundle["messageSignature"]["messageDigest"]["digest"] = base64_of(sha256(b"artifact"))
    with pytest.raises(BundleRefusedError) as caught:
        verify_artifact(
            encoded(bundle), artifact_sha256=sha256(b"artifact"), trusted_root=sigstore.trusted_root
        )
    assert caught.value.why.startswith("signature: the certificate's key did not make it over this artifact")


def test_verifying_changes_nothing_in_what_is_shared(sigstore: BundleScene) -> None:
    good, root = sigstore.sign(), sigstore.trusted_root
    bad = copy.deepcopy(good)
    flip(bad["dsseEnvelope"], "payload", 2)
    for _ in range(2):
        assert verify_bundle(encoded(good), trusted_root=root).statement == base64.b64decode(
            good["dsseEnvelope"]["payload"]
        )
        assert why_refused(bad, root)
