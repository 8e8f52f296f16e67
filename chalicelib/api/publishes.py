"""Routes of publishing."""

from __future__ import annotations

from chalicelib.api.route import Answer, Call, Route
from chalicelib.ports.blobs import UploadLink
from chalicelib.services import publishing
from chalicelib.services.announcement import Announcement
from tank_core.entities import Publish, SkillVersion
from tank_core.publish import PublishState
from tank_core.wire.publishes import (
    PublishBegun,
    PublishRequest,
    PublishResult,
    PublishStatus,
    RejectionDocument,
    StageStatus,
    Upload,
)

_PUBLISHES = "/v1/publishes"
_PUBLISH = "/v1/publishes/{publish}"


def begin(call: Call) -> Answer:
    """Begins a publish, or goes on with it; 201 when there is something to upload."""
    begun = publishing.begin(call.ports, call.caller, _announcement(call.body_as(PublishRequest)))
    if begun.publish is None:
        return Answer(PublishBegun(state=PublishState.PUBLISHED, already=True))
    base = call.ports.settings.public_url
    document = PublishBegun(
        state=begun.publish.state,
        publish_id=begun.publish.publish_id,
        upload=_upload(begun.upload),
        bundle_upload=_upload(begun.bundle_upload),
        status_url=f"{base}{_PUBLISHES}/{begun.publish.publish_id}",
    )
    return Answer(document, 200 if begun.upload is None else 201)


def status(call: Call) -> Answer:
    """Shows how an attempt stands."""
    publish = publishing.status(call.ports, call.caller, call.path["publish"])
    return Answer(_status(call, publish))


def redrive(call: Call) -> Answer:
    """Runs a failed attempt again."""
    publish = publishing.redrive(call.ports, call.caller, call.path["publish"])
    return Answer(_status(call, publish), 202)


def _announcement(asked: PublishRequest) -> Announcement:
    return Announcement(
        name=asked.name,
        version=asked.version,
        integrity=asked.integrity,
        digest=asked.digest,
        size_bytes=asked.size_bytes,
        manifest=asked.manifest,
        bundle_digest=asked.bundle.digest if asked.bundle else "",
        bundle_size_bytes=asked.bundle.size_bytes if asked.bundle else 0,
    )


def _upload(link: UploadLink | None) -> Upload | None:
    return None if link is None else Upload.model_validate(link)


def _status(call: Call, publish: Publish) -> PublishStatus:
    published: SkillVersion | None = None
    if publish.state is PublishState.PUBLISHED:
        published = call.ports.catalog.version(publish.name, publish.version)
    return PublishStatus(
        publish_id=publish.publish_id,
        name=publish.name,
        version=publish.version,
        state=publish.state,
        created_at=publish.created_at,
        expires_at=publish.expires_at,
        redrives=publish.redrives,
        stages=tuple(StageStatus.model_validate(stage) for stage in publish.stages),
        rejection=None if publish.rejection is None else RejectionDocument.model_validate(publish.rejection),
        failure=publish.failure or None,
        result=None if published is None else PublishResult.model_validate(published),
    )


ROUTES = (
    Route(
        "POST",
        _PUBLISHES,
        "beginPublish",
        "Reserve a version and get the links to upload to",
        begin,
        {200: PublishBegun, 201: PublishBegun},
        "publishes",
        request=PublishRequest,
    ),
    Route(
        "GET",
        _PUBLISH,
        "getPublish",
        "How a publish stands, stage by stage",
        status,
        {200: PublishStatus},
        "publishes",
    ),
    Route(
        "POST",
        f"{_PUBLISH}/redrive",
        "redrivePublish",
        "Run a failed publish again",
        redrive,
        {202: PublishStatus},
        "publishes",
    ),
)
