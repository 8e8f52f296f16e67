"""What the writer signs again in time, and how it follows the ceremonies of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any
from unittest.mock import patch

import pytest
from tuf.api.exceptions import ExpiredMetadataError, RepositoryError, UnsignedMetadataError

from chalicelib.adapters.tuf.authority import CeremonyRefusedError
from chalicelib.adapters.tuf.writer import IndexUnsignedError
from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.services.keys import PUBLIC
from infra.ceremony.roles import RoleKeys, plan_of, with_online_key
from tank_core import tuf_layout
from tests.support.memory_blobs import MemoryBlobs
from tests.support.memory_index import OfflineKeys, signed_ceremony
from tests.support.memory_ports import MemorySigner
from tests.support.memory_state import IndexStateInMemory
from tests.support.signed_registry import NAME, SignedRegistry

HOUR, DAY = 3600, 24 * 3600


def signatures(signed: SignedRegistry) -> int:
    """Returns how many signatures a renewal costs now."""
    with patch.object(MemorySigner, "sign", autospec=True, side_effect=MemorySigner.sign) as sign:
        wrote = signed.writer.resign()
    assert wrote == bool(sign.call_count)
    return sign.call_count


def move(signed: SignedRegistry, seconds: int) -> None:
    signed.scene.world.clock.move(seconds)


def test_nothing_is_signed_again_before_half_of_its_life(signed: SignedRegistry) -> None:
    assert signatures(signed) == 0
    move(signed, 12 * HOUR - 1)
    assert signatures(signed) == 0


def test_a_timestamp_is_signed_again_after_half_a_day_and_nothing_else_is(signed: SignedRegistry) -> None:
    before = set(signed.scene.world.blobs.current)
    move(signed, 12 * HOUR)
    assert signatures(signed) == 1
    assert signed.scene.world.blobs.current.keys() == before
    assert signatures(signed) == 0


def test_a_quiet_fortnight_of_renewals_never_shows_a_reader_anything_expired(
    signed: SignedRegistry,
) -> None:
    reader, spent = signed.reader(), 0
    for hour in range(3, 14 * 24 + 1, 3):  # three times less often than the schedule
        move(signed, 3 * HOUR)
        spent += signatures(signed)
        if hour % 12 == 0:
            assert reader.document(NAME, now=signed.now) == signed.document()
    # 28 timestamps; every three and a half days a snapshot and all bins: the skill's, the notices', and
    # the empty ones, which are one file.
    assert spent == 28 + 4 * 4


def test_without_renewals_readers_are_told_that_the_index_has_expired(signed: SignedRegistry) -> None:
    reader = signed.reader()
    move(signed, DAY - 1)
    assert reader.document(NAME, now=signed.now) == signed.document()
    move(signed, 1)
    with pytest.raises(ExpiredMetadataError, match="timestamp"):
        reader.document(NAME, now=signed.now)
    signed.writer.resign()
    assert reader.document(NAME, now=signed.now) == signed.document()


def test_a_registry_that_slept_for_a_month_is_readable_after_one_renewal(signed: SignedRegistry) -> None:
    reader = signed.reader()
    move(signed, 30 * DAY)
    signed.writer.resign()
    assert reader.document(NAME, now=signed.now) == signed.document()


def test_a_renewal_finishes_what_a_crash_left(signed: SignedRegistry) -> None:
    signed.publish("1.1.0")
    dead = patch.object(type(signed.scene.world.blobs), "put", side_effect=PortError("killed"))
    with dead, pytest.raises(PortError, match="killed"):
        signed.writer.write([NAME])
    assert signed.writer.resign()
    assert signed.reader().document(NAME, now=signed.now) == signed.document()


def test_a_writer_that_always_loses_says_so(signed: SignedRegistry) -> None:
    rival = patch.object(IndexStateInMemory, "write", side_effect=ConditionFailed("lost"))
    with rival, pytest.raises(PortError, match="kept changing"):
        signed.writer.write([NAME])


def test_new_targets_are_seen_by_readers_and_the_index_stays(signed: SignedRegistry) -> None:
    reader = signed.reader()
    assert reader.target("registry.json", now=signed.now) == b"{}"
    signed.ceremony.sign_targets({"registry.json": b"[1]"}, [signed.keys.targets], now=signed.now)
    assert signed.writer.adopt(signed.ceremony.files())
    assert reader.target("registry.json", now=signed.now) == b"[1]"
    assert reader.document(NAME, now=signed.now) == signed.document()


def test_a_reader_of_the_first_root_follows_three_rotations_of_the_root_key(signed: SignedRegistry) -> None:
    reader, holder = signed.reader(), signed.keys
    root = signed.ceremony.root()
    assert root is not None
    plan = plan_of(root)
    for _ in range(3):
        following = OfflineKeys()
        plan = type(plan)(RoleKeys((following.root.public_key,)), plan.targets, plan.online)
        signed.ceremony.sign_root(plan, [holder.root, following.root], now=signed.now)
        holder = following
    assert signed.writer.adopt(signed.ceremony.files())
    assert reader.document(NAME, now=signed.now) == signed.document()
    assert "tuf/4.root.json" in reader.asked


def rekeyed(signed: SignedRegistry, new: MemorySigner) -> None:
    """Signs root and targets for another index key, and gives it to the registry."""
    root = signed.ceremony.root()
    assert root is not None
    plan = with_online_key(plan_of(root), signed.keys.plan(new).online)
    signed.ceremony.sign_root(plan, [signed.keys.root], now=signed.now)
    signed.ceremony.sign_targets({"registry.json": b"{}"}, [signed.keys.targets], now=signed.now)
    signed.scene.world.signer.key = new.key


def test_after_a_stolen_index_key_was_replaced_nothing_that_it_signs_counts(signed: SignedRegistry) -> None:
    blobs, reader = signed.scene.world.blobs, signed.reader()
    assert reader.document(NAME, now=signed.now) == signed.document()
    stolen = blobs.get(PUBLIC + tuf_layout.TIMESTAMP, max_bytes=10**6)
    rekeyed(signed, MemorySigner())
    with pytest.raises(IndexUnsignedError):
        signed.writer.write([NAME])
    assert signed.writer.adopt(signed.ceremony.files())
    assert reader.document(NAME, now=signed.now) == signed.document()
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    assert reader.document(NAME, now=signed.now) == signed.document()
    blobs.put(PUBLIC + tuf_layout.TIMESTAMP, stolen)
    with pytest.raises(UnsignedMetadataError):
        reader.document(NAME, now=signed.now)


def test_readers_recover_from_versions_that_a_thief_of_the_index_key_drove_up(
    signed: SignedRegistry,
) -> None:
    reader = signed.reader()
    signed.writer.rebuild(at_least=1_000_000)  # what a thief could sign, too
    assert reader.document(NAME, now=signed.now) == signed.document()
    # The registry comes back from a backup of before the theft, with another key.
    blobs, state = signed.scene.world.blobs, signed.state
    assert state.standing is not None
    state.standing = type(state.standing)(
        2, state.standing.root, state.standing.targets, state.standing.online_key, 0
    )
    for key in [k for k in blobs.current if k.startswith(PUBLIC + tuf_layout.METADATA)]:
        blobs.delete(key)
    rekeyed(signed, MemorySigner())
    signed.writer.adopt(signed.ceremony.files())
    assert reader.document(NAME, now=signed.now) == signed.document()


def test_a_backup_with_the_same_key_needs_higher_versions(signed: SignedRegistry) -> None:
    reader = signed.reader()
    for _ in range(3):
        signed.writer.write([NAME])
    assert reader.document(NAME, now=signed.now) == signed.document()
    assert signed.state.standing is not None
    seen = signed.state.standing.revision
    signed.state.standing = type(signed.state.standing)(
        2,
        signed.state.standing.root,
        signed.state.standing.targets,
        signed.state.standing.online_key,
        signed.state.standing.authority_expires_at,
    )
    current = signed.scene.world.blobs.current
    for key in [k for k in current if k.startswith(PUBLIC + "tuf/") and "root" not in k]:
        if ".targets." not in key:
            del current[key]
    signed.writer.rebuild()
    with pytest.raises(RepositoryError):
        reader.document(NAME, now=signed.now)
    signed.writer.rebuild(at_least=seen + 1)
    assert reader.document(NAME, now=signed.now) == signed.document()


@contextmanager
def killed_at(step: int) -> Iterator[None]:
    """Dies instead of the write of that number, of objects and of the log together."""
    left = [step]

    def dying(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **how: Any) -> Any:
            if not left[0]:
                raise PortError("killed")
            left[0] -= 1
            return original(*args, **how)

        return call

    with (
        patch.object(MemoryBlobs, "put", dying(MemoryBlobs.put)),
        patch.object(IndexStateInMemory, "write", dying(IndexStateInMemory.write)),
        pytest.raises(PortError, match="killed"),
    ):
        yield


@pytest.mark.parametrize("step", range(8))
def test_a_crash_while_new_targets_are_published_shows_readers_the_old_or_the_new(
    signed: SignedRegistry, step: int
) -> None:
    reader = signed.reader()
    assert reader.document(NAME, now=signed.now) == signed.document()
    signed.ceremony.sign_targets({"registry.json": b"[1]"}, [signed.keys.targets], now=signed.now)
    with killed_at(step):
        signed.writer.adopt(signed.ceremony.files())
    assert reader.target("registry.json", now=signed.now) in (b"{}", b"[1]")
    # A publish may come before the ceremony is published again: it refuses rather than lead readers nowhere.
    signed.publish("1.1.0")
    with suppress(IndexUnsignedError):
        signed.writer.write([NAME])
        assert reader.document(NAME, now=signed.now) == signed.document()
    assert reader.target("registry.json", now=signed.now) in (b"{}", b"[1]")
    signed.writer.adopt(signed.ceremony.files())
    signed.writer.write([NAME])
    assert reader.target("registry.json", now=signed.now) == b"[1]"
    assert reader.document(NAME, now=signed.now) == signed.document()


# Of 266 writes the 256 bins are alike: log, targets, document, bins, snapshot, roots, timestamp, log.
@pytest.mark.parametrize("step", [0, 1, 2, 3, 4, 130, 259, 260, 261, 262, 263, 264, 265])
def test_a_crash_while_the_index_key_is_replaced_is_finished_by_publishing_again(
    signed: SignedRegistry, step: int
) -> None:
    reader = signed.reader()
    assert reader.document(NAME, now=signed.now) == signed.document()
    rekeyed(signed, MemorySigner())
    with killed_at(step):
        signed.writer.adopt(signed.ceremony.files())
    # Between the new root and the first timestamp under it, readers are refused and never misled.
    has_new_root = PUBLIC + "tuf/2.root.json" in signed.scene.world.blobs.current
    with suppress(UnsignedMetadataError) if has_new_root else nullcontext():
        assert reader.document(NAME, now=signed.now) == signed.document()
    with suppress(IndexUnsignedError):
        signed.writer.write([NAME])
        assert reader.document(NAME, now=signed.now) == signed.document()
    signed.writer.adopt(signed.ceremony.files())
    assert reader.document(NAME, now=signed.now) == signed.document()


def test_a_ceremony_of_strangers_changes_nothing(signed: SignedRegistry) -> None:
    before = signed.state.read()
    stranger = signed_ceremony(
        signed.ceremony.path.parent / "stranger", OfflineKeys(), signed.scene.world.signer, now=signed.now
    )
    with pytest.raises(CeremonyRefusedError) as refused:
        signed.writer.adopt(stranger.files())
    assert refused.value.why == "Root version 1 is not the one that the registry accepted."
    assert signed.state.read() == before


def test_a_root_for_another_index_key_is_not_published(signed: SignedRegistry) -> None:
    before, key = signed.state.read(), signed.scene.world.signer.key
    rekeyed(signed, MemorySigner())
    signed.scene.world.signer.key = key  # the registry goes on with its own
    with pytest.raises(CeremonyRefusedError) as refused:
        signed.writer.adopt(signed.ceremony.files())
    assert "other keys than the registry's index key" in refused.value.why
    assert signed.state.read() == before
    signed.writer.write([NAME])


def test_a_root_that_vanished_from_the_store_is_published_again(signed: SignedRegistry) -> None:
    blobs = signed.scene.world.blobs
    for path in ("tuf/1.root.json", tuf_layout.NEWEST_ROOT):
        blobs.delete(PUBLIC + path)
        assert signed.writer.adopt(signed.ceremony.files())
        assert blobs.head(PUBLIC + path) is not None
    assert not signed.writer.adopt(signed.ceremony.files())


def test_people_are_told_when_their_signatures_expire(signed: SignedRegistry) -> None:
    assert signed.writer.authority_expires_at() == signed.now + tuf_layout.ROOT_SECONDS
