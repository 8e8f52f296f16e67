"""A good bundle proves its signer, statement and log entry; a bundle that is wrong in any part is refused
for that part."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.sigstore.authority import CertificateAuthority
from infra.local.sigstore.keys import new_ec_key
from tank_core.bundle import BundleRefusedError, verify_artifact, verify_bundle
from tests.support.bundle_refusals import Bundle, count_up, entry, flip, proof, replace_in, why_refused
from tests.support.local_bundles import IN_TOTO, START, STATEMENT, LocalSigstore, base64_of

KINDS = {1: "dsse/0.0.1", 2: "hashedrekord/0.0.2"}
both_logs = pytest.mark.parametrize("rekor", [1, 2])


def encoded(bundle: Bundle) -> bytes:
    return json.dumps(bundle).encode()


@both_logs
def test_a_good_bundle_proves_signer_statement_and_log_entry(sigstore: LocalSigstore, rekor: int) -> None:
    verified = verify_bundle(encoded(sigstore.sign(rekor=rekor)), trusted_root=sigstore.trusted_root())
    assert verified.statement == STATEMENT
    assert verified.payload_type == IN_TOTO
    assert verified.log.kind == KINDS[rekor]
    assert verified.log.signed_at == START
    assert verified.claims.repository_id == "4711"
    assert verified.claims.environment == "release"


@both_logs
def test_the_time_is_the_timestamps_and_not_the_logs(sigstore: LocalSigstore, rekor: int) -> None:
    stamped = sigstore.stamp(sigstore.sign(rekor=rekor), START + 5)
    verified = verify_bundle(encoded(stamped), trusted_root=sigstore.trusted_root())
    assert verified.log.signed_at == START + 5


@both_logs
@pytest.mark.parametrize("seconds", [0, 600])
def test_a_certificate_is_good_from_its_first_to_its_last_second(
    sigstore: LocalSigstore, rekor: int, seconds: int
) -> None:
    stamped = sigstore.stamp(sigstore.sign(rekor=rekor), START + seconds)
    assert verify_bundle(encoded(stamped), trusted_root=sigstore.trusted_root())


@both_logs
@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(601, "certificate: it had expired when it signed"), (-1, "certificate: it was not yet valid when it")],
)
def test_a_certificate_that_was_not_valid_at_the_timestamp_is_refused(
    sigstore: LocalSigstore, rekor: int, seconds: int, reason: str
) -> None:
    sigstore.clock.move(60)  # the timestamp authority is no older than the rest
    stamped = sigstore.stamp(sigstore.sign(rekor=rekor), START + 60 + seconds)
    assert why_refused(stamped, sigstore.trusted_root()).startswith(reason)


def test_a_certificate_that_had_expired_when_it_was_logged_is_refused_whatever_the_timestamp_says(
    sigstore: LocalSigstore,
) -> None:
    key = new_ec_key()
    certificate = sigstore.certificate(key)
    sigstore.clock.move(601)
    bundle = sigstore.stamp(sigstore.sign(rekor=1, key=key, certificate=certificate), START)
    assert why_refused(bundle, sigstore.trusted_root()).startswith("certificate: it had expired")


def without_timestamp(bundle: Bundle) -> None:
    del bundle["verificationMaterial"]["timestampVerificationData"]


def timestamps(bundle: Bundle) -> Any:
    return bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]


def material(bundle: Bundle) -> Any:
    return bundle["verificationMaterial"]


def signature(bundle: Bundle) -> Any:
    return bundle["dsseEnvelope"]["signatures"][0]


def other_checkpoint_size(bundle: Bundle) -> None:
    lines = proof(bundle)["checkpoint"]["envelope"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    proof(bundle)["checkpoint"]["envelope"] = "\n".join(lines)


TAMPERED: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "statement": (
        lambda b: replace_in(b["dsseEnvelope"], "payload", b'"x"', b'"y"'),
        "signature: the certificate's key did not make it over this statement",
    ),
    "payload type": (lambda b: b["dsseEnvelope"].update(payloadType="text/plain"), "signature:"),
    # A timestamp is over the signature, so it speaks first.
    "signature": (lambda b: flip(signature(b), "sig"), "timestamp: no trusted authority made it over this"),
    "two signatures": (
        lambda b: b["dsseEnvelope"].update(signatures=b["dsseEnvelope"]["signatures"] * 2),
        "signature: there is not exactly one",
    ),
    "no signature": (
        lambda b: b["dsseEnvelope"].update(signatures=[]),
        "signature: there is not exactly one",
    ),
    "empty signature": (lambda b: signature(b).update(sig=""), "signature: it is empty"),
    "no envelope": (lambda b: b.pop("dsseEnvelope"), "format:"),
    "two contents": (
        lambda b: b.update(messageSignature={"signature": signature(b)["sig"]}),
        "format:",
    ),
    "certificate": (
        lambda b: flip(material(b)["certificate"], "rawBytes"),
        "certificate chain: it does not lead to a trusted authority",
    ),
    "certificate's claims": (
        lambda b: replace_in(material(b)["certificate"], "rawBytes", b"acme/skills", b"evil/skills"),
        "certificate chain: it does not lead to a trusted authority",
    ),
    "no certificate": (lambda b: material(b).pop("certificate"), "format:"),
    "certificate of other bytes": (
        lambda b: material(b).update(certificate={"rawBytes": "AAAA"}),
        "certificate: it is malformed",
    ),
    "no timestamp": (without_timestamp, "timestamp: there is none"),
    "empty timestamps": (lambda b: timestamps(b).clear(), "timestamp: there is none"),
    "timestamp's signature": (lambda b: flip(timestamps(b)[0], "signedTimestamp"), "timestamp: "),
    "timestamp of other bytes": (
        lambda b: timestamps(b)[0].update(signedTimestamp="AAAA"),
        "timestamp: it is malformed",
    ),
    "timestamp twice": (lambda b: timestamps(b).append(timestamps(b)[0]), "timestamp: it is there twice"),
    "33 timestamps": (lambda b: timestamps(b).extend(timestamps(b) * 32), "timestamp: there are too many"),
    "no log entry": (lambda b: material(b).update(tlogEntries=[]), "log entry: there is not exactly one"),
    "two log entries": (
        lambda b: material(b).update(tlogEntries=material(b)["tlogEntries"] * 2),
        "log entry: there is not exactly one",
    ),
    "log id": (lambda b: flip(entry(b)["logId"], "keyId"), "log entry: its log is none of the trusted root's"),
    "kind": (lambda b: entry(b)["kindVersion"].update(kind="intoto"), "log entry: it is of the unknown kind"),
    "version": (lambda b: entry(b)["kindVersion"].update(version="0.0.9"), "log entry: it is of an unknown"),
    "body": (lambda b: flip(entry(b), "canonicalizedBody", 5), "inclusion proof: it does not lead to its root"),
    "no body": (lambda b: entry(b).pop("canonicalizedBody"), "format:"),
    "no proof": (lambda b: entry(b).pop("inclusionProof"), "format:"),
    "proof's index": (lambda b: proof(b).update(logIndex="0"), "inclusion proof: "),
    "proof's index outside": (lambda b: proof(b).update(logIndex=proof(b)["treeSize"]), "format:"),
    "proof's tree size": (lambda b: count_up(proof(b), "treeSize"), "inclusion proof: "),
    "proof's hash": (lambda b: proof(b)["hashes"].reverse(), "inclusion proof: it does not lead to its root"),
    "proof without a hash": (lambda b: proof(b)["hashes"].pop(), "inclusion proof: it does not fit its index"),
    "proof's root hash": (lambda b: flip(proof(b), "rootHash"), "inclusion proof: it does not lead to its"),
    "no checkpoint": (lambda b: proof(b).pop("checkpoint"), "inclusion proof: it, or its checkpoint, is missing"),
    "checkpoint's size": (other_checkpoint_size, "checkpoint: its signature is not the log's"),
    "checkpoint without signature": (
        lambda b: proof(b)["checkpoint"].update(envelope=proof(b)["checkpoint"]["envelope"].split("\n\n")[0]),
        "checkpoint: it is malformed",
    ),
    "checkpoint of nothing": (lambda b: proof(b)["checkpoint"].update(envelope=""), "checkpoint: it is malformed"),
    "media type": (lambda b: b.update(mediaType="application/json"), "format:"),
    "unknown field": (lambda b: b.update(trust="me"), "format:"),
    "public key": (lambda b: material(b).update(publicKey={"hint": "x"}), "format:"),
}  # fmt: skip


@both_logs
@pytest.mark.parametrize("case", TAMPERED)
def test_a_tampered_bundle_is_refused_for_the_part(sigstore: LocalSigstore, rekor: int, case: str) -> None:
    change, reason = TAMPERED[case]
    bundle = sigstore.sign(rekor=rekor)
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root()).startswith(reason)


TAMPERED_V1: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "index": (lambda b: count_up(entry(b), "logIndex"), "log entry: the log's promise is not about this entry"),
    "time": (lambda b: count_up(entry(b), "integratedTime"), "log entry: the log's promise is not about this"),
    "promise": (
        lambda b: flip(entry(b)["inclusionPromise"], "signedEntryTimestamp"),
        "log entry: the log's promise is not about this entry",
    ),
    "no promise": (lambda b: entry(b).pop("inclusionPromise"), "log entry: it lacks the log's promise"),
    "no time": (lambda b: entry(b).pop("integratedTime"), "log entry: it lacks the log's promise"),
    "time of 0": (lambda b: entry(b).update(integratedTime="0"), "log entry: it lacks the log's promise"),
    "time that no clock has": (lambda b: entry(b).update(integratedTime=str(2**64 - 1)), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", TAMPERED_V1)
def test_a_tampered_rekor_v1_entry_is_refused(sigstore: LocalSigstore, case: str) -> None:
    change, reason = TAMPERED_V1[case]
    bundle = sigstore.sign(rekor=1)
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root()).startswith(reason)


TAMPERED_V2: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "index": (lambda b: count_up(entry(b), "logIndex"), "log entry: its index is not the inclusion proof's"),
    "time": (
        lambda b: entry(b).update(integratedTime=str(START)),
        "log entry: it carries a promise or a time",
    ),
    "promise": (
        lambda b: entry(b).update(inclusionPromise={"signedEntryTimestamp": "AAAA"}),
        "log entry: it carries a promise or a time",
    ),
    "promise and time": (
        lambda b: entry(b).update(
            integratedTime=str(START), inclusionPromise={"signedEntryTimestamp": "AAAA"}
        ),
        "log entry: it carries a time, which such a log never gives",
    ),
}


@pytest.mark.parametrize("case", TAMPERED_V2)
def test_a_tampered_rekor_v2_entry_is_refused(sigstore: LocalSigstore, case: str) -> None:
    change, reason = TAMPERED_V2[case]
    bundle = sigstore.sign(rekor=2)
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root()).startswith(reason)


# Each part of the bundle, taken from another good bundle of the same signer.
PARTS: dict[str, tuple[Callable[[Bundle, Bundle], Any], str]] = {
    "envelope": (lambda b, other: b.update(dsseEnvelope=other["dsseEnvelope"]), "timestamp: no trusted"),
    "signature": (
        lambda b, other: b["dsseEnvelope"].update(signatures=other["dsseEnvelope"]["signatures"]),
        "timestamp: no trusted",
    ),
    "certificate": (
        lambda b, other: material(b).update(certificate=material(other)["certificate"]),
        "signature: the certificate's key did not make it",
    ),
    "log entry": (
        lambda b, other: material(b).update(tlogEntries=material(other)["tlogEntries"]),
        "log entry: it is about another",
    ),
    "inclusion proof": (
        lambda b, other: entry(b).update(inclusionProof=proof(other)),
        "inclusion proof: it does not lead to its root hash",
    ),
    "checkpoint": (
        lambda b, other: proof(b).update(checkpoint=proof(other)["checkpoint"]),
        "checkpoint: its root hash is not the inclusion proof's",
    ),
    "body": (
        lambda b, other: entry(b).update(canonicalizedBody=entry(other)["canonicalizedBody"]),
        "inclusion proof: it does not lead to its root hash",
    ),
    "timestamp": (
        lambda b, other: material(b).update(
            timestampVerificationData=material(other)["timestampVerificationData"]
        ),
        "timestamp: no trusted authority made it over this signature",
    ),
}


@both_logs
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_another_bundle_is_refused(sigstore: LocalSigstore, rekor: int, part: str) -> None:
    change, reason = PARTS[part]
    other = sigstore.sign(STATEMENT.replace(b'"x"', b'"z"'), rekor=rekor)
    bundle = sigstore.sign(rekor=rekor)
    change(bundle, other)
    assert why_refused(bundle, sigstore.trusted_root()).startswith(reason)


@both_logs
def test_a_timestamp_that_is_good_does_not_excuse_one_that_is_not(
    sigstore: LocalSigstore, rekor: int
) -> None:
    bundle = sigstore.sign(rekor=rekor)
    timestamps(bundle).append(sigstore.timestamp(b"another signature"))
    assert why_refused(bundle, sigstore.trusted_root()).startswith("timestamp: no trusted authority")


def test_the_promise_of_the_log_is_time_enough_only_where_the_caller_says_so(sigstore: LocalSigstore) -> None:
    bundle = sigstore.sign(rekor=1)
    without_timestamp(bundle)
    root = sigstore.trusted_root()
    assert why_refused(bundle, root).startswith("timestamp: there is none that a trusted authority signed")
    assert verify_bundle(encoded(bundle), trusted_root=root, needs_timestamp=False).log.signed_at == START


def test_rekor_v2_always_needs_a_timestamp(sigstore: LocalSigstore) -> None:
    bundle = sigstore.sign(rekor=2)
    without_timestamp(bundle)
    reason = why_refused(bundle, sigstore.trusted_root(), needs_timestamp=False)
    assert reason.startswith("timestamp: there is none")


@both_logs
def test_a_bundle_of_another_sigstore_is_refused(sigstore: LocalSigstore, tmp_path: Path, rekor: int) -> None:
    other = LocalSigstore(tmp_path / "other")
    bundle = other.sign(rekor=rekor)
    other.close()
    why = why_refused(bundle, sigstore.trusted_root())
    assert why == "log entry: its log is none of the trusted root's; it comes from another Sigstore."


ANOTHER_SERVICE: dict[str, str] = {
    "certificateAuthorities": "certificate chain: it does not lead to a trusted authority",
    "ctlogs": "SCT: no trusted certificate log promised to log this certificate",
    "timestampAuthorities": "timestamp: no trusted authority made it over this signature",
}


@both_logs
@pytest.mark.parametrize("service", ANOTHER_SERVICE)
def test_a_service_with_another_key_is_refused(
    sigstore: LocalSigstore, tmp_path: Path, rekor: int, service: str
) -> None:
    other = LocalSigstore(tmp_path / "other")
    root = {**sigstore.root(), service: other.root()[service]}
    other.close()
    why = why_refused(sigstore.sign(rekor=rekor), encoded(root))
    assert why.startswith(ANOTHER_SERVICE[service])


@both_logs
def test_a_log_with_the_right_id_and_another_key_is_refused(
    sigstore: LocalSigstore, tmp_path: Path, rekor: int
) -> None:
    other = LocalSigstore(tmp_path / "other")
    root, foreign = sigstore.root(), other.root()
    other.close()
    root["tlogs"][rekor - 1]["publicKey"] = foreign["tlogs"][rekor - 1]["publicKey"]
    why = why_refused(sigstore.sign(rekor=rekor), encoded(root))
    assert why.startswith("checkpoint: its signature is not the log's")


def test_a_certificate_that_no_trusted_log_promised_to_log_is_refused(sigstore: LocalSigstore) -> None:
    key = new_ec_key()
    genuine = sigstore.authority
    sigstore.authority = CertificateAuthority(sigstore.folder / "ca.pem", new_ec_key(), now=START)
    try:
        bundle = sigstore.sign(key=key)
    finally:
        sigstore.authority = genuine
    assert why_refused(bundle, sigstore.trusted_root()).startswith("SCT: no trusted certificate log")


SERVICES: dict[str, tuple[Callable[[dict[str, Any]], list[dict[str, Any]]], str]] = {
    "authority": (
        lambda root: [a["validFor"] for a in root["certificateAuthorities"]],
        "trusted root: it has no certificate authority for the time of this signature",
    ),
    "transparency log": (
        lambda root: [log["publicKey"]["validFor"] for log in root["tlogs"][:1]],
        "log entry: its log was not in service when the signature was made",
    ),
    "certificate log": (
        lambda root: [log["publicKey"]["validFor"] for log in root["ctlogs"]],
        "trusted root: it has no certificate transparency log for the time of this signature",
    ),
    "timestamp authority": (
        lambda root: [a["validFor"] for a in root["timestampAuthorities"]],
        "timestamp: no trusted authority made it over this signature",
    ),
}
DAY = 86_400


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "window",
    [
        {"start": "2025-10-09T08:53:21Z"},
        {"start": "2025-01-01T00:00:00Z", "end": "2025-10-09T08:53:19Z"},
    ],
)
def test_a_service_that_was_not_in_service_is_not_trusted(
    sigstore: LocalSigstore, service: str, window: dict[str, str]
) -> None:
    windows, reason = SERVICES[service]
    root = sigstore.root()
    for found in windows(root):
        found.clear()
        found.update(window)
    assert why_refused(sigstore.sign(rekor=1), encoded(root)).startswith(reason)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_trusted_in_the_last_second_of_its_window(sigstore: LocalSigstore, service: str) -> None:
    windows, _ = SERVICES[service]
    root = sigstore.root()
    for found in windows(root):
        found.update(end="2025-10-09T08:53:20Z")
    assert verify_bundle(encoded(sigstore.sign(rekor=1)), trusted_root=encoded(root))


@pytest.mark.parametrize("missing", ["tlogs", "certificateAuthorities", "ctlogs"])
def test_a_trusted_root_without_a_service_verifies_nothing(sigstore: LocalSigstore, missing: str) -> None:
    root = {**sigstore.root(), missing: []}
    assert why_refused(sigstore.sign(), encoded(root))


@pytest.mark.parametrize("root", [b"", b"{}", b"[]", b"\xff", b'{"mediaType":"x"}', b" " * 300_000])
def test_bytes_that_are_no_trusted_root_verify_nothing(sigstore: LocalSigstore, root: bytes) -> None:
    assert why_refused(sigstore.sign(), root).startswith("trusted root: it cannot be read")


def test_a_payload_that_is_no_statement_is_refused(sigstore: LocalSigstore) -> None:
    bundle = sigstore.sign(payload_type="text/plain")
    assert why_refused(bundle, sigstore.trusted_root()).startswith("statement: its type is “text/plain”")


def test_a_signature_over_an_artifact_is_no_statement(sigstore: LocalSigstore) -> None:
    bundle = sigstore.sign_artifact(b"artifact")
    assert "DSSE" in why_refused(bundle, sigstore.trusted_root())


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def about(artifact: bytes) -> bytes:
    subject = {"name": "a", "digest": {"sha256": sha256(artifact).hex()}}
    other = {"name": "b", "digest": {"sha512": "00"}}
    return json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [other, subject]}).encode()


def test_an_artifact_is_verified_by_a_signature_over_it_or_by_a_statement_that_names_it(
    sigstore: LocalSigstore,
) -> None:
    for bundle in (sigstore.sign_artifact(b"artifact"), sigstore.sign(about(b"artifact"))):
        verified = verify_artifact(
            encoded(bundle), artifact_sha256=sha256(b"artifact"), trusted_root=sigstore.trusted_root()
        )
        assert verified.claims.owner_id == "815"
        assert verified.log.signed_at == START


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
def test_another_artifact_is_refused(sigstore: LocalSigstore, statement: bytes | None, reason: str) -> None:
    bundle = sigstore.sign_artifact(b"another") if statement is None else sigstore.sign(statement)
    with pytest.raises(BundleRefusedError) as caught:
        verify_artifact(
            encoded(bundle), artifact_sha256=sha256(b"artifact"), trusted_root=sigstore.trusted_root()
        )
    assert caught.value.why.startswith(reason)


def test_a_stated_digest_is_no_substitute_for_the_signature(sigstore: LocalSigstore) -> None:
    bundle = sigstore.sign_artifact(b"another")
    bundle["messageSignature"]["messageDigest"]["digest"] = base64_of(sha256(b"artifact"))
    with pytest.raises(BundleRefusedError) as caught:
        verify_artifact(
            encoded(bundle), artifact_sha256=sha256(b"artifact"), trusted_root=sigstore.trusted_root()
        )
    assert caught.value.why.startswith("signature: the certificate's key did not make it over this artifact")


def test_verifying_changes_nothing_in_what_is_shared(sigstore: LocalSigstore) -> None:
    good, root = sigstore.sign(), sigstore.trusted_root()
    bad = copy.deepcopy(good)
    flip(bad["dsseEnvelope"], "payload", 2)
    for _ in range(2):
        assert verify_bundle(encoded(good), trusted_root=root).statement == base64.b64decode(
            good["dsseEnvelope"]["payload"]
        )
        assert why_refused(bad, root)
