"""A registry in memory, before and after its rules changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.ports.registry import RegistryPorts
from tank_core.entities import SkillVersion
from tests.support.memory_ports import MemoryWorld
from tests.support.rescanned import hidden
from tests.support.rescanning import published, with_rules
from tests.support.rule_sets import first_rules, later_rules


@pytest.fixture
def before(world: MemoryWorld, tmp_path: Path) -> RegistryPorts:
    """The registry with the first rules."""
    return with_rules(world.ports(), first_rules(tmp_path / "first"))


@pytest.fixture
def fails(world: MemoryWorld, tmp_path: Path) -> RegistryPorts:
    """The same registry, restarted with a rule that condemns the hidden character."""
    return with_rules(world.ports(), later_rules(tmp_path / "later"))


@pytest.fixture
def version(world: MemoryWorld, before: RegistryPorts) -> SkillVersion:
    return published(world, before, hidden())
