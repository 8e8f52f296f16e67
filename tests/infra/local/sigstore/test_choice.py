"""Whose Sigstore a registry uses: what its clients get for it, the same bytes at every start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sigstore.models import SigningConfig, TrustedRoot

from infra.local.signer import UnusableKeyError
from infra.local.sigstore.choice import (
    SigstoreChoice,
    SigstoreTrust,
    UnusableTrustedRootError,
    kept_trusted_root,
    sigstore_trust,
)
from infra.local.sigstore.keys import ec_key
from tests.support.local_sigstore import SigstoreScene
from tests.support.sigstore_api import BASE_URL


def test_local_trust_is_the_same_bytes_after_a_restart_at_another_address(
    scene: SigstoreScene, tmp_path: Path
) -> None:
    before = scene.trusted_root
    again = SigstoreScene(scene.folder, base_url="http://127.0.0.1:1")
    assert again.trusted_root == before
    again.close()
    (tmp_path / "root.json").write_bytes(before)
    root = TrustedRoot.from_file(str(tmp_path / "root.json"))
    assert len(root._inner.tlogs) == 2
    assert all(authority._inner.valid_for.start for authority in root.get_timestamp_authorities())
    assert b"127.0.0.1" not in before
    assert b"8470" not in before


@pytest.mark.parametrize(("versions", "highest"), [((1,), 1), ((2,), 2), ((1, 2), 2)])
def test_the_signing_configuration_announces_what_it_is_asked_to(
    scene: SigstoreScene, tmp_path: Path, versions: tuple[int, ...], highest: int
) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(scene.sigstore.signing_config_bytes(rekor_versions=versions))
    config = SigningConfig.from_file(str(path))
    (log,) = config.get_tlogs()
    assert f"/api/v{highest}" in log.url  # type: ignore[attr-defined]
    assert config.get_oidc_url() == f"{BASE_URL}/sigstore/oidc"
    assert [tsa.url for tsa in config.get_tsas()] == [f"{BASE_URL}/sigstore/tsa/api/v1/timestamp"]
    assert len(json.loads(path.read_bytes())["rekorTlogUrls"]) == len(versions)


def test_the_local_choice_gives_the_local_documents(scene: SigstoreScene) -> None:
    trust = sigstore_trust(SigstoreChoice.LOCAL, scene.sigstore)
    assert trust == SigstoreTrust("local", scene.trusted_root, scene.sigstore.signing_config_bytes())


def test_the_public_choice_gives_the_documents_of_the_public_instance() -> None:
    trust = sigstore_trust(SigstoreChoice.PUBLIC, None)
    assert trust.kind == "public"
    assert b"https://rekor.sigstore.dev" in trust.trusted_root
    assert b"https://fulcio.sigstore.dev" in trust.signing_config


def test_no_choice_gives_nothing() -> None:
    assert sigstore_trust(SigstoreChoice.NONE, None) == SigstoreTrust("", b"", b"")


def test_an_operators_own_root_replaces_the_choices(scene: SigstoreScene, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(b"{}")
    for choice, local in ((SigstoreChoice.LOCAL, scene.sigstore), (SigstoreChoice.PUBLIC, None)):
        trust = sigstore_trust(choice, local, str(path))
        assert (trust.kind, trust.trusted_root) == (choice, b"{}")
        assert trust.signing_config
    assert sigstore_trust(SigstoreChoice.NONE, None, str(path)) == SigstoreTrust("", b"{}", b"")


def test_a_root_that_cannot_be_one_stops_the_start(tmp_path: Path) -> None:
    for name, content in {"empty": b"", "large": bytes(1024 * 1024 + 1)}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnusableTrustedRootError, match="is empty, or no trusted root is as large"):
            sigstore_trust(SigstoreChoice.NONE, None, str(tmp_path / name))
    with pytest.raises(UnusableTrustedRootError, match="cannot be read: No such file"):
        sigstore_trust(SigstoreChoice.NONE, None, str(tmp_path / "missing"))


def test_the_root_is_kept_for_the_registrys_own_verifier_and_follows_the_choice(tmp_path: Path) -> None:
    path = tmp_path / "trusted-root.json"
    assert kept_trusted_root(SigstoreTrust(), path) == ""
    assert not path.exists()
    path.with_suffix(".new").write_bytes(b"half of it")  # of a start that was killed
    for root in (b"one", b"one", b"two"):
        assert kept_trusted_root(SigstoreTrust("local", root), path) == str(path)
        assert path.read_bytes() == root


@pytest.mark.parametrize("name", ["fulcio.pem", "timestamps.pem", "rekor-v1.pem", "rekor-v2.pem", "oidc.pem"])
def test_a_key_file_that_holds_something_else_stops_the_start(scene: SigstoreScene, name: str) -> None:
    path = scene.folder / name
    path.write_bytes(b"nonsense")
    with pytest.raises(UnusableKeyError, match=name):
        SigstoreScene(scene.folder)


def test_a_key_of_another_kind_stops_the_start(scene: SigstoreScene) -> None:
    (scene.folder / "rekor-v2.pem").write_bytes((scene.folder / "rekor-v1.pem").read_bytes())
    with pytest.raises(UnusableKeyError, match="no Ed25519 key"):
        SigstoreScene(scene.folder)
    with pytest.raises(UnusableKeyError, match="no P-256 key"):
        ec_key(scene.folder / "oidc.pem")


def test_a_chain_that_is_not_the_keys_stops_the_start(scene: SigstoreScene) -> None:
    fulcio, timestamps = (scene.folder / name for name in ("fulcio.pem", "timestamps.pem"))
    certificates = timestamps.read_text().split("-----END PRIVATE KEY-----")[1]
    key = fulcio.read_text().split("-----END PRIVATE KEY-----")[0]
    fulcio.write_text(f"{key}-----END PRIVATE KEY-----{certificates}")
    with pytest.raises(UnusableKeyError, match="is not the key's"):
        SigstoreScene(scene.folder)


def test_a_start_that_was_killed_while_it_made_a_file_is_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "sigstore"
    folder.mkdir(mode=0o700)
    for name in ("fulcio.new", "builds.new", "base-url.new"):
        (folder / name).write_bytes(b"half of it")
    made = SigstoreScene(folder)
    made.close()
    assert not list(folder.glob("*.new"))
