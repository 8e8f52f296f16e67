"""A local Sigstore in a folder of its own, and its HTTP side in process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.local_sigstore import SigstoreScene
from tests.support.sigstore_api import BASE_URL, Api


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes the keys once: the RSA one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("keys") / "sigstore"
    SigstoreScene(folder, base_url=BASE_URL).close()
    return folder


@pytest.fixture
def scene(tmp_path: Path, keys: Path) -> Iterator[SigstoreScene]:
    made = SigstoreScene(Path(shutil.copytree(keys, tmp_path / "sigstore")), base_url=BASE_URL)
    yield made
    made.close()


@pytest.fixture
def api(scene: SigstoreScene) -> Api:
    return Api(scene)
