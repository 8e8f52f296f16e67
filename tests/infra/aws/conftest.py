"""One packaged deployment for all slow tests of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.aws.package import package


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what ``make package`` makes; takes minutes and the Internet."""
    folder = tmp_path_factory.mktemp("packaged")
    package(folder)
    return folder
