"""One Sigstore of the tests' own for all files here: its keys take longer to make than its bundles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.local_bundles import START, LocalSigstore


@pytest.fixture(scope="session")
def one_sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSigstore]:
    made = LocalSigstore(tmp_path_factory.mktemp("sigstore"))
    for rekor in (1, 2):
        for _ in range(3):
            made.sign(rekor=rekor)  # an entry alone in its log has a proof without hashes
    yield made
    made.close()


@pytest.fixture
def sigstore(one_sigstore: LocalSigstore) -> LocalSigstore:
    """A Sigstore whose clock stands at its beginning."""
    one_sigstore.clock.at = START
    return one_sigstore
