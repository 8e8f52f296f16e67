"""The API over a small registry in memory."""

from __future__ import annotations

import pytest

from tests.support.api_client import ApiClient
from tests.support.scene import Scene


@pytest.fixture
def api(registry: Scene) -> ApiClient:
    return ApiClient(registry)
