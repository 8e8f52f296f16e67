"""Publishing, from the publisher's side: begin, look, drive again.

1. The announcement is sound, and the caller may publish this skill. A ticket serves one
   attempt: it is bound to it before anything of it changes or any link leaves.
2. The same bytes are already published: success. Other bytes: a conflict.
3. An unfinished attempt of the same publisher with the same bytes goes on.
4. Otherwise one conditional write reserves the version; who loses looks again.

Nothing is visible to readers before the pipeline's Store has ended.

Source: DESIGN, "Publish, as a walk"; PEERS, rows 5, 12 and "Habits people bring".
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace

from chalicelib.ports.blobs import UploadLink
from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import index_room, keys, tickets, uploads
from chalicelib.services.announcement import Announcement, checked
from chalicelib.services.audit_events import audit_event, publish_subject
from chalicelib.services.authentication import Caller
from chalicelib.services.authorisation import Scope, require_publishing, require_skill
from tank_core.entities import Action, Availability, Publish, SkillVersion
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName
from tank_core.publish import PublishState, StageState, VersionConflictError

_ATTEMPTS = 3  # a lost race shows the winner on the next look


class PublishInProgressError(TankError):
    """Another live attempt holds the version."""

    code = "publish-in-progress"
    status = 409


class PublishNotFoundError(TankError):
    """No attempt has this id."""

    code = "publish-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND


class NotRedrivableError(TankError):
    """Only an attempt that failed can be driven again."""

    code = "not-redrivable"
    status = 409


@dataclass(frozen=True, slots=True)
class Begun:
    """What a publisher got: an attempt to go on with, or the news that it is published.

    ``publish`` is None when the same bytes are published already. The links are
    None when there is nothing to upload.
    """

    publish: Publish | None
    upload: UploadLink | None = None
    bundle_upload: UploadLink | None = None


def begin(ports: RegistryPorts, caller: Caller, announcement: Announcement) -> Begun:
    """Reserves the version and returns where to upload; repeating it goes on where it was.

    Raises:
        InvalidAnnouncementError: invalid-announcement; with all problems.
        ForbiddenError: forbidden.
        TokensForbiddenError: tokens-forbidden.
        TicketUsedError: ticket-used; the ticket served another publish.
        VersionConflictError: version-conflict; other bytes are published under this version.
        IndexFullError: index-full; the skill has too many versions.
        PublishInProgressError: publish-in-progress; somebody else's attempt holds it.
    """
    name, version = checked(announcement, ports.settings)
    require_publishing(ports, caller, name)
    for _ in range(_ATTEMPTS):
        published = ports.catalog.version(str(name), str(version))
        if published is not None:
            return _already(ports, caller, published, announcement)
        holder = ports.publishes.holder(str(name), str(version))
        if holder is not None and _is_live(holder, ports.clock.now()):
            resumed = _resumed(ports, caller, holder, announcement)
            if resumed is not None:
                return resumed
        tickets.check_unused(caller)
        index_room.check(str(name), ports.catalog.versions(str(name)), announcement.manifest)
        publish = _new_publish(ports, caller, announcement)
        try:
            ports.publishes.reserve(publish, now=ports.clock.now())
        except ConditionFailed:
            continue
        _use_or_expire(ports, caller, publish)
        return _with_links(ports, publish)
    raise _in_progress(announcement, "Another attempt reserved it in this moment.")


def status(ports: RegistryPorts, caller: Caller, publish_id: str) -> Publish:
    """Returns an attempt, for those who may publish the skill.

    Raises:
        PublishNotFoundError: publish-not-found.
        ForbiddenError: forbidden.
        TicketUsedError: ticket-used; a ticket sees its own publish only.
    """
    publish = ports.publishes.get(publish_id)
    if publish is None:
        raise PublishNotFoundError(
            "There is no publish with this id.",
            why="Ids are given out when a publish begins.",
            fix="Run `tank publish` and use the id it shows.",
        )
    require_skill(ports, caller, Scope.PUBLISH, SkillName.parse(publish.name))
    tickets.check_own(caller, publish_id)
    return _expired_now(publish, ports.clock.now())


def redrive(ports: RegistryPorts, caller: Caller, publish_id: str) -> Publish:
    """Runs a failed attempt again, with the very bytes that were uploaded.

    Raises:
        PublishNotFoundError: publish-not-found.
        ForbiddenError: forbidden.
        TokensForbiddenError: tokens-forbidden.
        TicketUsedError: ticket-used.
        NotRedrivableError: not-redrivable; the attempt did not fail.
    """
    publish = status(ports, caller, publish_id)
    require_publishing(ports, caller, SkillName.parse(publish.name))
    if publish.state is not PublishState.FAILED:
        raise _not_redrivable(publish)
    return _redriven(ports, caller, publish)


def _redriven(ports: RegistryPorts, caller: Caller, publish: Publish) -> Publish:
    count = publish.redrives + 1
    event = audit_event(
        ports,
        caller.publisher_id,
        Action.REDRIVE,
        publish_subject(publish.publish_id),
        {"name": publish.name, "version": publish.version, "redrives": count},
    )
    waiting = tuple(replace(s, state=StageState.WAITING, ended_at=None, summary="") for s in publish.stages)
    running = publish.moved_to(
        PublishState.RUNNING,
        failure="",
        redrives=count,
        stages=waiting,
        token_id=caller.token.token_id,
    )
    try:
        running = ports.publishes.advance(running, event)
    except ConditionFailed as exc:
        raise _not_redrivable(publish) from exc
    # A crash here leaves a running attempt without execution: the sweep starts it by the same name.
    uploads.start_execution(ports, running)
    return running


def _already(
    ports: RegistryPorts, caller: Caller, published: SkillVersion, announcement: Announcement
) -> Begun:
    """Answers for a version that the catalog knows."""
    has_same_bytes = hmac.compare_digest(published.digest, announcement.digest) and hmac.compare_digest(
        published.integrity, announcement.integrity
    )
    if not has_same_bytes or published.availability is Availability.WITHDRAWN:
        raise _conflict(published)
    attempt = ports.publishes.get(published.publish_id)
    if attempt is not None and attempt.state in (PublishState.RUNNING, PublishState.FAILED):
        tickets.use(ports, caller, attempt.publish_id)
        return Begun(attempt)  # recorded, its index document is still to come
    return Begun(None)


def _resumed(
    ports: RegistryPorts, caller: Caller, holder: Publish, announcement: Announcement
) -> Begun | None:
    """Goes on with the caller's own attempt; None when it was given up and a new one may begin."""
    if holder.publisher_id != caller.publisher_id:
        raise _in_progress(announcement, "Another publisher's attempt holds this version.")
    if _announced(holder) == _announced(announcement):
        tickets.use(ports, caller, holder.publish_id)
        return _continued(ports, caller, holder)
    if holder.state is PublishState.RUNNING:
        raise _in_progress(
            announcement, f"Your attempt {holder.publish_id} with other bytes is {holder.state}."
        )
    tickets.check_unused(caller)
    # Nothing of it was uploaded, or nothing runs with it any more. A build that runs again signs again, so that
    # its bundle is another one: the failed attempt must not hold the version against it for ever.
    try:
        ports.publishes.advance(holder.moved_to(PublishState.EXPIRED))
    except ConditionFailed as exc:
        raise _in_progress(announcement, "Your earlier attempt's upload arrived in this moment.") from exc
    return None


def _continued(ports: RegistryPorts, caller: Caller, holder: Publish) -> Begun:
    if holder.state is PublishState.FAILED:
        return Begun(_redriven(ports, caller, holder))
    if holder.state is PublishState.RUNNING:
        return Begun(holder)
    key = keys.incoming_archive(holder.publish_id)
    uploaded = ports.blobs.head(key)
    if uploaded is None:
        return _with_links(ports, _taken_over(ports, caller, holder))
    # Its bytes are there and their event was lost: do what the event would have done.
    uploads.object_created(ports, key, uploaded.version_id)
    return Begun(ports.publishes.get(holder.publish_id) or holder)


def _taken_over(ports: RegistryPorts, caller: Caller, holder: Publish) -> Publish:
    """Lets the attempt stand on the token that goes on with it; the first one may be gone by now."""
    if holder.token_id == caller.token.token_id:
        return holder
    try:
        return ports.publishes.advance(replace(holder, token_id=caller.token.token_id))
    except ConditionFailed:  # its upload arrived in this moment, under the token that sent it
        return holder


def _with_links(ports: RegistryPorts, publish: Publish) -> Begun:
    ttl_seconds = ports.settings.upload_ttl_seconds
    archive = ports.blobs.presign_upload(
        keys.incoming_archive(publish.publish_id),
        size_bytes=publish.size_bytes,
        sha256_hex=publish.digest.removeprefix("sha256:"),
        ttl_seconds=ttl_seconds,
    )
    bundle_key = keys.incoming_bundle(publish.publish_id)
    if not publish.bundle_digest or ports.blobs.head(bundle_key) is not None:
        return Begun(publish, archive)
    bundle = ports.blobs.presign_upload(
        bundle_key,
        size_bytes=publish.bundle_size_bytes,
        sha256_hex=publish.bundle_digest.removeprefix("sha256:"),
        ttl_seconds=ttl_seconds,
    )
    return Begun(publish, archive, bundle)


def _new_publish(ports: RegistryPorts, caller: Caller, announcement: Announcement) -> Publish:
    now = ports.clock.now()
    return Publish(
        publish_id=ports.ids.new_id(),
        name=announcement.name,
        version=announcement.version,
        publisher_id=caller.publisher_id,
        integrity=announcement.integrity,
        digest=announcement.digest,
        size_bytes=announcement.size_bytes,
        client_manifest=announcement.manifest,
        created_at=now,
        expires_at=now + ports.settings.publish_ttl_seconds,
        bundle_digest=announcement.bundle_digest,
        bundle_size_bytes=announcement.bundle_size_bytes,
        token_id=caller.token.token_id,
    )


def _use_or_expire(ports: RegistryPorts, caller: Caller, publish: Publish) -> None:
    """Binds a ticket to what it just reserved; if it served another publish, the version is free again."""
    try:
        tickets.use(ports, caller, publish.publish_id)
    except tickets.TicketUsedError:
        ports.publishes.advance(publish.moved_to(PublishState.EXPIRED))
        raise


def _announced(value: Publish | Announcement) -> tuple[str, str, int, str, int]:
    """Returns what makes two attempts the same: every byte that will be uploaded."""
    return (value.digest, value.integrity, value.size_bytes, value.bundle_digest, value.bundle_size_bytes)


def _is_live(publish: Publish, now: int) -> bool:
    if publish.state is PublishState.RESERVED:
        return not uploads.has_expired(publish, now)
    return publish.state in (PublishState.RUNNING, PublishState.FAILED)


def _expired_now(publish: Publish, now: int) -> Publish:
    """Returns the attempt as its publisher should see it: too late is expired, before any sweep ran."""
    return publish.moved_to(PublishState.EXPIRED) if uploads.has_expired(publish, now) else publish


def _conflict(published: SkillVersion) -> VersionConflictError:
    spec = f"{published.name}@{published.version}"
    if published.availability is Availability.WITHDRAWN:
        return VersionConflictError(
            f"{spec} was withdrawn.",
            why="A withdrawn version's number is never used again.",
            fix="Raise the version in skills.json and publish that.",
        )
    return VersionConflictError(
        f"{spec} is already published with other bytes.",
        why=f"A version never changes; the published archive is {published.digest}.",
        fix="Raise the version in skills.json and publish that.",
    )


def _in_progress(announcement: Announcement, why: str) -> PublishInProgressError:
    return PublishInProgressError(
        f"{announcement.name}@{announcement.version} is being published.",
        why=why,
        fix="Wait until that attempt has ended, or raise the version in skills.json.",
    )


def _not_redrivable(publish: Publish) -> NotRedrivableError:
    return NotRedrivableError(
        f"Publish {publish.publish_id} is {publish.state}.",
        why="Only a publish that failed on the registry's side can be driven again.",
        fix="Run `tank publish`: it goes on with an attempt of the same bytes, or begins a new one.",
    )
