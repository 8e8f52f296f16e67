"""The contract of ``chalicelib.ports.index_state``, and the index writer over every store."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chalicelib.adapters.tuf.writer import TufIndexWriter
from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.index_state import IndexStanding, RetiredObject, TrustedFile
from tank_core.index import index_bytes
from tests.support.memory_index import OfflineKeys, signed_ceremony
from tests.support.memory_ports import MemorySigner
from tests.support.memory_time import MemoryClock
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners
from tests.support.sample_entities import NOW, a_publish, a_skill, a_version, an_event, running
from tests.support.tuf_reader import Reader

FILE = TrustedFile(1, 1806, "4" * 64)
FIRST = IndexStanding(1, FILE, FILE, "5" * 64, 2_000_000_000)
FULL = dataclasses.replace(
    FIRST,
    revision=7,
    current="6" * 64,
    pending="7" * 64,
    unfinished=("@acme/tool", "*"),
    bins_signed_at=1_750_000_000,
    retired=(RetiredObject("tuf/1.snapshot.json", 1_750_000_000),),
)


def test_there_is_no_standing_before_the_first(ports: PortsUnderTest) -> None:
    assert ports.index_state.read() is None


def test_a_standing_comes_back_as_it_was_written(ports: PortsUnderTest) -> None:
    ports.index_state.write(FIRST, expected_revision=0)
    ports.index_state.write(FULL, expected_revision=1)
    assert ports.index_state.read() == FULL


@pytest.mark.parametrize("expected", [1, 7])
def test_the_first_standing_expects_none(ports: PortsUnderTest, expected: int) -> None:
    with pytest.raises(ConditionFailed):
        ports.index_state.write(FULL, expected_revision=expected)
    assert ports.index_state.read() is None


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_a_standing_of_another_revision_is_not_replaced(ports: PortsUnderTest, expected: int) -> None:
    ports.index_state.write(FIRST, expected_revision=0)
    with pytest.raises(ConditionFailed):
        ports.index_state.write(FULL, expected_revision=expected)
    assert ports.index_state.read() == FIRST


def test_of_two_writers_of_one_revision_one_wins(ports: PortsUnderTest) -> None:
    ports.index_state.write(FIRST, expected_revision=0)
    rivals = [dataclasses.replace(FULL, revision=2, bins_signed_at=number) for number in range(4)]

    won = winners([partial(ports.index_state.write, rival, expected_revision=1) for rival in rivals])
    assert len(won) == 1
    assert ports.index_state.read() == rivals[won[0]]


@pytest.fixture
def reader_folders() -> Iterator[list[Reader]]:
    readers: list[Reader] = []
    yield readers
    for reader in readers:
        shutil.rmtree(reader.folder)


def test_a_tuf_client_reads_what_is_published(
    ports: PortsUnderTest, tmp_path: Path, reader_folders: list[Reader]
) -> None:
    # A key of its own: moto's KMS cannot sign by digest, which a snapshot's size asks for.
    signer, clock = MemorySigner(), MemoryClock()
    writer = TufIndexWriter(
        blobs=ports.blobs, catalog=ports.catalog, state=ports.index_state, signer=signer, clock=clock
    )
    writer.adopt(signed_ceremony(tmp_path, OfflineKeys(), signer, now=clock.now()).files())
    reader = Reader.of(ports.blobs)
    reader_folders.append(reader)
    assert reader.document("@acme/tool", now=clock.now()) is None
    reserved = a_publish("@acme/tool", "1.0.0")
    ports.publishes.reserve(reserved, now=NOW)
    attempt = ports.publishes.advance(running(reserved))
    ports.catalog.record(
        a_version(attempt), a_skill("@acme/tool"), attempt, an_event("skill:@acme/tool@1.0.0")
    )
    writer.write(["@acme/tool"])
    expected = index_bytes("@acme/tool", ports.catalog.versions("@acme/tool"))
    assert reader.document("@acme/tool", now=clock.now()) == expected
