"""Two Sigstores of the tests' own for all files here: their keys take longer to make than their bundles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.local_bundles import BundleScene
from tests.support.local_sigstore import NOW


@pytest.fixture(scope="session")
def one_sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BundleScene]:
    made = BundleScene(tmp_path_factory.mktemp("one") / "sigstore")
    for rekor in (1, 2):
        for _ in range(3):
            made.sign(rekor=rekor)  # an entry alone in its log has a proof without hashes
    yield made
    made.close()


@pytest.fixture(scope="session")
def other_sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BundleScene]:
    """A Sigstore that has nothing to do with the one in question."""
    made = BundleScene(tmp_path_factory.mktemp("other") / "sigstore")
    yield made
    made.close()


@pytest.fixture
def sigstore(one_sigstore: BundleScene) -> BundleScene:
    """A Sigstore whose clock stands at its beginning."""
    one_sigstore.clock.at = NOW
    return one_sigstore
