"""What an operator's two steps around the ceremony write and publish."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.adapters.tuf.authority import CeremonyRefusedError
from chalicelib.services.keys import REGISTRY_DOCUMENT
from infra.aws.bootstrap import INDEX_KEY, bootstrap, describe, main
from infra.ceremony.folder import Ceremony
from tank_core import tuf_layout
from tests.support.memory_index import OfflineKeys, signed_ceremony
from tests.support.memory_ports import MemorySigner
from tests.support.scene import Scene, scene


@dataclass
class FakeFunction:
    """Takes what it is given, as the index function would after verifying it."""

    adopted: dict[str, bytes] = field(default_factory=dict)

    def adopt(self, files: Mapping[str, bytes]) -> None:
        self.adopted = dict(files)


@pytest.fixture
def registry() -> Scene:
    return scene()


def ceremony_of(registry: Scene, described: Path, folder: Path) -> Ceremony:
    contents = {"registry.json": (described / "registry.json").read_bytes()}
    now = registry.world.clock.now()
    return signed_ceremony(folder, OfflineKeys(), MemorySigner(), now=now, contents=contents)


def test_what_people_sign_is_written_for_them(registry: Scene, tmp_path: Path) -> None:
    lines = describe(registry.ports, "PEM of the index key", tmp_path / "to-sign")
    names = [INDEX_KEY, "registry.json", "sigstore/signing_config.json", "sigstore/trusted_root.json"]
    assert lines[1:] == names
    assert (tmp_path / "to-sign" / INDEX_KEY).read_text() == "PEM of the index key"
    said = json.loads((tmp_path / "to-sign" / "registry.json").read_bytes())
    assert (said["registry"], said["sigstore"]) == ("https://registry.example", "public")
    assert "certificateAuthorities" in (tmp_path / "to-sign" / "sigstore" / "trusted_root.json").read_text()


def test_a_rolled_key_is_described_beside_the_one_before(registry: Scene, tmp_path: Path) -> None:
    describe(registry.ports, "PEM", tmp_path)
    before = registry.world.signer.key_id()
    registry.world.signer.key = MemorySigner().key
    describe(registry.ports, "PEM", tmp_path)
    listed = {key["key_id"] for key in json.loads((tmp_path / "registry.json").read_bytes())["keys"]}
    assert listed == {before, registry.world.signer.key_id()}


def test_what_was_signed_goes_to_the_index_function_and_the_admin_gets_a_token(
    registry: Scene, tmp_path: Path
) -> None:
    describe(registry.ports, "PEM", tmp_path / "to-sign")
    ceremony, index = ceremony_of(registry, tmp_path / "to-sign", tmp_path / "signed"), FakeFunction()
    token = tmp_path / "admin.token"
    lines = bootstrap(registry.ports, index, ceremony, token)  # type: ignore[arg-type]  # its one method
    assert index.adopted == ceremony.files()
    fingerprint = tuf_layout.root_fingerprint(ceremony.authority().root_bytes)
    assert f"tank trust https://registry.example --fingerprint {fingerprint}" in lines[1]
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    copy = registry.world.blobs.get(REGISTRY_DOCUMENT, max_bytes=10**5)
    assert copy == (tmp_path / "to-sign" / "registry.json").read_bytes()
    with pytest.raises(FileExistsError):
        bootstrap(registry.ports, index, ceremony, token)  # type: ignore[arg-type]


def test_an_unsigned_ceremony_publishes_nothing(registry: Scene, tmp_path: Path) -> None:
    describe(registry.ports, "PEM", tmp_path / "to-sign")
    ceremony, index = ceremony_of(registry, tmp_path / "to-sign", tmp_path / "signed"), FakeFunction()
    (tmp_path / "signed" / "tuf" / "1.targets.json").unlink()
    with pytest.raises(CeremonyRefusedError):
        bootstrap(registry.ports, index, ceremony, tmp_path / "admin.token")  # type: ignore[arg-type]
    assert index.adopted == {}
    assert registry.world.blobs.head(REGISTRY_DOCUMENT) is None
    assert not (tmp_path / "admin.token").exists()


def test_a_bootstrap_without_a_ceremony_is_refused_with_what_to_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--token-file", "admin.token"])
    assert "--describe --ceremony --rebuild is required" in capsys.readouterr().err
