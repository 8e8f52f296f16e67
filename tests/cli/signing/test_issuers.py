"""Whom a registry's Sigstore lets people log in with."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.adapters.system import SystemClock
from tank_cli.registry_targets import SigstoreTarget
from tank_cli.signing.issuers import issuers_of_people
from tests.support.local_sigstore import SigstoreScene


def test_a_local_sigstore_vouches_for_people_itself(tmp_path: Path) -> None:
    scene = SigstoreScene(tmp_path / "sigstore", SystemClock(), "http://127.0.0.1:1")
    config = scene.sigstore.signing_config_bytes(rekor_versions=(1, 2))
    try:
        found = issuers_of_people(SigstoreTarget(scene.trusted_root, config, "local"))
        assert found == {scene.sigstore.tokens.person_issuer}
    finally:
        scene.close()


def test_the_public_sigstore_passes_on_who_vouched() -> None:
    found = issuers_of_people(SigstoreTarget(b"", b"", "public"))
    assert "https://github.com/login/oauth" in found
    assert not any(issuer.endswith("/") or "sigstore" in issuer for issuer in found)


@pytest.mark.parametrize("target", [None, SigstoreTarget(b"{}", b"{}", "local")], ids=["none", "unusable"])
def test_where_it_cannot_be_known_there_is_none(target: SigstoreTarget | None) -> None:
    assert issuers_of_people(target) == frozenset()
