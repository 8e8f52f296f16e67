from __future__ import annotations

from typing import Any

import pytest

from chalicelib.ports.blobs import ObjectInfo
from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.services import availability, keys
from chalicelib.services.index_writer import write_index
from tank_core.entities import Availability
from tank_core.index import IndexDocument, parse_index
from tests.support.scene import Scene

NAME = "@acme/tool"


def index(registry: Scene) -> IndexDocument:
    return parse_index(registry.world.blobs.get(keys.index(NAME), max_bytes=10**6))


def versions(registry: Scene) -> list[str]:
    return [str(version.version) for version in index(registry).versions]


def before_put(registry: Scene, monkeypatch: pytest.MonkeyPatch, rivals: list[Any]) -> None:
    """Lets a rival act just before each index put, as long as there are rivals."""
    blobs = registry.world.blobs
    put = type(blobs).put

    def late(self: object, key: str, data: bytes, **how: Any) -> ObjectInfo:
        if rivals and key == keys.index(NAME):
            rivals.pop()()
        return put(blobs, key, data, **how)

    monkeypatch.setattr(type(blobs), "put", late)


def test_the_document_holds_every_version_and_is_always_revalidated(registry: Scene) -> None:
    for version in ("1.10.0", "1.9.0"):
        registry.publish(version=version)
        write_index(registry.ports, NAME)
    assert versions(registry) == ["1.9.0", "1.10.0"]
    assert registry.world.blobs.current[keys.index(NAME)].cache_control == keys.REVALIDATE


def test_the_same_catalog_gives_the_same_etag(registry: Scene) -> None:
    registry.publish()
    assert write_index(registry.ports, NAME).etag == write_index(registry.ports, NAME).etag


def test_who_loses_the_race_rebuilds_from_what_the_winner_saw(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.publish(version="1.0.0")

    def rival() -> None:
        registry.publish(version="1.1.0")
        write_index(registry.ports, NAME)

    before_put(registry, monkeypatch, [rival])
    write_index(registry.ports, NAME)
    assert versions(registry) == ["1.0.0", "1.1.0"]


def test_a_yank_that_was_undone_meanwhile_does_not_come_back(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = registry.publish()
    write_index(registry.ports, NAME)

    def undo() -> None:  # the ETag is the one that the late writer saw: its condition holds
        availability.unyank(registry.ports, registry.ada, NAME, stored.version)

    rivals: list[Any] = [undo]
    before_put(registry, monkeypatch, rivals)
    availability.yank(registry.ports, registry.ada, NAME, stored.version, "oops")
    assert index(registry).versions[0].availability is Availability.AVAILABLE
    assert availability.stored_version(registry.ports, NAME, stored.version).availability is (
        Availability.AVAILABLE
    )


def test_a_document_that_never_stops_changing_is_an_error(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.publish()

    def always_lost(self: object, key: str, data: bytes, **how: Any) -> ObjectInfo:
        raise ConditionFailed(key)

    monkeypatch.setattr(type(registry.world.blobs), "put", always_lost)
    with pytest.raises(PortError, match="kept changing"):
        write_index(registry.ports, NAME)
