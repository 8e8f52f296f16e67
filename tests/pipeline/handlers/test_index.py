"""The index function's entry: one thing per event, and the alarm that people must sign again."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.tuf.writer import TufIndexWriter
from pipeline.handlers.index import CeremonyDueError, handler
from tank_core import tuf_layout
from tests.support.memory_index import OfflineKeys, index_writer_over, signed_ceremony
from tests.support.scene import Scene, scene
from tests.support.tuf_reader import Reader

NAME = "@acme/tool"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    made = scene()
    writer: TufIndexWriter = index_writer_over(made.world)
    monkeypatch.setattr(wiring, "index_writer", lambda: writer)
    wiring.provide(made.ports)
    ceremony = signed_ceremony(
        tmp_path / "ceremony", OfflineKeys(), made.world.signer, now=made.world.clock.now()
    )
    files = {path: base64.b64encode(data).decode() for path, data in ceremony.files().items()}
    assert handler({"adopt": files}, None) == {"done": "adopt"}
    yield made
    wiring.provide(None)


def document(registry: Scene) -> bytes | None:
    reader = Reader.of(registry.world.blobs)
    return reader.document(NAME, now=registry.world.clock.now())


def test_names_are_written(registry: Scene) -> None:
    registry.publish(NAME)
    assert document(registry) is None
    assert handler({"write": [NAME]}, None) == {"done": "write"}
    assert document(registry) is not None


def test_a_rebuild_reads_the_catalog(registry: Scene) -> None:
    registry.publish(NAME)
    assert handler({"rebuild": 0}, None) == {"done": "rebuild"}
    assert document(registry) is not None


def test_the_schedule_signs_what_is_due(registry: Scene) -> None:
    assert handler({"resign": True}, None) == {"done": "resign", "wrote": False}
    registry.world.clock.move(tuf_layout.TIMESTAMP_SECONDS // 2)
    assert handler({"resign": True}, None) == {"done": "resign", "wrote": True}


def test_the_alarm_rings_a_month_before_peoples_signatures_expire_and_the_work_is_done(
    registry: Scene,
) -> None:
    registry.publish(NAME)
    registry.world.clock.move(tuf_layout.ROOT_SECONDS - 30 * 24 * 3600)
    assert handler({"resign": True}, None)["wrote"]
    registry.world.clock.move(24 * 3600)
    with pytest.raises(CeremonyDueError):
        handler({"resign": True}, None)
    assert handler({"write": [NAME]}, None) == {"done": "write"}
    assert document(registry) is not None


def test_an_operator_gets_the_public_key(registry: Scene) -> None:
    assert handler({"key": True}, None) == {"public_key": registry.world.signer.public_key_pem()}


@pytest.mark.parametrize("event", [{}, {"write": [], "rebuild": 0}, {"sign": "this"}])
def test_an_event_that_asks_for_nothing_known_is_refused(registry: Scene, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"asks for one thing|does not know"):
        handler(event, None)
