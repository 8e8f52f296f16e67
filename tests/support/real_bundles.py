"""Bundles that real publishers made, out of an sdist that ``make`` downloads by version and hash.

Its attestations (PEP 740) hold the parts of bundles; ``bundle_of`` puts them together.
They were made before Sigstore had timestamps: only Rekor's promise tells their time.
"""

from __future__ import annotations

import json
import tarfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
SDIST = PROJECT / "build" / "sdists" / "pypi_attestations-0.0.30.tar.gz"
needs_sdist = pytest.mark.skipif(not SDIST.exists(), reason=f"needs {SDIST.relative_to(PROJECT)}")

GITHUB_PUBLISH = "pypi_attestations-0.0.19.tar.gz.publish.attestation"
GITHUB_SLSA = "pypi_attestations-0.0.19.tar.gz.slsa.attestation"
GITLAB = "gitlab_oidc_project-0.0.3.tar.gz.publish.attestation"
CIRCLECI = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.publish.attestation"
PERSON = "pypi_attestation_models-0.0.4a2.tar.gz.attestation"
STAGING = "rfc8785-0.1.2-py3-none-any.whl.attestation"


def embedded_root(host: str) -> bytes:
    """Returns a trusted root that sigstore's wheel ships."""
    return files("sigstore").joinpath("_store", f"https%3A%2F%2F{host}", "trusted_root.json").read_bytes()


PRODUCTION_ROOT = embedded_root("tuf-repo-cdn.sigstore.dev")
STAGING_ROOT = embedded_root("tuf-repo-cdn.sigstage.dev")


@cache
def asset(name: str) -> bytes:
    """Returns a file of the sdist's test assets."""
    with tarfile.open(SDIST) as archive:
        file = archive.extractfile(f"pypi_attestations-0.0.30/test/assets/{name}")
        assert file is not None
        return file.read()


def bundle_of(name: str = GITHUB_PUBLISH) -> dict[str, Any]:
    """Returns the bundle of one attestation, as a fresh JSON object."""
    return bundle_from(json.loads(asset(name)))


def bundle_from(attestation: dict[str, Any]) -> dict[str, Any]:
    """Returns the bundle with the parts of a PEP 740 attestation."""
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


def encoded(bundle: dict[str, Any]) -> bytes:
    """Returns a bundle's bytes."""
    return json.dumps(bundle).encode()
