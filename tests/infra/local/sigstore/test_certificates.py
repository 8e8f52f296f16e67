"""Certificates: what a token's claims become in them, and the profile that verifiers ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509.certificate_transparency import LogEntryType
from cryptography.x509.oid import ExtendedKeyUsageOID

from infra.local.sigstore.keys import key_id, new_ec_key
from infra.local.sigstore.principal import GITHUB, GITLAB, UnusableClaimsError, principal_of
from infra.local.sigstore.sct import SCT_LIST
from tests.support.local_sigstore import ALICE, BUILD, SigstoreScene, certificate

REUSABLE = "other/flows/.github/workflows/publish.yml@refs/heads/main"
WORKFLOW = "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0"
OF_GITHUB = {
    1: GITHUB,
    2: "push",
    3: BUILD.commit,
    4: "release",
    5: "acme/skills",
    6: "refs/tags/v1.0.0",
    8: GITHUB,
    9: WORKFLOW,
    10: BUILD.commit,
    11: "github-hosted",
    12: "https://github.com/acme/skills",
    13: BUILD.commit,
    14: "refs/tags/v1.0.0",
    15: "2002",
    16: "https://github.com/acme",
    17: "1001",
    18: WORKFLOW,
    19: BUILD.commit,
    20: "push",
    21: "https://github.com/acme/skills/actions/runs/1/attempts/1",
    22: "public",
    24: "repo:acme/skills:ref:refs/tags/v1.0.0",
}
CONFIG = "https://gitlab.com/acme/deep/skills//.gitlab-ci.yml@refs/heads/main"
GITLAB_BUILD = replace(
    BUILD,
    repository="acme/deep/skills",
    workflow=".gitlab-ci.yml",
    ref="refs/heads/main",
    runner="gitlab-hosted",
)
OF_GITLAB = {
    1: GITLAB,
    8: GITLAB,
    9: CONFIG,
    10: GITLAB_BUILD.commit,
    11: "gitlab-hosted",
    12: "https://gitlab.com/acme/deep/skills",
    13: GITLAB_BUILD.commit,
    14: "refs/heads/main",
    15: "2002",
    16: "https://gitlab.com/acme/deep",
    17: "1001",
    18: CONFIG,
    19: GITLAB_BUILD.commit,
    20: "push",
    21: "https://gitlab.com/acme/deep/skills/-/jobs/1",
    22: "public",
    24: "project_path:acme/deep/skills:ref_type:branch:ref:main",
}


def fulcio_extensions(leaf: x509.Certificate) -> dict[int, str]:
    """Reads 1 to 6 as they are and later ones as DER, as Fulcio's documentation says."""
    found = {}
    for extension in leaf.extensions:
        arc, _, number = extension.oid.dotted_string.rpartition(".")
        if arc == "1.3.6.1.4.1.57264.1":
            raw = extension.value.public_bytes()
            found[int(number)] = raw.decode() if int(number) < 7 else asn1.decode_der(str, raw)
    return found


def name_of(leaf: x509.Certificate) -> x509.GeneralName:
    extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert extension.critical
    (name,) = extension.value
    return name


def test_a_github_build_becomes_every_extension_of_fulcios_table(scene: SigstoreScene) -> None:
    leaf = certificate(scene, new_ec_key())
    assert fulcio_extensions(leaf) == OF_GITHUB
    assert name_of(leaf) == x509.UniformResourceIdentifier(WORKFLOW)


def test_a_gitlab_build_becomes_every_extension_of_fulcios_table(scene: SigstoreScene) -> None:
    leaf = certificate(scene, new_ec_key(), GITLAB_BUILD.gitlab_claims(), issuer=GITLAB)
    assert fulcio_extensions(leaf) == OF_GITLAB
    assert name_of(leaf) == x509.UniformResourceIdentifier(CONFIG)


def test_a_reusable_workflow_signs_in_its_own_name_and_the_callers_workflow_stays_visible(
    scene: SigstoreScene,
) -> None:
    claims = replace(BUILD, job_workflow_ref=REUSABLE).github_claims()
    leaf = certificate(scene, new_ec_key(), claims)
    found = fulcio_extensions(leaf)
    assert name_of(leaf) == x509.UniformResourceIdentifier(f"https://github.com/{REUSABLE}")
    assert (found[9], found[18]) == (f"https://github.com/{REUSABLE}", WORKFLOW)


def test_an_environment_is_in_the_certificate_and_in_the_subject(scene: SigstoreScene) -> None:
    found = fulcio_extensions(
        certificate(scene, new_ec_key(), replace(BUILD, environment="release").github_claims())
    )
    assert (found[23], found[24]) == ("release", "repo:acme/skills:environment:release")


def test_a_person_becomes_an_address_and_no_extension_of_a_build(scene: SigstoreScene) -> None:
    leaf = certificate(scene, new_ec_key(), ALICE, issuer="https://issuer.example")
    assert name_of(leaf) == x509.RFC822Name("alice@acme.example")
    assert fulcio_extensions(leaf) == {
        1: "https://issuer.example",
        8: "https://issuer.example",
        24: "alice@acme.example",
    }


def test_the_leaf_lives_ten_minutes_and_is_for_code_signing_alone(scene: SigstoreScene) -> None:
    leaf = certificate(scene, new_ec_key())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(minutes=10)
    assert leaf.not_valid_before_utc.timestamp() == scene.clock.now()
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert (list(usage.value), usage.critical) == ([ExtendedKeyUsageOID.CODE_SIGNING], False)
    key_usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert key_usage.digital_signature
    assert not key_usage.key_cert_sign
    assert not list(leaf.subject)


def test_the_certificate_timestamp_is_the_last_extension_and_names_the_ct_log(scene: SigstoreScene) -> None:
    leaf = certificate(scene, new_ec_key())
    assert list(leaf.extensions)[-1].oid == SCT_LIST
    (sct,) = leaf.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps).value
    assert sct.entry_type is LogEntryType.PRE_CERTIFICATE
    assert sct.log_id == key_id(scene.sigstore.ct_key.public_key())


def test_the_chain_is_signed_by_its_own_root_and_the_roots_key_is_nowhere(scene: SigstoreScene) -> None:
    intermediate, root = scene.sigstore.authority.chain
    certificate(scene, new_ec_key()).verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert (scene.folder / "fulcio.pem").read_text().count("PRIVATE KEY-----") == 2  # one key: begin and end


@pytest.mark.parametrize("claim", sorted(set(BUILD.github_claims()) & {
    "event_name", "sha", "workflow", "repository", "ref", "job_workflow_ref", "job_workflow_sha",
    "runner_environment", "repository_id", "repository_owner", "repository_owner_id", "workflow_ref",
    "workflow_sha", "run_id", "run_attempt", "repository_visibility",
}))  # fmt: skip
def test_a_build_without_a_claim_gets_no_certificate(claim: str) -> None:
    claims = {key: value for key, value in BUILD.github_claims().items() if key != claim}
    with pytest.raises(UnusableClaimsError, match=claim):
        principal_of({**claims, "iss": GITHUB})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"email_verified": False}, "not verified"),
        ({"email_verified": "true"}, "not verified"),
        ({"email": ""}, "email is no printable text"),
        ({"email": 7}, "email is no printable text"),
        ({"email": "a\nb@acme.example"}, "email is no printable text"),
        ({"email": "ä@acme.example"}, "not one that a certificate can hold"),
        ({"email": "a b@acme.example"}, "not one that a certificate can hold"),
    ],
)
def test_a_person_whose_address_proves_nothing_gets_no_certificate(
    changed: dict[str, object], reason: str
) -> None:
    with pytest.raises(UnusableClaimsError, match=reason):
        principal_of({**ALICE, "iss": "https://issuer.example", **changed})
