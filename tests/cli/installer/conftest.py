"""A Sigstore for all tests of the installer, and a registry of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tank_cli.cache import Cache
from tests.support.local_sigstore import SigstoreScene
from tests.support.registry_double import RegistryDouble
from tests.support.verifying import Shelf, VerifyingScene


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("sigstore"))
    yield scene
    scene.close()


@pytest.fixture
def scene(sigstore: SigstoreScene, tmp_path: Path) -> VerifyingScene:
    registry = RegistryDouble("https://registry.example")
    return VerifyingScene(
        registry, sigstore, Shelf(registry.objects), Cache(tmp_path / "cache", tmp_path / "cache.key")
    )
