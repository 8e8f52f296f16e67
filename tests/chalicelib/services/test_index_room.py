"""A skill's index document stops growing before clients stop reading it."""

from __future__ import annotations

import pytest

from chalicelib.services import availability, index_room, publishing
from chalicelib.services.index_room import IndexFullError
from tank_core.index import MAX_INDEX_BYTES, index_bytes
from tests.support.scene import Scene, announcement


@pytest.fixture
def full(registry: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The document of @acme/tool is as large as publishes may make it."""
    registry.publish("@acme/tool")
    size_bytes = len(index_bytes("@acme/tool", registry.ports.catalog.versions("@acme/tool")))
    monkeypatch.setattr(index_room, "MAX_PUBLISHED_BYTES", size_bytes)
    return registry


def test_a_publish_that_would_not_fit_is_refused_before_anything_is_reserved(full: Scene) -> None:
    before = dict(full.world.publishes.attempts)
    with pytest.raises(IndexFullError) as caught:
        publishing.begin(full.ports, full.ada, announcement(version="1.0.1"))
    assert "at most" in caught.value.why
    assert full.world.publishes.attempts == before


def test_a_full_index_takes_yanks_deprecations_and_takedowns(full: Scene) -> None:
    availability.deprecate(full.ports, full.ada, "@acme/tool", "1.0.0", "x" * 1000)
    availability.yank(full.ports, full.ada, "@acme/tool", "1.0.0", "x" * 1000)
    withdrawn = availability.take_down(full.ports, full.admin, "@acme/tool", "1.0.0", "x" * 1000)
    assert withdrawn.availability == "withdrawn"


def test_a_manifest_counts_with_what_it_would_add(registry: Scene) -> None:
    index_room.check("@acme/tool", [], {})
    with pytest.raises(IndexFullError):
        index_room.check("@acme/tool", [], {"x": "x" * index_room.MAX_PUBLISHED_BYTES})


def test_the_limit_lies_well_below_that_of_clients() -> None:
    assert index_room.MAX_PUBLISHED_BYTES <= MAX_INDEX_BYTES * 3 // 4
