"""An image layout on disk that other OCI tools read, whole after any crash."""

from __future__ import annotations

import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chalicelib.ports.artifacts import Artifact
from chalicelib.ports.errors import PortError
from infra.local.oci_layout import OciLayout
from tank_core.oci import IMAGE_MANIFEST, Referrer, content, referrers_tag, retagged_index, tagged_digest
from tests.support.oci_registry import SKOPEO


def _artifact(version: str) -> Artifact:
    sbom = Referrer("application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", b'{"sbom":1}')
    return Artifact("acme/weather", version, f"archive {version}".encode(), {}, (sbom,))


def _index(root: Path) -> bytes:
    return (root / "acme" / "weather" / "index.json").read_bytes()


def test_every_blob_lies_under_its_own_digest(tmp_path: Path) -> None:
    OciLayout(tmp_path).push(_artifact("1.0.0"))
    blobs = sorted((tmp_path / "acme" / "weather" / "blobs" / "sha256").iterdir())
    assert len(blobs) == 6  # config, archive, SBOM, two manifests, the referrers index
    assert all(hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name for blob in blobs)


def test_tags_name_the_version_and_the_referrers(tmp_path: Path) -> None:
    digest = OciLayout(tmp_path).push(_artifact("1.0.0+b")).partition("@")[2]
    assert tagged_digest(_index(tmp_path), "1.0.0_b") == digest
    assert tagged_digest(_index(tmp_path), referrers_tag(digest)) is not None


def test_pushing_again_changes_no_file(tmp_path: Path) -> None:
    layout = OciLayout(tmp_path)
    layout.push(_artifact("1.0.0"))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.name != ".lock"}
    layout.push(_artifact("1.0.0"))
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.name != ".lock"}
    assert after == before


def test_a_torn_blob_is_mended_by_the_next_push(tmp_path: Path) -> None:
    layout = OciLayout(tmp_path)
    layout.push(_artifact("1.0.0"))
    name = hashlib.sha256(b"archive 1.0.0").hexdigest()
    blob = tmp_path / "acme" / "weather" / "blobs" / "sha256" / name
    blob.write_bytes(b"arch")
    layout.push(_artifact("1.0.0"))
    assert blob.read_bytes() == b"archive 1.0.0"


def test_concurrent_pushes_lose_no_tag(tmp_path: Path) -> None:
    versions = [f"1.0.{n}" for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda version: OciLayout(tmp_path).push(_artifact(version)), versions))
    assert all(tagged_digest(_index(tmp_path), version) for version in versions)
    assert len(json.loads(_index(tmp_path))["manifests"]) == 2 * len(versions)


def _files(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_withdrawing_leaves_the_layout_as_if_the_version_had_never_been(tmp_path: Path) -> None:
    layout = OciLayout(tmp_path)
    layout.push(_artifact("1.0.0"))
    before = _files(tmp_path)
    layout.withdraw(layout.push(_artifact("2.0.0")))
    assert _files(tmp_path) == before


def test_withdrawal_that_died_after_the_index_is_finished_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = OciLayout(tmp_path)
    layout.push(_artifact("1.0.0"))
    before = _files(tmp_path)
    reference = layout.push(_artifact("2.0.0"))

    def die(_path: Path) -> None:
        raise OSError

    with monkeypatch.context() as dying:
        dying.setattr(Path, "unlink", die)
        with pytest.raises(PortError, match="oci layout"):
            layout.withdraw(reference)
    assert tagged_digest(_index(tmp_path), "2.0.0") is None
    torn = tmp_path / "acme" / "weather" / "blobs" / "sha256" / ".writing-torn"
    torn.write_bytes(b"archive 2.0")
    layout.withdraw(reference)
    assert _files(tmp_path) == before


def test_what_others_hung_on_a_withdrawn_version_goes_with_it(tmp_path: Path) -> None:
    layout = OciLayout(tmp_path)
    reference = layout.push(_artifact("1.0.0"))
    folder = tmp_path / "acme" / "weather"
    digest = reference.partition("@")[2]
    signature = content(IMAGE_MANIFEST, json.dumps({"subject": {"digest": digest}}).encode())
    (folder / "blobs" / "sha256" / signature.descriptor.digest[7:]).write_bytes(signature.data)
    (folder / "index.json").write_bytes(retagged_index(_index(tmp_path), signature.descriptor, "signature"))
    layout.withdraw(reference)
    assert json.loads(_index(tmp_path))["manifests"] == []
    assert list((folder / "blobs" / "sha256").iterdir()) == []


def test_nothing_is_swept_when_a_manifest_cannot_be_read(tmp_path: Path) -> None:
    layout = OciLayout(tmp_path)
    torn = layout.push(_artifact("1.0.0")).partition("@")[2]
    reference = layout.push(_artifact("2.0.0"))
    blobs = tmp_path / "acme" / "weather" / "blobs" / "sha256"
    (blobs / torn[7:]).write_bytes(b"{")
    count = len(list(blobs.iterdir()))
    with pytest.raises(PortError, match="unreadable manifest"):
        layout.withdraw(reference)
    assert len(list(blobs.iterdir())) == count


@pytest.mark.parametrize("repository", ["weather", "a/b/c", "../b", "a/..", "A/b", "a/b\x00", "/b"])
def test_a_repository_that_is_not_org_and_name_is_refused(tmp_path: Path, repository: str) -> None:
    with pytest.raises(PortError, match="<org>/<name>"):
        OciLayout(tmp_path).push(Artifact(repository, "1.0.0", b"", {}, ()))


@pytest.mark.skipif(SKOPEO is None, reason="skopeo is not installed")
def test_skopeo_copies_a_version_out_of_the_layout(tmp_path: Path) -> None:
    digest = OciLayout(tmp_path).push(_artifact("1.0.0")).partition("@")[2]
    source, target = f"oci:{tmp_path}/acme/weather:1.0.0", f"oci:{tmp_path}/copy:1.0.0"
    subprocess.run(
        [str(SKOPEO), "copy", "--quiet", "--insecure-policy", source, target], check=True, timeout=60
    )
    assert json.loads((tmp_path / "copy" / "index.json").read_text())["manifests"][0]["digest"] == digest
