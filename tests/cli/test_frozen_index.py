"""An index that nobody renews, or of which only a part is renewed: it is frozen, and the file is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import tuf.ngclient._internal.trusted_metadata_set as trusted_metadata_set

from tank_cli.client import trusted_metadata
from tank_core import tuf_layout
from tests.support.client_machine import NOTES, Machine
from tests.support.registry_double import RegistryDouble

BIN = tuf_layout.bin_of(tuf_layout.index_target(NOTES))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves this machine's clock."""

    def move(by: timedelta) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime.now(tz) + by

        frozen = SimpleNamespace(datetime=Clock, timezone=trusted_metadata_set.datetime.timezone)
        monkeypatch.setattr(trusted_metadata_set, "datetime", frozen)
        monkeypatch.setattr(trusted_metadata, "datetime", Clock)

    return move


@pytest.mark.parametrize(("days", "file"), [(3, "timestamp.json"), (400, "root.json")])
def test_an_index_that_nobody_renews_is_frozen(
    machine: Machine, used: RegistryDouble, later: Callable[[timedelta], None], days: int, file: str
) -> None:
    later(timedelta(days=days))
    error = machine.refused()
    assert (error.code, file in error.what) == ("index-frozen", True), error.what
    assert "clock" in error.why
    assert "clock" in error.fix


def test_a_renewed_timestamp_does_not_hide_a_frozen_snapshot(
    machine: Machine, used: RegistryDouble, later: Callable[[timedelta], None]
) -> None:
    used.tuf.timestamp.expires += timedelta(days=30)
    used.tuf.publish_timestamp()
    later(timedelta(days=8))
    error = machine.refused()
    assert (error.code, "snapshot.json expired" in error.what) == ("index-frozen", True), error.what


def test_a_renewed_snapshot_does_not_hide_a_frozen_bin(
    machine: Machine, used: RegistryDouble, later: Callable[[timedelta], None]
) -> None:
    used.tuf.timestamp.expires += timedelta(days=30)
    used.tuf.snapshot.expires += timedelta(days=30)
    used.tuf.publish_snapshot()
    later(timedelta(days=8))
    error = machine.refused()
    assert (error.code, f"{BIN}.json expired" in error.what) == ("index-frozen", True), error.what


def test_a_renewed_index_is_accepted(
    machine: Machine, used: RegistryDouble, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(days=3))
    used.tuf.timestamp.expires += timedelta(days=30)
    used.tuf.publish_timestamp()
    assert machine.versions() == ["1.0.0"]
