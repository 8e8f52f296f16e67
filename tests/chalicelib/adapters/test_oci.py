"""Pushing to a real registry, and pulling back with tools that know nothing of Tank."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from chalicelib.adapters.oci import OciRegistry
from chalicelib.ports.artifacts import Artifact
from chalicelib.ports.errors import PortError
from infra.local.oci_layout import OciLayout
from tank_core.oci import (
    ARCHIVE_LAYER,
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    SKILL_ARTIFACT,
    Content,
    Referrer,
    artifact_documents,
    bundle_referrer,
    links_of,
    referrers_tag,
)
from tests.support.oci_registry import SKOPEO, is_installed, pulled, running_registry

needs_registry = pytest.mark.skipif(not is_installed(), reason="docker-registry (Debian) is not installed")
needs_skopeo = pytest.mark.skipif(SKOPEO is None, reason="skopeo is not installed")

SBOM = Referrer("application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", b'{"sbom":1}')
VSA = Referrer("application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", b'{"vsa":1}')
BUNDLE = bundle_referrer(b'{"b":1}', predicate_type="https://predicate.example/v1", signed_at=1_700_000_000)
ARTIFACT = Artifact(
    "acme/weather",
    "1.0.0+linux",
    b"archive",
    {"org.opencontainers.image.version": "1.0.0+linux"},
    (SBOM, VSA, BUNDLE),
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
        BUNDLE.artifact_type,
        VSA.artifact_type,
    ]
    for entry in index["manifests"]:
        assert _manifest(registry, entry["digest"]).json()["subject"]["digest"] == digest


@needs_registry
def test_a_bundle_is_found_on_the_way_that_cosign_goes(registry: str) -> None:
    """BUNDLE_SPEC.md, "Retrieval": the index of referrers, an entry by its type, its first layer."""
    digest = OciRegistry(registry, insecure=True).push(ARTIFACT).partition("@")[2]
    listed = requests.get(f"http://{registry}/v2/acme/weather/referrers/{digest}", timeout=5)
    index = (listed if listed.ok else _manifest(registry, referrers_tag(digest))).json()
    bundles = [
        e for e in index["manifests"] if e["artifactType"].startswith("application/vnd.dev.sigstore.bundle")
    ]
    (entry,) = bundles
    assert entry["annotations"] == dict(BUNDLE.annotations)
    manifest = _manifest(registry, entry["digest"]).json()
    assert manifest["annotations"] == dict(BUNDLE.annotations)
    assert pulled(registry, "acme/weather", manifest["layers"][0]["digest"]) == BUNDLE.data


@needs_registry
def test_oras_pulls_a_bundle_under_the_name_that_cosign_gives_it(registry: str, tmp_path: Path) -> None:
    import oras.client

    reference = OciRegistry(registry, insecure=True).push(ARTIFACT)
    index = _manifest(registry, referrers_tag(reference.partition("@")[2])).json()
    (entry,) = [e for e in index["manifests"] if e["artifactType"] == BUNDLE.artifact_type]
    client = oras.client.OrasClient(insecure=True)
    address = f"{registry}/acme/weather@{entry['digest']}"
    (file,) = client.pull(address, outdir=str(tmp_path), allowed_media_type=[IMAGE_MANIFEST])
    assert (
        Path(file).name == BUNDLE.title == f"sha256-{hashlib.sha256(BUNDLE.data).hexdigest()}.sigstore.json"
    )
    assert Path(file).read_bytes() == BUNDLE.data


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


@needs_registry
def test_withdrawing_below_a_prefix_leaves_the_other_version_alone(registry: str) -> None:
    port = OciRegistry(f"{registry}/withdrawn", insecure=True)
    kept = port.push(replace(ARTIFACT, tag="2.0.0", archive=b"archive 2", annotations={"v": "2"}))
    port.withdraw(port.push(ARTIFACT))
    assert pulled(registry, "withdrawn/acme/weather", "1.0.0_linux") is None
    assert pulled(registry, "withdrawn/acme/weather", kept.partition("@")[2]) is not None


@needs_registry
def test_withdrawal_that_broke_off_anywhere_is_finished_by_the_next_one(
    registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = OciRegistry(f"{registry}/broken", insecure=True)
    send = requests.Session.request
    for deletions in range(6):  # three referrers, their index, the archive, the manifest
        left = iter(range(deletions))

        def dying(session: requests.Session, method: str, *args: Any, **kwargs: Any) -> requests.Response:
            if method == "DELETE" and next(left, None) is None:  # noqa: B023  # called within this round
                raise requests.ConnectionError
            return send(session, method, *args, **kwargs)

        reference = port.push(ARTIFACT)
        index = json.loads(pulled(registry, "broken/acme/weather", referrers_tag(reference[13:])) or b"")
        with monkeypatch.context() as broken:
            broken.setattr(requests.Session, "request", dying)
            with pytest.raises(PortError, match="ConnectionError"):
                port.withdraw(reference)
        port.withdraw(reference)
        listed = [entry["digest"] for entry in index["manifests"]]
        archive = f"sha256:{hashlib.sha256(ARTIFACT.archive).hexdigest()}"
        for name in (*listed, referrers_tag(reference[13:]), archive, reference[13:], "1.0.0_linux"):
            assert pulled(registry, "broken/acme/weather", name) is None


@needs_registry
def test_registry_that_deletes_nothing_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with running_registry(tmp_path, deletes=False) as host:
        port = OciRegistry(host, insecure=True)
        port.withdraw(f"acme/weather@sha256:{'0' * 64}")
        with pytest.raises(PortError, match="does not delete manifests; allow deletion there"):
            port.withdraw(port.push(ARTIFACT))


@pytest.mark.parametrize("status", [400, 405])
def test_registry_that_deletes_only_manifests_loses_them_and_says_what_stays(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, manifest = _served(monkeypatch, blob_deletion=status)
    archive = links_of(manifest.data).layers[0]
    with pytest.raises(PortError, match=f"deletes no blobs.*{archive}"):
        OciRegistry("oci.example").withdraw(f"acme/weather@{manifest.descriptor.digest}")
    assert served == {archive}


def test_archive_that_is_gone_needs_no_deletion(monkeypatch: pytest.MonkeyPatch) -> None:
    served, manifest = _served(monkeypatch, blob_deletion=405)
    served.remove(links_of(manifest.data).layers[0])
    OciRegistry("oci.example").withdraw(f"acme/weather@{manifest.descriptor.digest}")
    assert served == set()


def test_tag_that_outlives_its_manifest_is_deleted_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    served, manifest = _served(monkeypatch, blob_deletion=202)
    served.add("1.0.0_linux")
    OciRegistry("oci.example").withdraw(f"acme/weather@{manifest.descriptor.digest}")
    assert served == set()


def _served(monkeypatch: pytest.MonkeyPatch, *, blob_deletion: int) -> tuple[set[str], Content]:
    """Makes every request meet a registry with one artifact; returns the names that it serves."""
    manifest = artifact_documents(b"archive", ARTIFACT.annotations, []).manifest
    served = {manifest.descriptor.digest, *links_of(manifest.data).layers}

    def answer(_session: requests.Session, method: str, url: str, **_: object) -> requests.Response:
        kind, name = url.split("/")[-2:]
        response = requests.Response()
        response.status_code = 200 if name in served else 404
        response._content = manifest.data
        response.headers["Docker-Content-Digest"] = manifest.descriptor.digest
        if method == "DELETE" and (kind == "blobs" or response.ok):
            response.status_code = blob_deletion if kind == "blobs" else 202
            if response.ok:
                served.discard(name)
        return response

    monkeypatch.setattr(requests.Session, "request", answer)
    return served, manifest


def test_registry_with_a_deletion_of_its_own_is_asked_for_it() -> None:
    deleted: list[tuple[str, str]] = []
    port = OciRegistry(
        "127.0.0.1:9/skills", insecure=True, delete_artifact=lambda *what: deleted.append(what)
    )
    port.withdraw(f"acme/weather@sha256:{'0' * 64}")
    assert deleted == [("skills/acme/weather", f"sha256:{'0' * 64}")]


def test_registry_that_is_not_there_is_a_port_error() -> None:
    with pytest.raises(PortError, match="ConnectionError"):
        OciRegistry("127.0.0.1:9", insecure=True).push(ARTIFACT)
