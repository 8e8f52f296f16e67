"""Sigstore bundles: real ones pass for their signer only, tampered ones are refused for their reason."""

from __future__ import annotations

import base64
import dataclasses
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sigstore import (
    MAX_BUNDLE_BYTES,
    REKOR_V1,
    REKOR_V2,
    LogFacts,
    SigstoreVerifier,
    complaint_about,
)
from chalicelib.ports.bundles import BundleRefusedError
from tank_core.entities import Identity

ROOT_FOLDER = Path(__file__).parents[3]
SDIST = ROOT_FOLDER / "build" / "sdists" / "pypi_attestations-0.0.30.tar.gz"
needs_sdist = pytest.mark.skipif(not SDIST.exists(), reason=f"needs {SDIST.relative_to(ROOT_FOLDER)}")

GITHUB = "https://token.actions.githubusercontent.com"
SIGNER = Identity(
    GITHUB,
    "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19",
)
STRANGER = Identity(GITHUB, "https://github.com/somebody/else/.github/workflows/release.yml@refs/heads/main")
GOOD = "pypi_attestations-0.0.19.tar.gz.publish.attestation"
LOG = b"\x01" * 32
V1 = LogFacts(REKOR_V1, LOG, 900, 1_700_000_000, True, 7, 10, "log.example\n10\nhash\n\n— log sig\n")
V2 = dataclasses.replace(V1, kind=REKOR_V2, log_index=7, integrated_time=0, has_promise=False)


def store_path(host: str) -> str:
    spec = find_spec("sigstore")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "_store" / f"https%3A%2F%2F{host}" / "trusted_root.json")


PRODUCTION = store_path("tuf-repo-cdn.sigstore.dev")
STAGING = store_path("tuf-repo-cdn.sigstage.dev")


def real_bundle(name: str = GOOD) -> dict[str, Any]:
    """Returns a bundle of the sdist; its files are PEP 740 attestations, with the same parts inside."""
    with tarfile.open(SDIST) as archive:
        file = archive.extractfile(f"pypi_attestations-0.0.30/test/assets/{name}")
        assert file is not None
        attestation = json.load(file)
    envelope, material = attestation["envelope"], attestation["verification_material"]
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": material["certificate"]},
            "tlogEntries": material["transparency_entries"],
        },
        "dsseEnvelope": {
            "payload": envelope["statement"],
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": envelope["signature"]}],
        },
    }


def reason(bundle: bytes, *identities: Identity, root: str = PRODUCTION) -> str:
    with pytest.raises(BundleRefusedError) as caught:
        SigstoreVerifier(root).verify(bundle, identities)
    return caught.value.why


@needs_sdist
def test_real_bundle_proves_its_signer_statement_and_log_entry():
    verified = SigstoreVerifier(PRODUCTION).verify(json.dumps(real_bundle()).encode(), (STRANGER, SIGNER))
    assert verified.identity == SIGNER
    assert verified.log_index == 153454663
    assert json.loads(verified.statement)["subject"][0]["name"] == "pypi_attestations-0.0.19.tar.gz"


NOT_THE_SIGNER = {
    "another subject": STRANGER,
    "another issuer": dataclasses.replace(SIGNER, issuer="https://accounts.example"),
    "another tag": dataclasses.replace(SIGNER, subject=SIGNER.subject.replace("v0.0.19", "v0.0.18")),
    "a prefix": dataclasses.replace(SIGNER, subject=SIGNER.subject[:-1]),
}


@needs_sdist
@pytest.mark.parametrize("case", NOT_THE_SIGNER)
def test_real_bundle_of_somebody_else_is_refused(case: str):
    assert "VerificationError" in reason(json.dumps(real_bundle()).encode(), NOT_THE_SIGNER[case])


def entry(bundle: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def with_more(number: str) -> str:
    return str(int(number) + 1)


def other_statement(bundle: dict[str, Any]) -> None:
    statement = base64.b64decode(bundle["dsseEnvelope"]["payload"]).replace(b"0.0.19", b"0.0.99")
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(statement).decode()


def other_signature(bundle: dict[str, Any]) -> None:
    other = real_bundle("pypi_attestations-0.0.19.tar.gz.slsa.attestation")
    bundle["dsseEnvelope"]["signatures"] = other["dsseEnvelope"]["signatures"]


def other_entry(bundle: dict[str, Any]) -> None:
    other = real_bundle("pypi_attestations-0.0.19.tar.gz.slsa.attestation")
    bundle["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]


TAMPERED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "statement": (other_statement, "DSSE: invalid signature"),
    "signature": (other_signature, "DSSE: invalid signature"),
    "payload type": (lambda b: b["dsseEnvelope"].update(payloadType="text/plain"), "DSSE: invalid signature"),
    "two signatures": (
        lambda b: b["dsseEnvelope"].update(signatures=b["dsseEnvelope"]["signatures"] * 2),
        "exactly one signature",
    ),
    "log entry of another signature": (other_entry, "cert is not valid at validation time"),
    "log index": (lambda b: entry(b).update(logIndex=with_more(entry(b)["logIndex"])), "inclusion promise"),
    "time": (
        lambda b: entry(b).update(integratedTime=with_more(entry(b)["integratedTime"])),
        "inclusion promise",
    ),
    "no promise": (lambda b: entry(b).pop("inclusionPromise"), "inclusion promise or signed timestamp"),
    "no time": (lambda b: entry(b).pop("integratedTime"), "verified time"),
    "no proof": (lambda b: entry(b).pop("inclusionProof"), "inclusionProof"),
    "proof hash": (lambda b: entry(b)["inclusionProof"]["hashes"].reverse(), "root hash"),
    "no log entry": (lambda b: b["verificationMaterial"].update(tlogEntries=[]), "exactly one log entry"),
    "no envelope": (lambda b: b.pop("dsseEnvelope"), "failed to load bundle"),
    "unknown format": (lambda b: b.update(mediaType="application/json"), "mediaType"),
}


@needs_sdist
@pytest.mark.parametrize("case", TAMPERED)
def test_tampered_bundle_is_refused_for_its_reason(case: str):
    change, expected = TAMPERED[case]
    bundle = real_bundle()
    change(bundle)
    assert expected in reason(json.dumps(bundle).encode(), SIGNER)


@needs_sdist
def test_tree_size_that_the_library_does_not_check_is_refused():
    bundle = real_bundle("circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.publish.attestation")
    proof = entry(bundle)["inclusionProof"]
    identity = circleci_identity(bundle)
    assert SigstoreVerifier(PRODUCTION).verify(json.dumps(bundle).encode(), (identity,)).identity == identity
    proof["treeSize"] = with_more(proof["treeSize"])
    assert "tree size" in reason(json.dumps(bundle).encode(), identity)


def circleci_identity(bundle: dict[str, Any]) -> Identity:
    from cryptography import x509

    raw = base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"])
    extensions = x509.load_der_x509_certificate(raw).extensions
    san = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    issuer = extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")).value
    assert isinstance(issuer, x509.UnrecognizedExtension)
    return Identity(issuer.value.decode(), san.get_values_for_type(x509.UniformResourceIdentifier)[0])


@needs_sdist
def test_production_bundle_is_refused_under_the_staging_root():
    assert "Error" in reason(json.dumps(real_bundle()).encode(), SIGNER, root=STAGING)


@needs_sdist
def test_bundle_with_a_duplicate_key_is_refused():
    twice = json.dumps(real_bundle())[:-1] + ', "mediaType": "x"}'
    assert "twice" in reason(twice.encode(), SIGNER)


def test_without_a_trusted_root_every_bundle_is_refused():
    assert "no Sigstore trusted root" in reason(b"{}", SIGNER, root="")


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"mediaType": "x"}'])
def test_unreadable_trusted_root_refuses_without_naming_its_path(tmp_path: Path, content: bytes | None):
    path = tmp_path / "root.json"
    if content is not None:
        path.write_bytes(content)
    why = reason(b"{}", SIGNER, root=str(path))
    assert why == "This registry's Sigstore trusted root cannot be read."


@pytest.mark.parametrize(
    "identities", [(), (Identity("", "subject"),), (Identity("issuer", ""),), (SIGNER, Identity("", "x"))]
)
def test_missing_or_open_identity_is_refused(identities: tuple[Identity, ...]):
    assert "identity" in reason(b"{}", *identities).lower()


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b"\xff", b"{" * 1000, b'{"mediaType": 1}'])
def test_bytes_that_are_no_bundle_are_refused(data: bytes):
    assert reason(data, SIGNER)


def test_bundle_above_the_size_limit_is_refused_before_it_is_parsed():
    assert "limit" in reason(b"{" * (MAX_BUNDLE_BYTES + 1), SIGNER)


def test_log_entries_of_both_kinds_are_accepted():
    assert complaint_about(V1, frozenset({LOG})) == ""
    assert complaint_about(V2, frozenset({LOG})) == ""


INCONSISTENT: dict[str, tuple[LogFacts, str]] = {
    "unknown log": (dataclasses.replace(V1, log_id=b"\x02" * 32), "transparency log"),
    "other tree size": (dataclasses.replace(V2, proof_tree_size=11), "tree size"),
    "no checkpoint": (dataclasses.replace(V2, checkpoint=""), "tree size"),
    "index outside the tree": (dataclasses.replace(V1, proof_index=10), "outside"),
    "negative index": (dataclasses.replace(V1, proof_index=-1), "outside"),
    "v1 without promise": (dataclasses.replace(V1, has_promise=False), "lacks the log's promise"),
    "v1 without time": (dataclasses.replace(V1, integrated_time=0), "lacks the log's promise"),
    "v2 with a time": (dataclasses.replace(V2, integrated_time=1), "never gives"),
    "v2 with a promise": (dataclasses.replace(V2, has_promise=True), "never gives"),
    "v2 with another index": (dataclasses.replace(V2, log_index=8), "not the inclusion proof's"),
    "v2 body with v1 version": (dataclasses.replace(V1, kind=("dsse", "0.0.2")), "unknown kind"),
}


@pytest.mark.parametrize("case", INCONSISTENT)
def test_inconsistent_log_entry_has_a_complaint(case: str):
    facts, expected = INCONSISTENT[case]
    assert expected in complaint_about(facts, frozenset({LOG}))


def test_importing_the_adapter_does_not_import_the_library():
    program = "import sys, chalicelib.adapters.sigstore; sys.exit('sigstore.models' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT_FOLDER, check=False).returncode == 0
