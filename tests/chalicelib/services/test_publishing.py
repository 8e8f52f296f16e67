from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports.errors import ConditionFailed
from chalicelib.services import availability, keys, publish_progress, publishing, uploads
from chalicelib.services.announcement import InvalidAnnouncementError
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.publishing import (
    NotRedrivableError,
    PublishInProgressError,
    PublishNotFoundError,
)
from tank_core.entities import Publish
from tank_core.publish import PublishState, Stage, StageState, VersionConflictError
from tests.support.scene import Scene, announcement


def started(registry: Scene, data: bytes = b"an archive") -> Publish:
    """Begins a publish and uploads its archive."""
    begun = publishing.begin(registry.ports, registry.ada, announcement(data))
    assert begun.publish is not None
    assert begun.upload is not None
    assert registry.world.blobs.put_upload(begun.upload, data) == 200
    key = keys.incoming_archive(begun.publish.publish_id)
    stored = registry.world.blobs.head(key)
    assert stored is not None
    uploads.object_created(registry.ports, key, stored.version_id)
    return read(registry, begun.publish.publish_id)


def read(registry: Scene, publish_id: str) -> Publish:
    publish = registry.world.publishes.get(publish_id)
    assert publish is not None
    return publish


def test_begin_reserves_and_gives_a_link_for_exactly_these_bytes(registry: Scene) -> None:
    begun = publishing.begin(registry.ports, registry.ada, announcement(b"an archive"))
    assert begun.publish is not None
    assert begun.publish.state is PublishState.RESERVED
    assert begun.upload is not None
    assert begun.bundle_upload is None
    assert registry.world.blobs.put_upload(begun.upload, b"other bytes") == 400
    assert registry.world.blobs.put_upload(begun.upload, b"an archive") == 200
    assert registry.world.blobs.put_upload(begun.upload, b"an archive") == 412


def test_begin_with_a_bundle_gives_a_second_link(registry: Scene) -> None:
    bundle = announcement(b"bundle")
    begun = publishing.begin(
        registry.ports, registry.ada, announcement(bundle_digest=bundle.digest, bundle_size_bytes=6)
    )
    assert begun.bundle_upload is not None
    assert registry.world.blobs.put_upload(begun.bundle_upload, b"bundle") == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "acme/tool"},
        {"version": "1.0"},
        {"integrity": "sha512-AAAA"},
        {"digest": "sha256:abc"},
        {"size_bytes": 0},
        {"size_bytes": 10**12},
        {"bundle_digest": "md5:1", "bundle_size_bytes": 1},
        {"bundle_digest": "sha256:" + "a" * 64, "bundle_size_bytes": 10**9},
    ],
)
def test_an_unsound_announcement_is_refused(registry: Scene, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnnouncementError) as caught:
        publishing.begin(registry.ports, registry.ada, announcement(**changes))
    assert len(caught.value.problems) == 1
    assert not registry.world.publishes.attempts


def test_all_problems_of_an_announcement_are_reported_at_once(registry: Scene) -> None:
    wrong = announcement(name="x", version="y", integrity="z", digest="w", size_bytes=-1)
    with pytest.raises(InvalidAnnouncementError) as caught:
        publishing.begin(registry.ports, registry.ada, wrong)
    wheres = [problem.where for problem in caught.value.problems]
    assert wheres == ["name", "version", "integrity", "digest", "size_bytes"]


def test_a_stranger_reserves_nothing(registry: Scene) -> None:
    for caller in (registry.caller("mallory"), registry.caller("ada", Scope.MANAGE)):
        with pytest.raises(ForbiddenError):
            publishing.begin(registry.ports, caller, announcement())
    assert not registry.world.publishes.attempts


def test_the_same_bytes_published_again_succeed_and_change_nothing(registry: Scene) -> None:
    stored = registry.publish()
    same = announcement(digest=stored.digest, integrity=stored.integrity)
    registry.world.publishes.attempts[stored.publish_id] = replace(
        read(registry, stored.publish_id), state=PublishState.PUBLISHED
    )
    before = dict(registry.world.publishes.attempts)
    begun = publishing.begin(registry.ports, registry.ada, same)
    assert begun.publish is None
    assert begun.upload is None
    assert registry.world.publishes.attempts == before


def test_a_recorded_version_whose_index_is_still_to_come_is_not_called_published(registry: Scene) -> None:
    stored = registry.publish()
    begun = publishing.begin(
        registry.ports, registry.ada, announcement(digest=stored.digest, integrity=stored.integrity)
    )
    assert begun.publish is not None
    assert begun.publish.state is PublishState.RUNNING


def test_other_bytes_under_a_published_version_are_a_conflict(registry: Scene) -> None:
    stored = registry.publish()
    for changes in ({"digest": stored.digest}, {"integrity": stored.integrity}, {}):
        with pytest.raises(VersionConflictError, match="other bytes"):
            publishing.begin(registry.ports, registry.ada, announcement(**changes))


def test_a_withdrawn_version_is_never_published_again_even_with_its_own_bytes(registry: Scene) -> None:
    stored = registry.publish()
    availability.take_down(registry.ports, registry.admin, stored.name, stored.version, "malware")
    with pytest.raises(VersionConflictError, match="withdrawn"):
        publishing.begin(
            registry.ports, registry.ada, announcement(digest=stored.digest, integrity=stored.integrity)
        )


def test_an_own_unfinished_reservation_of_the_same_bytes_goes_on(registry: Scene) -> None:
    ada = registry.ada
    first = publishing.begin(registry.ports, ada, announcement())
    second = publishing.begin(registry.ports, ada, announcement())
    assert first.publish == second.publish
    assert second.upload is not None
    assert registry.world.blobs.put_upload(second.upload, b"an archive") == 200


def test_a_reservation_stands_on_the_token_that_goes_on_with_it(registry: Scene) -> None:
    """The token that began it may have been revoked; what ends the publish is the one in use."""
    first = publishing.begin(registry.ports, registry.ada, announcement())
    another = registry.ada
    second = publishing.begin(registry.ports, another, announcement())
    assert first.publish is not None
    assert second.publish is not None
    assert second.publish.publish_id == first.publish.publish_id
    assert second.publish.token_id == another.token.token_id


def test_somebody_elses_live_reservation_is_in_the_way(registry: Scene) -> None:
    publishing.begin(registry.ports, registry.ada, announcement())
    with pytest.raises(PublishInProgressError, match="being published"):
        publishing.begin(registry.ports, registry.caller("grace"), announcement())
    registry.world.clock.move(registry.ports.settings.publish_ttl_seconds + 1)
    assert publishing.begin(registry.ports, registry.caller("grace"), announcement()).upload is not None


def test_changed_bytes_replace_the_own_reservation_that_was_never_uploaded(registry: Scene) -> None:
    first = publishing.begin(registry.ports, registry.ada, announcement(b"one")).publish
    second = publishing.begin(registry.ports, registry.ada, announcement(b"two")).publish
    assert first is not None
    assert second is not None
    assert first.publish_id != second.publish_id
    assert read(registry, first.publish_id).state is PublishState.EXPIRED


def test_changed_bytes_do_not_replace_a_running_attempt(registry: Scene) -> None:
    publish = started(registry, b"one")
    with pytest.raises(PublishInProgressError):
        publishing.begin(registry.ports, registry.ada, announcement(b"two"))
    assert read(registry, publish.publish_id).state is PublishState.RUNNING


def test_begin_after_a_lost_upload_event_starts_the_execution(registry: Scene) -> None:
    begun = publishing.begin(registry.ports, registry.ada, announcement())
    assert begun.upload is not None
    assert begun.publish is not None
    registry.world.blobs.put_upload(begun.upload, b"an archive")
    again = publishing.begin(registry.ports, registry.ada, announcement())
    assert again.publish is not None
    assert again.publish.state is PublishState.RUNNING
    assert again.upload is None
    assert list(registry.world.executions.started) == [begun.publish.publish_id]


def test_of_two_who_begin_at_once_one_wins_and_the_other_is_told(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes = registry.world.publishes
    reserve: Callable[..., None] = type(publishes).reserve
    rivals = [lambda: publishing.begin(registry.ports, registry.caller("grace"), announcement())]

    def late(self: object, publish: Publish, *, now: int) -> None:
        if rivals:
            rivals.pop()()
        reserve(publishes, publish, now=now)

    monkeypatch.setattr(type(publishes), "reserve", late)
    with pytest.raises(PublishInProgressError):
        publishing.begin(registry.ports, registry.ada, announcement())
    assert [p.publisher_id for p in publishes.attempts.values()] == ["grace"]


def test_begin_gives_up_after_a_few_lost_races(registry: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def always_lost(self: object, publish: Publish, *, now: int) -> None:
        raise ConditionFailed("raced")

    monkeypatch.setattr(type(registry.world.publishes), "reserve", always_lost)
    with pytest.raises(PublishInProgressError):
        publishing.begin(registry.ports, registry.ada, announcement())


def test_status_is_for_those_who_may_publish_the_skill(registry: Scene) -> None:
    publish = started(registry)
    assert publishing.status(registry.ports, registry.caller("grace"), publish.publish_id) == publish
    with pytest.raises(ForbiddenError):
        publishing.status(registry.ports, registry.caller("mallory"), publish.publish_id)
    with pytest.raises(PublishNotFoundError):
        publishing.status(registry.ports, registry.ada, "0" * 26)


def test_status_says_expired_before_any_sweep(registry: Scene) -> None:
    begun = publishing.begin(registry.ports, registry.ada, announcement())
    assert begun.publish is not None
    registry.world.clock.move(registry.ports.settings.publish_ttl_seconds + 1)
    status = publishing.status(registry.ports, registry.ada, begun.publish.publish_id)
    assert status.state is PublishState.EXPIRED


def test_only_a_failed_attempt_is_driven_again(registry: Scene) -> None:
    publish = started(registry)
    with pytest.raises(NotRedrivableError):
        publishing.redrive(registry.ports, registry.ada, publish.publish_id)
    publish_progress.stage_started(registry.ports, publish.publish_id, Stage.SIGN)
    publish_progress.fail(registry.ports, publish.publish_id, "the store was away")
    again = publishing.redrive(registry.ports, registry.ada, publish.publish_id)
    assert (again.state, again.redrives, again.failure) == (PublishState.RUNNING, 1, "")
    assert {stage.state for stage in again.stages} == {StageState.WAITING}
    started_names = list(registry.world.executions.started)
    assert started_names == [publish.publish_id, f"{publish.publish_id}-1"]
    assert registry.actions(f"publish:{publish.publish_id}") == ["fail", "redrive"]


def test_publishing_the_same_bytes_again_drives_a_failed_attempt(registry: Scene) -> None:
    publish = started(registry)
    publish_progress.fail(registry.ports, publish.publish_id, "the store was away")
    begun = publishing.begin(registry.ports, registry.ada, announcement())
    assert begun.publish is not None
    assert begun.publish.state is PublishState.RUNNING
    assert f"{publish.publish_id}-1" in registry.world.executions.started


def test_a_redrive_that_crashed_before_its_start_is_started_by_the_sweep(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = started(registry)
    publish_progress.fail(registry.ports, publish.publish_id, "the store was away")
    with monkeypatch.context() as crash:
        crash.setattr(uploads, "start_execution", lambda ports, publish: None)
        publishing.redrive(registry.ports, registry.ada, publish.publish_id)
    assert f"{publish.publish_id}-1" not in registry.world.executions.started
    uploads.sweep(registry.ports)
    assert f"{publish.publish_id}-1" in registry.world.executions.started
