from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.services import keys, publishing, uploads
from chalicelib.services.uploads import UploadOutcome
from tank_core.entities import AuditEvent, JsonObject, Publish
from tank_core.publish import PublishState
from tests.support.scene import Scene, announcement

DATA = b"an archive"


@pytest.fixture
def uploaded(registry: Scene) -> tuple[str, str, str]:
    """Publish id, key and object version of an archive that has landed and whose event has not."""
    begun = publishing.begin(registry.ports, registry.ada, announcement(DATA))
    assert begun.publish is not None
    assert begun.upload is not None
    assert registry.world.blobs.put_upload(begun.upload, DATA) == 200
    key = keys.incoming_archive(begun.publish.publish_id)
    stored = registry.world.blobs.head(key)
    assert stored is not None
    return begun.publish.publish_id, key, stored.version_id


def state(registry: Scene, publish_id: str) -> PublishState:
    return registry.world.publishes.attempts[publish_id].state


def test_an_upload_binds_its_bytes_and_starts_one_execution(
    registry: Scene, uploaded: tuple[str, str, str]
) -> None:
    publish_id, key, version_id = uploaded
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.STARTED
    assert registry.world.publishes.attempts[publish_id].object_version == version_id
    assert registry.world.executions.started == {
        publish_id: {"publish_id": publish_id, "key": key, "version_id": version_id}
    }


def test_a_repeated_event_changes_nothing(registry: Scene, uploaded: tuple[str, str, str]) -> None:
    publish_id, key, version_id = uploaded
    uploads.object_created(registry.ports, key, version_id)
    before = registry.world.publishes.attempts[publish_id]
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.STARTED
    assert registry.world.publishes.attempts[publish_id] == before
    assert len(registry.world.executions.started) == 1


def test_a_second_object_version_is_never_looked_at(registry: Scene, uploaded: tuple[str, str, str]) -> None:
    publish_id, key, version_id = uploaded
    uploads.object_created(registry.ports, key, version_id)
    other = registry.world.blobs.put(key, b"other bytes")
    assert uploads.object_created(registry.ports, key, other.version_id) is UploadOutcome.IGNORED
    assert registry.world.publishes.attempts[publish_id].object_version == version_id
    assert registry.world.executions.started[publish_id]["version_id"] == version_id


def test_a_crash_between_bind_and_start_is_finished_by_the_next_event(
    registry: Scene, uploaded: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_id, key, version_id = uploaded
    with monkeypatch.context() as crash:

        def die(self: object, name: str, document: JsonObject) -> None:
            raise PortError("killed")

        crash.setattr(type(registry.world.executions), "start", die)
        with pytest.raises(PortError):
            uploads.object_created(registry.ports, key, version_id)
    assert state(registry, publish_id) is PublishState.RUNNING
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.STARTED


def test_the_sweep_finishes_what_a_lost_event_left(registry: Scene, uploaded: tuple[str, str, str]) -> None:
    publish_id, _, _ = uploaded
    assert uploads.sweep(registry.ports) == (publish_id,)
    assert list(registry.world.executions.started) == [publish_id]
    assert uploads.sweep(registry.ports) == (publish_id,)
    assert list(registry.world.executions.started) == [publish_id]


def test_the_sweep_expires_what_nobody_uploaded(registry: Scene) -> None:
    begun = publishing.begin(registry.ports, registry.ada, announcement())
    assert begun.publish is not None
    assert uploads.sweep(registry.ports) == ()
    registry.world.clock.move(registry.ports.settings.publish_ttl_seconds + 1)
    assert uploads.sweep(registry.ports) == (begun.publish.publish_id,)
    assert state(registry, begun.publish.publish_id) is PublishState.EXPIRED
    assert uploads.sweep(registry.ports) == ()


def test_an_upload_after_the_reservation_ended_is_deleted(
    registry: Scene, uploaded: tuple[str, str, str]
) -> None:
    publish_id, key, version_id = uploaded
    registry.world.clock.move(registry.ports.settings.publish_ttl_seconds + 1)
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.DELETED
    assert state(registry, publish_id) is PublishState.EXPIRED
    assert registry.world.blobs.head(key) is None
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.DELETED
    assert registry.world.executions.started == {}


def test_an_object_that_no_publish_waits_for_is_deleted(registry: Scene) -> None:
    key = keys.incoming_archive("0" * 26)
    stored = registry.world.blobs.put(key, b"stray")
    assert uploads.object_created(registry.ports, key, stored.version_id) is UploadOutcome.DELETED
    assert registry.world.blobs.head(key) is None


def test_a_bundle_or_any_other_object_starts_nothing(registry: Scene) -> None:
    for key in (keys.incoming_bundle("0" * 26), "public/index/acme/tool.json", "incoming/x"):
        stored = registry.world.blobs.put(key, b"{}")
        assert uploads.object_created(registry.ports, key, stored.version_id) is UploadOutcome.IGNORED
        assert registry.world.blobs.head(key) is not None


@pytest.mark.parametrize("ended", [PublishState.PUBLISHED, PublishState.REJECTED, PublishState.FAILED])
def test_an_event_after_the_end_starts_nothing(
    registry: Scene, uploaded: tuple[str, str, str], ended: PublishState
) -> None:
    publish_id, key, version_id = uploaded
    attempt = registry.world.publishes.attempts[publish_id]
    registry.world.publishes.attempts[publish_id] = replace(attempt, state=ended, object_version=version_id)
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.IGNORED
    assert registry.world.executions.started == {}


def test_a_lost_race_is_looked_at_again_and_a_lasting_one_is_an_error(
    registry: Scene, uploaded: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_id, key, version_id = uploaded
    publishes = registry.world.publishes
    advance = type(publishes).advance
    losses = [1, 2]

    def lose(self: object, publish: Publish, event: AuditEvent | None = None) -> Publish:
        if losses:
            losses.pop()
            raise ConditionFailed("raced")
        return advance(publishes, publish, event)

    monkeypatch.setattr(type(publishes), "advance", lose)
    assert uploads.object_created(registry.ports, key, version_id) is UploadOutcome.STARTED
    publishes.attempts[publish_id] = replace(
        publishes.attempts[publish_id], state=PublishState.RESERVED, object_version=""
    )
    losses.extend(range(100))
    with pytest.raises(PortError):
        uploads.object_created(registry.ports, key, version_id)
