"""Bundles of real publishers: each proves its signer, and none survives a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tank_core.bundle import BundleRefusedError, verify_artifact, verify_bundle
from tank_core.bundle.public_roots import PRODUCTION, STAGING, public_root
from tank_core.signer import SignerClaims
from tests.support import real_bundles
from tests.support.bundle_refusals import (
    Bundle,
    count_up,
    entry,
    flip,
    proof,
    replace_in,
    why_refused,
)
from tests.support.real_bundles import (
    CIRCLECI,
    GITHUB_PUBLISH,
    GITHUB_SLSA,
    GITLAB,
    PERSON,
    PRODUCTION_ROOT,
    STAGING_ROOT,
    asset,
    bundle_of,
    encoded,
)

pytestmark = real_bundles.needs_sdist

PYPI_ATTESTATIONS = "https://github.com/trailofbits/pypi-attestations"
RELEASE = f"{PYPI_ATTESTATIONS}/.github/workflows/release.yml@refs/tags/v0.0.19"
# Every claim of one certificate, spelled out: a changed OID or a lost field shows here.
GITHUB_CLAIMS = SignerClaims(
    issuer="https://token.actions.githubusercontent.com",
    subject=RELEASE,
    owner="https://github.com/trailofbits",
    owner_id="2314423",
    repository=PYPI_ATTESTATIONS,
    repository_id="772247423",
    ref="refs/tags/v0.0.19",
    commit="08802efe1f8e5fec4ad842d6b8ce97656092ee72",
    workflow=RELEASE,
    signer_workflow=RELEASE,
    trigger="release",
    runner="github-hosted",
    run=f"{PYPI_ATTESTATIONS}/actions/runs/12169989787/attempts/1",
    visibility="public",
)
# name: (subject of the certificate, index in the log)
PRODUCTION_BUNDLES = {
    GITHUB_PUBLISH: (RELEASE, 153454663),
    GITHUB_SLSA: (RELEASE, 153454647),
    GITLAB: (
        "https://gitlab.com/facutuesca/gitlab-oidc-project//.gitlab-ci.yml@refs/heads/main",
        149945774,
    ),
    CIRCLECI: (
        "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b"
        "/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f",
        920610516,
    ),
    PERSON: (
        "https://github.com/trailofbits/pypi-attestation-models/.github/workflows/release.yml@refs/tags/v0.0.4a2",
        101487427,
    ),
}


def verified(bundle: Bundle, root: bytes = PRODUCTION_ROOT) -> Any:
    return verify_bundle(encoded(bundle), trusted_root=root, needs_timestamp=False)


def why(bundle: Bundle, root: bytes = PRODUCTION_ROOT) -> str:
    return why_refused(bundle, root, needs_timestamp=False)


@pytest.mark.parametrize("name", PRODUCTION_BUNDLES)
def test_a_production_bundle_proves_its_signer_and_log_entry(name: str) -> None:
    found = verified(bundle_of(name))
    assert (found.claims.subject, found.log.index) == PRODUCTION_BUNDLES[name]
    assert found.log.kind == "dsse/0.0.1"


def test_every_claim_of_the_certificate_is_read() -> None:
    assert verified(bundle_of(GITHUB_PUBLISH)).claims == GITHUB_CLAIMS


def test_the_attestations_of_the_index_are_bundles_too() -> None:
    for name in (
        "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl",
        "gcb_attestation_test-0.0.0.tar.gz",
    ):
        document = json.loads(asset(f"{name}.provenance"))
        attestation = document["attestation_bundles"][0]["attestations"][0]
        bundle = real_bundles.bundle_from(attestation)
        assert hashlib.sha256(asset(name)).hexdigest() in verified(bundle).statement.decode()


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("pypi_attestation_models-0.0.4a2.tar.gz", PRODUCTION_ROOT),
        ("rfc8785-0.1.2-py3-none-any.whl", STAGING_ROOT),
    ],
)
def test_a_bundle_as_its_publisher_wrote_it_is_accepted_for_its_file(name: str, root: bytes) -> None:
    digest = hashlib.sha256(asset(name)).digest()
    bundle = asset(f"{name}.sigstore")
    assert verify_artifact(bundle, artifact_sha256=digest, trusted_root=root, needs_timestamp=False)
    with pytest.raises(BundleRefusedError) as caught:
        verify_artifact(bundle, artifact_sha256=bytes(32), trusted_root=root, needs_timestamp=False)
    assert caught.value.why == "statement: the artifact is none of its subjects."


def test_the_time_of_a_bundle_without_a_timestamp_is_the_promise_of_the_log() -> None:
    assert verified(bundle_of(GITHUB_PUBLISH)).log.signed_at == 1733354041


def test_a_production_bundle_without_a_timestamp_is_no_publish() -> None:
    assert why_refused(bundle_of(), PRODUCTION_ROOT).startswith("timestamp: there is none that a trusted")


def test_a_staging_bundle_is_refused_under_the_production_root_and_the_other_way_round() -> None:
    another = "log entry: its log is none of the trusted root's; it comes from another Sigstore."
    assert verified(bundle_of(real_bundles.STAGING), STAGING_ROOT)
    assert why(bundle_of(real_bundles.STAGING)) == another
    assert why(bundle_of(), STAGING_ROOT) == another


def test_the_public_roots_are_those_of_the_installed_library() -> None:
    assert public_root() == public_root(PRODUCTION) == PRODUCTION_ROOT
    assert public_root(STAGING) == STAGING_ROOT


def material(bundle: Bundle) -> Any:
    return bundle["verificationMaterial"]


TAMPERED: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "statement": (
        lambda b: replace_in(b["dsseEnvelope"], "payload", b"0.0.19", b"0.0.99"),
        "signature: the certificate's key did not make it over this statement",
    ),
    "signature": (lambda b: flip(b["dsseEnvelope"]["signatures"][0], "sig"), "signature: the certificate's key"),
    "certificate": (
        lambda b: replace_in(material(b)["certificate"], "rawBytes", b"trailofbits", b"trail0fbits"),
        "certificate chain: it does not lead to a trusted authority",
    ),
    "SCT": (
        lambda b: replace_in(material(b)["certificate"], "rawBytes", b"\x00\xdd\x3d\x30\x6a", b"\x00\xdd\x3d\x30\x6b"),
        "certificate chain: it does not lead to a trusted authority",
    ),
    "body": (lambda b: flip(entry(b), "canonicalizedBody", 5), "inclusion proof: it does not lead to its root"),
    "index": (lambda b: count_up(entry(b), "logIndex"), "log entry: the log's promise is not about this entry"),
    "time": (lambda b: count_up(entry(b), "integratedTime"), "log entry: the log's promise is not about this"),
    "log id": (lambda b: flip(entry(b)["logId"], "keyId"), "log entry: its log is none of the trusted root's"),
    "promise": (
        lambda b: flip(entry(b)["inclusionPromise"], "signedEntryTimestamp"),
        "log entry: the log's promise is not about this entry",
    ),
    "proof": (lambda b: proof(b)["hashes"].reverse(), "inclusion proof:"),
    "tree size": (lambda b: count_up(proof(b), "treeSize"), "inclusion proof: "),
    "checkpoint": (
        lambda b: proof(b)["checkpoint"].update(
            envelope=proof(b)["checkpoint"]["envelope"].replace("rekor.sigstore.dev - ", "rekor.sigstore.dev + ", 1)
        ),
        "checkpoint: its signature is not the log's",
    ),
    "junk below the checkpoint": (
        lambda b: proof(b)["checkpoint"].update(envelope=proof(b)["checkpoint"]["envelope"] + "junk\n"),
        "checkpoint: it holds something else than signatures",
    ),
    "no log entry": (lambda b: material(b).update(tlogEntries=[]), "log entry: there is not exactly one"),
}  # fmt: skip


@pytest.mark.parametrize("case", TAMPERED)
@pytest.mark.parametrize("name", [GITHUB_PUBLISH])
def test_a_tampered_production_bundle_is_refused_for_the_part(name: str, case: str) -> None:
    change, reason = TAMPERED[case]
    bundle = bundle_of(name)
    change(bundle)
    assert why(bundle).startswith(reason)


PARTS: dict[str, tuple[Callable[[Bundle, Bundle], Any], str]] = {
    "envelope": (lambda b, o: b.update(dsseEnvelope=o["dsseEnvelope"]), "signature: the certificate's key"),
    "certificate": (
        lambda b, o: material(b).update(certificate=material(o)["certificate"]),
        "certificate: it was not yet valid",
    ),
    "log entry": (
        lambda b, o: material(b).update(tlogEntries=material(o)["tlogEntries"]),
        "certificate: it had expired when it signed",
    ),
    "proof": (lambda b, o: entry(b).update(inclusionProof=proof(o)), "inclusion proof: it does not lead to its"),
    "promise": (
        lambda b, o: entry(b).update(inclusionPromise=entry(o)["inclusionPromise"]),
        "log entry: the log's promise is not about this entry",
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_another_production_bundle_is_refused(part: str) -> None:
    change, reason = PARTS[part]
    bundle = bundle_of(GITLAB)
    change(bundle, bundle_of(GITHUB_PUBLISH))
    assert why(bundle).startswith(reason)


def test_the_log_entry_of_another_signature_of_the_same_run_is_refused() -> None:
    bundle, other = bundle_of(GITHUB_PUBLISH), bundle_of(GITHUB_SLSA)
    material(bundle).update(
        tlogEntries=material(other)["tlogEntries"], certificate=material(other)["certificate"]
    )
    assert why(bundle).startswith("signature: the certificate's key did not make it")


def test_an_authority_that_was_retired_before_the_signature_is_not_trusted() -> None:
    root = json.loads(PRODUCTION_ROOT)
    for authority in root["certificateAuthorities"]:
        authority["validFor"]["end"] = "2024-12-04T23:14:00Z"  # the bundle is of 23:14:01
    assert why(bundle_of(), encoded(root)).startswith(
        "trusted root: it has no certificate authority for the time"
    )


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("ctlogs", "SCT: no trusted certificate log"), ("tlogs", "checkpoint: its signature is not the log's")],
)
def test_keys_of_staging_in_the_production_root_verify_nothing(kind: str, reason: str) -> None:
    root, staging = json.loads(PRODUCTION_ROOT), json.loads(STAGING_ROOT)
    for log in root[kind]:
        log["publicKey"] = staging[kind][0]["publicKey"] | {"validFor": log["publicKey"]["validFor"]}
    assert why(bundle_of(), encoded(root)).startswith(reason)
