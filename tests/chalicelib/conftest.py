"""A small registry in memory for the tests of services and API."""

from __future__ import annotations

import pytest

from tests.support.scene import Scene, scene


@pytest.fixture
def registry() -> Scene:
    return scene()
