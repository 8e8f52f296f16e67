"""Pushing to a real registry, and pulling back with tools that know nothing of Tank."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chalicelib.adapters.oci import OciRegistry
from chalicelib.ports.artifacts import Artifact, Referrer
from chalicelib.ports.errors import PortError
from infra.local.oci_layout import OciLayout
from tank_core.oci import ARCHIVE_LAYER, IMAGE_INDEX, IMAGE_MANIFEST, SKILL_ARTIFACT, referrers_tag
from tests.support.oci_registry import SKOPEO, is_installed, running_registry

needs_registry = pytest.mark.skipif(not is_installed(), reason="docker-registry (Debian) is not installed")
needs_skopeo = pytest.mark.skipif(SKOPEO is None, reason="skopeo is not installed")

SBOM = Referrer("application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", b'{"sbom":1}')
VSA = Referrer("application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", b'{"vsa":1}')
ARTIFACT = Artifact(
    "acme/weather",
    "1.0.0+linux",
    b"archive",
    {"org.opencontainers.image.version": "1.0.0+linux"},
    (SBOM, VSA),
)

HTPASSWD = "tank:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"  # the password is: secret


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


def _manifest(host: str, reference: str, repository: str = "acme/weather") -> requests.Response:
    return requests.get(
        f"http://{host}/v2/{repository}/manifests/{reference}",
        headers={"Accept": f"{IMAGE_MANIFEST}, {IMAGE_INDEX}"},
        timeout=5,
    )


@needs_registry
def test_reference_is_the_digest_that_the_registry_computed(registry: str) -> None:
    reference = OciRegistry(registry, insecure=True).push(ARTIFACT)
    stored = _manifest(registry, "1.0.0_linux")
    assert reference == f"acme/weather@{stored.headers['Docker-Content-Digest']}"
    assert stored.json()["artifactType"] == SKILL_ARTIFACT


@needs_registry
def test_fallback_index_lists_every_referrer_and_each_is_there(registry: str) -> None:
    reference = OciRegistry(registry, insecure=True).push(ARTIFACT)
    digest = reference.partition("@")[2]
    index = _manifest(registry, referrers_tag(digest)).json()
    assert sorted(entry["artifactType"] for entry in index["manifests"]) == [
        SBOM.artifact_type,
        VSA.artifact_type,
    ]
    for entry in index["manifests"]:
        assert _manifest(registry, entry["digest"]).json()["subject"]["digest"] == digest


@needs_registry
def test_pushing_again_changes_nothing(registry: str) -> None:
    port = OciRegistry(registry, insecure=True)
    tag = referrers_tag(port.push(ARTIFACT).partition("@")[2])
    before = _manifest(registry, tag).content
    port.push(ARTIFACT)
    assert _manifest(registry, tag).content == before


@needs_registry
def test_a_later_referrer_joins_the_earlier_ones(registry: str) -> None:
    port = OciRegistry(registry, insecure=True)
    one = Artifact("acme/joins", "1.0.0", b"archive", {}, (SBOM,))
    both = Artifact("acme/joins", "1.0.0", b"archive", {}, (VSA,))
    digest = port.push(one).partition("@")[2]
    port.push(both)
    assert len(_manifest(registry, referrers_tag(digest), "acme/joins").json()["manifests"]) == 2


@needs_registry
def test_layout_and_registry_give_the_same_digest(registry: str, tmp_path: Path) -> None:
    assert OciLayout(tmp_path).push(ARTIFACT) == OciRegistry(registry, insecure=True).push(ARTIFACT)


@needs_registry
@needs_skopeo
def test_skopeo_copies_the_artifact_with_its_digest(registry: str, tmp_path: Path) -> None:
    digest = OciRegistry(registry, insecure=True).push(ARTIFACT).partition("@")[2]
    subprocess.run(
        [
            str(SKOPEO),
            "copy",
            "--quiet",
            "--insecure-policy",
            "--src-tls-verify=false",
            f"docker://{registry}/acme/weather@{digest}",
            f"oci:{tmp_path}/copy:1.0.0",
        ],
        check=True,
        timeout=60,
    )
    copied = json.loads((tmp_path / "copy" / "index.json").read_text())["manifests"][0]
    assert copied["digest"] == digest


@needs_registry
def test_oras_pulls_the_archive_under_a_good_name(registry: str, tmp_path: Path) -> None:
    import oras.client

    OciRegistry(registry, insecure=True).push(ARTIFACT)
    client = oras.client.OrasClient(insecure=True)
    files = client.pull(
        f"{registry}/acme/weather:1.0.0_linux", outdir=str(tmp_path), allowed_media_type=[IMAGE_MANIFEST]
    )
    assert [(Path(file).name, Path(file).read_bytes()) for file in files] == [("skill.tgz", b"archive")]
    assert _manifest(registry, "1.0.0_linux").json()["layers"][0]["mediaType"] == ARCHIVE_LAYER


@needs_registry
def test_repository_is_prepared_below_the_prefix_before_the_first_push(registry: str) -> None:
    prepared: list[str] = []
    port = OciRegistry(f"{registry}/skills", insecure=True, prepare_repository=prepared.append)
    reference = port.push(ARTIFACT)
    assert prepared == ["skills/acme/weather"]
    assert reference.startswith("acme/weather@")
    assert _manifest(registry, "1.0.0_linux", "skills/acme/weather").ok


@needs_registry
def test_password_is_sent_only_when_asked_for_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    with running_registry(tmp_path, htpasswd=HTPASSWD) as host:
        right = OciRegistry(host, insecure=True, credentials=lambda: ("tank", "secret"))
        assert right.push(ARTIFACT).startswith("acme/weather@sha256:")
        wrong = OciRegistry(host, insecure=True, credentials=lambda: ("tank", "other"))
        with pytest.raises(PortError, match="401") as refused:
            wrong.push(ARTIFACT)
        assert "other" not in str(refused.value)
        with pytest.raises(PortError, match="401"):
            OciRegistry(host, insecure=True).push(ARTIFACT)


def test_registry_that_is_not_there_is_a_port_error() -> None:
    with pytest.raises(PortError, match="ConnectionError"):
        OciRegistry("127.0.0.1:9", insecure=True).push(ARTIFACT)
