"""A registry in memory whose index is signed by the real writer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.memory_index import OfflineKeys, index_writer_over, signed_ceremony
from tests.support.memory_state import IndexStateInMemory
from tests.support.scene import Scene
from tests.support.signed_registry import SignedRegistry


@pytest.fixture
def signed(registry: Scene, tmp_path: Path) -> Iterator[SignedRegistry]:
    """A registry with one published skill, version 1.0.0, in its signed index."""
    keys, state = OfflineKeys(), IndexStateInMemory()
    registry.publish(version="1.0.0")
    ceremony = signed_ceremony(
        tmp_path / "ceremony", keys, registry.world.signer, now=registry.world.clock.now()
    )
    writer = index_writer_over(registry.world, state)
    writer.adopt(ceremony.files())
    made = SignedRegistry(registry, state, writer, keys, ceremony)
    yield made
    for reader in made.readers:
        shutil.rmtree(reader.folder)
