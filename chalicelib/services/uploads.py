"""What happens when an uploaded archive has landed: bind its bytes to the publish, start the machine.

An object event may come twice, late, or never. So every step here may be repeated,
and ``sweep`` does for a lost event what the event would have done.

1. Bind: the first object version becomes the publish's, for ever; the attempt runs.
2. Start: the execution's name follows from the attempt alone, so that a start
   after a crash is the same start.

A crash before 1 leaves a reserved attempt with an object, a crash before 2 a
running attempt without execution; the next event or sweep finishes both.

Source: DESIGN, "Failure"; PEERS, row 4.
"""

from __future__ import annotations

from enum import StrEnum

from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core.entities import Publish
from tank_core.publish import PublishState

_ATTEMPTS = 5  # each lost race means that somebody else moved the attempt on


class UploadOutcome(StrEnum):
    """What an object event led to."""

    STARTED = "started"
    IGNORED = "ignored"  # not an archive, or the attempt has moved past its upload
    DELETED = "deleted"  # nobody waits for these bytes


def object_created(ports: RegistryPorts, key: str, version_id: str) -> UploadOutcome:
    """Acts on an object that appeared below ``incoming/``; safe to repeat.

    Args:
        ports: the registry's world.
        key: the object's key, such as ``incoming/<publish id>/archive.tgz``.
        version_id: the version of the very bytes that arrived.

    Raises:
        PortError: the store did not answer, or others kept changing the attempt; call again.
    """
    publish_id = keys.publish_id_of(key)
    if publish_id is None:
        return UploadOutcome.IGNORED
    for _ in range(_ATTEMPTS):
        publish = ports.publishes.get(publish_id)
        if publish is None or publish.state is PublishState.EXPIRED:
            return _discard(ports, key)
        if publish.state is not PublishState.RESERVED:
            return _start_again(ports, publish, key, version_id)
        try:
            bound = ports.publishes.advance(_after_upload(publish, version_id, ports.clock.now()))
        except ConditionFailed:
            continue
        if bound.state is PublishState.EXPIRED:
            return _discard(ports, key)
        return _start_again(ports, bound, key, version_id)
    raise PortError(f"publish {publish_id} kept changing")


def start_execution(ports: RegistryPorts, publish: Publish) -> None:
    """Starts the state machine for a running attempt; the same attempt twice starts one only."""
    name = f"{publish.publish_id}-{publish.redrives}" if publish.redrives else publish.publish_id
    document = {
        "publish_id": publish.publish_id,
        "key": keys.incoming_archive(publish.publish_id),
        "version_id": publish.object_version,
    }
    ports.executions.start(name, document)


def sweep(ports: RegistryPorts) -> tuple[str, ...]:
    """Does what lost events would have done, and expires what nobody uploaded.

    Returns:
        The ids of the attempts that it touched, oldest first.
    """
    return tuple(publish.publish_id for publish in ports.publishes.unfinished() if _swept(ports, publish))


def _swept(ports: RegistryPorts, publish: Publish) -> bool:
    if publish.state is PublishState.RUNNING:
        start_execution(ports, publish)
        return True
    key = keys.incoming_archive(publish.publish_id)
    uploaded = ports.blobs.head(key)
    if uploaded is not None:
        return object_created(ports, key, uploaded.version_id) is not UploadOutcome.IGNORED
    if not has_expired(publish, ports.clock.now()):
        return False
    try:
        ports.publishes.advance(publish.moved_to(PublishState.EXPIRED))
    except ConditionFailed:  # its upload arrived in this moment; the event deals with it
        return False
    return True


def has_expired(publish: Publish, now: int) -> bool:
    """Returns whether the attempt waited too long for its upload."""
    return publish.state is PublishState.RESERVED and now > publish.expires_at


def _after_upload(publish: Publish, version_id: str, now: int) -> Publish:
    if has_expired(publish, now):
        return publish.moved_to(PublishState.EXPIRED)
    return publish.moved_to(PublishState.RUNNING, object_version=version_id)


def _start_again(ports: RegistryPorts, publish: Publish, key: str, version_id: str) -> UploadOutcome:
    """Repeats the start for the bytes that are bound; other bytes are never looked at."""
    is_bound = publish.object_version == version_id and key == keys.incoming_archive(publish.publish_id)
    if publish.state is not PublishState.RUNNING or not is_bound:
        return UploadOutcome.IGNORED
    start_execution(ports, publish)
    return UploadOutcome.STARTED


def _discard(ports: RegistryPorts, key: str) -> UploadOutcome:
    ports.blobs.delete(key)
    return UploadOutcome.DELETED
