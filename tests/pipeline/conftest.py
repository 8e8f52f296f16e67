"""A registry in memory, with one publisher in one organisation."""

from __future__ import annotations

import pytest

from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.packages import join_org


@pytest.fixture
def world() -> MemoryWorld:
    made = memory_world()
    join_org(made)
    return made
