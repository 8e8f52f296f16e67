"""The registry's attestation: exactly these bytes, this name, this version, or nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from tank_core import integrity
from tank_core.attestation import (
    PAYLOAD_TYPE,
    AttestationError,
    VerificationSummary,
    statement_bytes,
    verify_attestation,
)
from tank_core.errors import ExitCode
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.semver import Version
from tests.support.signatures import PERSON, a_signature
from tests.support.signing_keys import SigningKey

KEY = SigningKey.new()
KEYS = {KEY.key_id: KEY.pem}
ARCHIVE = b"archive"
SUMMARY = VerificationSummary(
    name=SkillName("acme", "pdf-tools"),
    version=Version.parse("1.2.0+build.7"),
    digest=integrity.sha256_digest(ARCHIVE),
    integrity=integrity.sha512_integrity(ARCHIVE),
    verifier="https://registry.example",
    time_verified=1_700_000_000,
    policy_uri="https://registry.example/policies/1",
    policy_digest=integrity.sha256_digest(b"policy"),
    publisher="publisher-1",
    bundle_digest=integrity.sha256_digest(b"bundle"),
    manifest_digest=integrity.sha256_digest(b"manifest"),
    findings_digest=integrity.sha256_digest(b"findings"),
    sbom_digest=integrity.sha256_digest(b"sbom"),
    capabilities_digest=integrity.sha256_digest(b"capabilities"),
    verdict=Verdict.PASS_WITH_NOTES,
    score=8.7,
    signature=a_signature("publisher-1"),
)
UNSIGNED = dataclasses.replace(SUMMARY, bundle_digest="", signature=None)


def signed(statement: bytes) -> bytes:
    return KEY.envelope(PAYLOAD_TYPE, statement)


def verify(envelope: bytes, **expected: Any) -> VerificationSummary:
    wanted: dict[str, Any] = {
        "name": SUMMARY.name,
        "version": SUMMARY.version,
        "digest": SUMMARY.digest,
        "integrity": SUMMARY.integrity,
    }
    return verify_attestation(envelope, KEYS, **(wanted | expected))


def statement() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(statement_bytes(SUMMARY))
    return value


@pytest.mark.parametrize(
    "summary",
    [
        SUMMARY,
        UNSIGNED,
        dataclasses.replace(SUMMARY, signature=a_signature("publisher-1", PERSON)),
        dataclasses.replace(SUMMARY, score=None, verdict=Verdict.FLAGGED),
        dataclasses.replace(SUMMARY, score=10.0, verdict=Verdict.PASS),
    ],
)
def test_what_was_attested_comes_back(summary: VerificationSummary):
    assert verify(signed(statement_bytes(summary))) == summary


def test_statement_is_a_slsa_verification_summary():
    value = statement()
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert value["predicateType"] == "https://slsa.dev/verification_summary/v1"
    assert value["subject"][0]["name"] == "pkg:tank/acme/pdf-tools@1.2.0%2Bbuild.7"
    assert set(value["subject"][0]["digest"]) == {"sha256", "sha512"}
    predicate = value["predicate"]
    required = {"verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"}
    assert required <= set(predicate)
    assert predicate["timeVerified"] == "2023-11-14T22:13:20Z"
    assert predicate["verificationResult"] == "PASSED"


def test_same_summary_gives_the_same_bytes():
    assert statement_bytes(SUMMARY) == statement_bytes(dataclasses.replace(SUMMARY))


def test_attestation_stays_below_eight_kibibytes():
    assert len(signed(statement_bytes(SUMMARY))) < 8192


def test_failed_version_is_never_attested():
    with pytest.raises(ValueError, match="not attested"):
        statement_bytes(dataclasses.replace(SUMMARY, verdict=Verdict.FAIL))


def test_a_rescan_says_of_a_version_that_failed_what_slsa_says() -> None:
    failed = statement_bytes(dataclasses.replace(SUMMARY, verdict=Verdict.FAIL), is_rescan=True)
    predicate = json.loads(failed)["predicate"]
    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == ("FAILED", ["FAILED"])
    assert predicate["tank_verdict"] == "fail"


def test_what_failed_is_read_by_the_registry_alone() -> None:
    failed = statement_bytes(dataclasses.replace(SUMMARY, verdict=Verdict.FAIL), is_rescan=True)
    assert verify(signed(failed), accepts_failed=True).verdict is Verdict.FAIL
    with pytest.raises(AttestationError):
        verify(signed(failed))


@pytest.mark.parametrize(("verdict", "result"), [("fail", "PASSED"), ("pass", "FAILED"), ("", "FAILED")])
def test_a_verdict_and_another_result_are_refused_everywhere(verdict: str, result: str) -> None:
    changed = statement()
    changed["predicate"].update(tank_verdict=verdict, verificationResult=result)
    for accepts_failed in (False, True):
        with pytest.raises(AttestationError):
            verify(signed(json.dumps(changed).encode()), accepts_failed=accepts_failed)


def test_a_rescan_says_of_a_version_that_passed_what_a_publish_says() -> None:
    assert statement_bytes(SUMMARY, is_rescan=True) == statement_bytes(SUMMARY)


@pytest.mark.parametrize(
    ("contradiction", "reason"),
    [
        ({"bundle_digest": ""}, "with its bundle"),
        ({"signature": None}, "with its bundle"),
        ({"publisher": "mallory"}, "binding of the publisher"),
    ],
)
def test_a_contradiction_about_the_signature_is_never_attested(
    contradiction: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        statement_bytes(dataclasses.replace(SUMMARY, **contradiction))


def test_an_unsigned_version_is_attested_without_the_key() -> None:
    assert "tank_signature" not in json.loads(statement_bytes(UNSIGNED))["predicate"]


OTHER_EXPECTATIONS: dict[str, dict[str, Any]] = {
    "another name": {"name": SkillName("acme", "pdf-tool")},
    "another organisation": {"name": SkillName("acme-inc", "pdf-tools")},
    "another version": {"version": Version.parse("1.2.1")},
    "another build": {"version": Version.parse("1.2.0+build.8")},
    "another sha256": {"digest": integrity.sha256_digest(b"other")},
    "another sha512": {"integrity": integrity.sha512_integrity(b"other")},
}


@pytest.mark.parametrize("case", OTHER_EXPECTATIONS)
def test_attestation_of_something_else_is_refused(case: str):
    with pytest.raises(AttestationError) as caught:
        verify(signed(statement_bytes(SUMMARY)), **OTHER_EXPECTATIONS[case])
    assert "subject" in caught.value.why
    assert caught.value.exit_code is ExitCode.INTEGRITY


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "statement type": (lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"), "_type"),
    "predicate type": (lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"), "predicateType"),
    "no subject": (lambda s: s.update(subject=[]), "exactly one subject"),
    "two subjects": (lambda s: s.update(subject=s["subject"] * 2), "exactly one subject"),
    "extra digest": (lambda s: s["subject"][0]["digest"].update(md5="00"), "subject"),
    "missing sha512": (lambda s: s["subject"][0]["digest"].pop("sha512"), "subject"),
    "no predicate": (lambda s: s.pop("predicate"), "is missing"),
    "other resource": (lambda s: s["predicate"].update(resourceUri="pkg:tank/a/b@1.0.0"), "resourceUri"),
    "failed": (lambda s: s["predicate"].update(verificationResult="FAILED"), "verificationResult"),
    "verdict fail": (lambda s: s["predicate"].update(tank_verdict="fail"), "verdict"),
    "unknown verdict": (lambda s: s["predicate"].update(tank_verdict="fine"), "verdict"),
    "score as text": (lambda s: s["predicate"].update(tank_score="10"), "tank_score"),
    "score out of range": (lambda s: s["predicate"].update(tank_score=10.1), "tank_score"),
    "local time": (lambda s: s["predicate"].update(timeVerified="2023-11-14T22:13:20+01:00"), "time"),
    "a short time": (lambda s: s["predicate"].update(timeVerified="2023-11-4T22:13:20Z"), "time"),
    "no time": (lambda s: s["predicate"].update(timeVerified="2023-02-30T22:13:20Z"), "time"),
    "no policy digest": (lambda s: s["predicate"]["policy"].pop("digest"), "policy"),
    "no findings": (lambda s: s["predicate"]["inputAttestations"].pop(2), "lacks findings"),
    "a signature without its bundle": (
        lambda s: s["predicate"]["inputAttestations"].pop(0),
        "tank_signature is there, and no bundle",
    ),
    "a bundle without its signature": (
        lambda s: s["predicate"].pop("tank_signature"),
        "tank_signature is missing, and there is a bundle",
    ),
    "binding of another publisher": (
        lambda s: s["predicate"]["tank_signature"]["binding"].update(publisher="mallory"),
        "has a binding of “mallory”, and “publisher-1” published it",
    ),
    "another publisher than the binding's": (
        lambda s: s["predicate"].update(tank_publisher="mallory"),
        "has a binding of “publisher-1”, and “mallory” published it",
    ),
    "signature is no object": (
        lambda s: s["predicate"].update(tank_signature="yes"),
        "tank_signature is malf",
    ),
    "signature is null": (
        lambda s: s["predicate"].update(tank_signature=None),
        "tank_signature is malformed",
    ),
    "signature without claims": (
        lambda s: s["predicate"]["tank_signature"].pop("claims"),
        "has claims, binding",
    ),
    "unknown claim": (
        lambda s: s["predicate"]["tank_signature"]["claims"].update(clearance="top"),
        "unknown field 'clearance'",
    ),
    "binding of a person and a build at once": (
        lambda s: s["predicate"]["tank_signature"]["binding"].update(subject="jo@acme.example"),
        "belongs to a build",
    ),
    "log index as text": (
        lambda s: s["predicate"]["tank_signature"]["log"].update(index="1"),
        "index and time are whole numbers",
    ),
    "inputs are no list": (lambda s: s["predicate"].update(inputAttestations={}), "lacks"),
    "input twice": (
        lambda s: s["predicate"]["inputAttestations"].append(s["predicate"]["inputAttestations"][0]),
        "twice",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_signed_statement_with_a_wrong_field_is_refused(case: str):
    change, reason = CHANGES[case]
    value = statement()
    change(value)
    with pytest.raises(AttestationError) as caught:
        verify(signed(json.dumps(value).encode()))
    assert reason in caught.value.why


def test_field_of_a_later_registry_is_ignored():
    value = statement()
    value["predicate"]["later"] = {"a": 1}
    assert verify(signed(json.dumps(value).encode())) == SUMMARY


def test_statement_with_a_duplicate_key_is_refused():
    twice = statement_bytes(SUMMARY)[:-1] + b',"_type":"https://in-toto.io/Statement/v1"}'
    with pytest.raises(AttestationError):
        verify(signed(twice))


def test_envelope_of_an_unknown_key_is_refused_as_an_attestation():
    with pytest.raises(AttestationError) as caught:
        verify(SigningKey.new().envelope(PAYLOAD_TYPE, statement_bytes(SUMMARY)))
    assert "trusted" in caught.value.why


def test_no_keys_means_refusal():
    with pytest.raises(AttestationError):
        verify_attestation(
            signed(statement_bytes(SUMMARY)),
            {},
            name=SUMMARY.name,
            version=SUMMARY.version,
            digest=SUMMARY.digest,
            integrity=SUMMARY.integrity,
        )
