"""The index writer, read back by python-tuf's own client."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.adapters.tuf.metadata import IndexTamperedError
from chalicelib.adapters.tuf.rounds import retire
from chalicelib.adapters.tuf.writer import IndexUnsignedError
from chalicelib.ports.errors import PortError
from chalicelib.ports.index_state import RetiredObject
from chalicelib.services.keys import IMMUTABLE, PUBLIC, REVALIDATE
from tank_core import tuf_layout
from tank_core.entities import Availability
from tank_core.index import parse_index
from tests.support.memory_blobs import MemoryBlobs
from tests.support.memory_index import index_writer_over
from tests.support.memory_ports import MemorySigner
from tests.support.memory_state import IndexStateInMemory
from tests.support.signed_registry import NAME, SignedRegistry
from tests.support.tuf_reader import MUCH

OTHER = "@acme/other"
TIMESTAMP = PUBLIC + tuf_layout.TIMESTAMP
WRITES: tuple[tuple[type, str, str], ...] = (
    (MemoryBlobs, "put", "put"),
    (MemoryBlobs, "delete", "delete"),
    (IndexStateInMemory, "write", "log"),
)


class Crashed(Exception):
    """The process died here."""


@contextmanager
def watched(before: Callable[[str], None], after: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Calls ``before`` with what is written, and ``after``, around each write of the writer."""

    def around(original: Callable[..., Any], method: str) -> Callable[..., Any]:
        def call(self: object, *args: Any, **how: Any) -> Any:
            before(args[0] if isinstance(args[0], str) else method)
            result = original(self, *args, **how)
            after()
            return result

        return call

    with ExitStack() as patches:
        for kind, method, name in WRITES:
            patches.enter_context(patch.object(kind, method, around(getattr(kind, method), name)))
        yield


def written_by(act: Callable[[], object]) -> list[str]:
    """Returns what an act writes, in order: keys, and ``log`` for the index state."""
    written: list[str] = []
    with watched(written.append):
        act()
    return [key.removeprefix(PUBLIC) for key in written]


def stored(signed: SignedRegistry, key: str) -> bytes:
    return signed.scene.world.blobs.get(key, max_bytes=MUCH)


def replay(signed: SignedRegistry, key: str, data: bytes) -> None:
    signed.scene.world.blobs.put(key, data)


def test_a_client_reads_what_the_catalog_says(signed: SignedRegistry) -> None:
    reader = signed.reader()
    assert reader.document(NAME, now=signed.now) == signed.document()
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    assert reader.document(NAME, now=signed.now) == signed.document()
    assert reader.document(OTHER, now=signed.now) is None


def test_a_publish_costs_three_signatures_and_six_writes(signed: SignedRegistry) -> None:
    signed.publish("1.1.0")
    with patch.object(MemorySigner, "sign", autospec=True, side_effect=MemorySigner.sign) as sign:
        written = written_by(lambda: signed.writer.write([NAME]))
    assert sign.call_count == 3
    role, version = tuf_layout.bin_of(tuf_layout.index_target(NAME)), 3
    assert [path.rpartition("/")[2].rpartition(".tool")[2] or path for path in written] == [
        "log",
        ".json",
        f"{version}.{role}.json",
        f"{version}.snapshot.json",
        "timestamp.json",
        "log",
    ]


def test_names_that_share_a_call_share_a_round(signed: SignedRegistry) -> None:
    for name in (OTHER, "@acme/third"):
        signed.publish("1.0.0", name)
    written = written_by(lambda: signed.writer.write([OTHER, "@acme/third", OTHER]))
    assert [path for path in written if path == tuf_layout.TIMESTAMP] == [tuf_layout.TIMESTAMP]
    reader = signed.reader()
    assert all(reader.document(name, now=signed.now) for name in (OTHER, "@acme/third"))


def test_no_names_write_nothing(signed: SignedRegistry) -> None:
    assert written_by(lambda: signed.writer.write([])) == []


def test_only_the_timestamp_and_the_newest_root_are_ever_revalidated(signed: SignedRegistry) -> None:
    current = signed.scene.world.blobs.current
    changing = {PUBLIC + tuf_layout.TIMESTAMP, PUBLIC + tuf_layout.NEWEST_ROOT}
    for key, found in current.items():
        if key.startswith((PUBLIC + tuf_layout.METADATA, PUBLIC + tuf_layout.TARGETS)):
            assert found.cache_control == (REVALIDATE if key in changing else IMMUTABLE), key


def test_a_yanked_version_is_written_as_yanked(signed: SignedRegistry) -> None:
    catalog = signed.scene.world.catalog
    event = signed.scene._event(catalog.versions(NAME)[0])
    catalog.set_availability(
        NAME, "1.0.0", Availability.YANKED, "oops", latest="", event=replace(event, event_id="yank")
    )
    signed.writer.write([NAME])
    document = signed.reader().document(NAME, now=signed.now)
    assert document is not None
    assert parse_index(document).versions[0].availability is Availability.YANKED


# Each write of a round, and dying before it or just after it.
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(6))
def test_a_crash_at_any_write_leaves_a_consistent_index_and_the_next_round_finishes_it(
    signed: SignedRegistry, step: int, after: bool
) -> None:
    old, reader = signed.document(), signed.reader()
    assert reader.document(NAME, now=signed.now) == old
    signed.publish("1.1.0")
    seen: list[str] = []

    def die(_key: str = "") -> None:
        seen.append(_key)
        if len(seen) == step + 1:
            raise Crashed

    with pytest.raises(Crashed), watched(*((lambda _key: None, die) if after else (die,))):
        signed.writer.write([NAME])
    is_visible = step + after >= 5  # the timestamp is the fifth write
    assert reader.document(NAME, now=signed.now) == (signed.document() if is_visible else old)
    # Another process writes another skill: the one that was interrupted becomes readable, too,
    # unless the round died before its log, which only its own caller can know.
    signed.publish("1.0.0", OTHER)
    names = [OTHER] if step or after else [OTHER, NAME]
    index_writer_over(signed.scene.world, signed.state).write(names)
    assert reader.document(NAME, now=signed.now) == signed.document()
    assert reader.document(OTHER, now=signed.now) == signed.document(OTHER)


@pytest.mark.parametrize("step", [0, 1, 100, 256, 257, 258, 262])
def test_a_crash_of_the_first_round_is_finished_by_publishing_the_ceremony_again(
    signed: SignedRegistry, step: int
) -> None:
    world = signed.scene.world
    world.blobs.current.clear()
    state = IndexStateInMemory()
    writer, seen = index_writer_over(world, state), list[str]()

    def die(key: str) -> None:
        seen.append(key)
        if len(seen) == step + 1:
            raise Crashed

    with pytest.raises(Crashed), watched(die):
        writer.adopt(signed.ceremony.files())
    if state.read() is not None and PUBLIC + "tuf/1.root.json" not in world.blobs.current:
        with pytest.raises(IndexUnsignedError, match="cannot sign") as refused:
            writer.write([NAME])
        assert "is not in the object store" in refused.value.why
    writer.adopt(signed.ceremony.files())
    assert signed.reader().document(NAME, now=signed.now) == signed.document()


def test_an_old_timestamp_that_comes_back_is_never_extended(signed: SignedRegistry) -> None:
    old = stored(signed, TIMESTAMP)
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    replay(signed, TIMESTAMP, old)
    revision = signed.state.read()
    with pytest.raises(IndexTamperedError) as refused:
        signed.writer.write([NAME])
    assert "another digest than the registry's own records" in refused.value.why
    assert signed.state.read() == revision
    with pytest.raises(IndexTamperedError):
        signed.writer.resign()


def _gone(signed: SignedRegistry) -> None:
    signed.scene.world.blobs.delete(TIMESTAMP)


def _old_snapshot(signed: SignedRegistry) -> None:
    replay(signed, PUBLIC + "tuf/3.snapshot.json", stored(signed, PUBLIC + "tuf/1.snapshot.json"))


def _old_bin(signed: SignedRegistry) -> None:
    role = tuf_layout.bin_of(tuf_layout.index_target(NAME))
    old = stored(signed, PUBLIC + f"tuf/1.{role}.json")
    replay(signed, PUBLIC + f"tuf/3.{role}.json", old)


def _no_bin(signed: SignedRegistry) -> None:
    role = tuf_layout.bin_of(tuf_layout.index_target(NAME))
    signed.scene.world.blobs.delete(PUBLIC + f"tuf/3.{role}.json")


def _endless_snapshot(signed: SignedRegistry) -> None:
    replay(signed, PUBLIC + "tuf/3.snapshot.json", b"{" * (tuf_layout.MAX_SNAPSHOT_BYTES + 1))


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (_gone, "timestamp.json is gone"),
        (_old_snapshot, "3.snapshot.json has another digest than its parent says"),
        (_old_bin, "has another digest than its parent says"),
        (_no_bin, "is gone"),
        (_endless_snapshot, "3.snapshot.json has more than"),
    ],
)
def test_what_the_writer_did_not_write_is_refused_until_the_index_is_rebuilt(
    signed: SignedRegistry, attack: Callable[[SignedRegistry], None], reason: str
) -> None:
    reader = signed.reader()
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    assert reader.document(NAME, now=signed.now) == signed.document()
    attack(signed)
    with pytest.raises(IndexTamperedError) as refused:
        signed.writer.write([NAME])
    assert reason in refused.value.why
    signed.writer.rebuild()
    assert reader.document(NAME, now=signed.now) == signed.document()
    signed.writer.write([NAME])


def test_what_a_rebuild_leaves_is_what_the_catalog_says_even_if_the_store_invented_skills(
    signed: SignedRegistry,
) -> None:
    signed.publish("1.0.0", OTHER)
    replay(signed, TIMESTAMP, b"{}")
    signed.writer.rebuild(at_least=5000)
    reader = signed.reader()
    assert reader.document(OTHER, now=signed.now) == signed.document(OTHER)
    standing = signed.state.read()
    assert standing is not None
    assert standing.revision == 5001


@pytest.mark.parametrize("at_least", [-1, 2**31])
def test_a_rebuild_cannot_be_made_to_exhaust_the_numbers(signed: SignedRegistry, at_least: int) -> None:
    before = signed.state.read()
    with pytest.raises(ValueError, match="a version to begin from"):
        signed.writer.rebuild(at_least=at_least)
    assert signed.state.read() == before


def test_a_document_that_was_replaced_in_the_store_is_not_what_is_signed(signed: SignedRegistry) -> None:
    """The document is built from the catalog, so its bytes in the store decide nothing."""
    before = signed.document()
    for key in [k for k in signed.scene.world.blobs.current if k.endswith(".tool.json")]:
        replay(signed, key, b"{}")
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    assert signed.document() != before
    assert signed.reader().document(NAME, now=signed.now) == signed.document()


def test_writers_that_meet_lose_nothing(signed: SignedRegistry) -> None:
    names = [f"@acme/skill-{number}" for number in range(12)]
    for name in names:
        signed.publish("1.0.0", name)
    failures: list[BaseException] = []
    barrier = threading.Barrier(4)

    def work(mine: list[str]) -> None:
        writer = index_writer_over(signed.scene.world, signed.state)  # no lock in common
        barrier.wait(10)
        for name in mine:
            for _ in range(20):
                try:
                    writer.write([name])
                    break
                except PortError:
                    continue
                except BaseException as exc:
                    failures.append(exc)
                    return

    threads = [threading.Thread(target=work, args=(names[at::4],)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    reader = signed.reader()
    assert all(reader.document(name, now=signed.now) == signed.document(name) for name in names)


def test_a_rival_between_reading_and_writing_makes_the_writer_read_again(signed: SignedRegistry) -> None:
    signed.publish("1.1.0")
    signed.publish("1.0.0", OTHER)
    rivals = [index_writer_over(signed.scene.world, signed.state)]

    def rival(_key: str) -> None:
        if rivals:
            rivals.pop().write([OTHER])

    with watched(rival):
        signed.writer.write([NAME])
    reader = signed.reader()
    assert reader.document(NAME, now=signed.now) == signed.document()
    assert reader.document(OTHER, now=signed.now) == signed.document(OTHER)


def test_a_writer_that_slept_before_its_timestamp_does_not_take_readers_back(signed: SignedRegistry) -> None:
    reader, rivals = signed.reader(), [index_writer_over(signed.scene.world, signed.state)]
    signed.publish("1.1.0")
    signed.publish("1.0.0", OTHER)

    def overtaken(key: str) -> None:
        if key == TIMESTAMP and rivals:
            rivals.pop().write([OTHER])
            assert reader.document(OTHER, now=signed.now) == signed.document(OTHER)

    with watched(overtaken):
        signed.writer.write([NAME])
    assert reader.document(OTHER, now=signed.now) == signed.document(OTHER)
    assert reader.document(NAME, now=signed.now) == signed.document()


def test_replaced_objects_are_deleted_an_hour_after_readers_were_last_sent_to_them(
    signed: SignedRegistry,
) -> None:
    current, clock = signed.scene.world.blobs.current, signed.scene.world.clock
    (first,) = [key for key in current if key.endswith(".tool.json")]
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    clock.move(3599)
    signed.writer.write([NAME])
    assert {first, PUBLIC + "tuf/1.snapshot.json"} <= current.keys()
    clock.move(1)
    signed.writer.write([NAME])
    assert not {first, PUBLIC + "tuf/1.snapshot.json"} & current.keys()
    assert signed.reader().document(NAME, now=signed.now) == signed.document()


def test_what_is_needed_again_is_not_deleted() -> None:
    waiting = (RetiredObject("a", 0), RetiredObject("b", 0))
    kept, overdue = retire(waiting, ["c"], ["a"], 10_000)
    assert (kept, overdue) == ((RetiredObject("c", 10_000),), ("b",))


def test_a_burst_deletes_the_oldest_early_and_never_what_was_just_replaced() -> None:
    waiting = tuple(RetiredObject(f"k{number:04}", 0) for number in range(600))
    kept, overdue = retire(waiting, ["new"], [], 1)
    assert (overdue, kept[-1], len(kept)) == (("k0000",), RetiredObject("new", 1), 600)


def test_a_registry_without_a_root_signs_nothing(signed: SignedRegistry) -> None:
    writer = index_writer_over(signed.scene.world, IndexStateInMemory())
    with pytest.raises(IndexUnsignedError) as refused:
        writer.write([NAME])
    assert refused.value.why == "No root was published for it yet."


def test_a_key_that_the_root_does_not_name_signs_nothing(signed: SignedRegistry) -> None:
    signed.scene.world.signer.key = MemorySigner().key
    with pytest.raises(IndexUnsignedError) as refused:
        signed.writer.write([NAME])
    assert refused.value.why == "Its index key is not the one that the published root names."
