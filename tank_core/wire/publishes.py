"""Publishing over HTTP: the announcement, the links, and how the attempt stands."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tank_core.findings import Verdict
from tank_core.publish import PublishState, Stage, StageState
from tank_core.wire.base import AnswerModel, RequestModel
from tank_core.wire.problem import ProblemItem


class BundleAnnouncement(RequestModel):
    """The Sigstore bundle that will be uploaded."""

    digest: str = Field(max_length=80, description="sha256:<hex>")
    size_bytes: int


class PublishRequest(RequestModel):
    """What the publisher announces; the registry computes every digest itself and compares."""

    name: str = Field(max_length=300, description="@org/name")
    version: str = Field(max_length=300, description="Semver 2.0.0")
    integrity: str = Field(max_length=120, description="sha512-<base64> of the archive")
    digest: str = Field(max_length=80, description="sha256:<hex> of the archive")
    size_bytes: int
    manifest: dict[str, Any] = Field(description="skills.json, to be compared with the archive's own")
    bundle: BundleAnnouncement | None = None


class Upload(AnswerModel):
    """Where to send bytes: exactly these headers, before ``expires_at``."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: int


class PublishBegun(AnswerModel):
    """An attempt to go on with; ``already`` when the same bytes are published."""

    state: PublishState
    already: bool = False
    publish_id: str | None = None
    upload: Upload | None = Field(default=None, description="Null when the archive is already there.")
    bundle_upload: Upload | None = Field(default=None, description="To be sent before the archive.")
    status_url: str | None = None


class StageStatus(AnswerModel):
    """How one stage went."""

    stage: Stage
    state: StageState
    started_at: int | None
    ended_at: int | None
    attempts: int
    summary: str


class RejectionDocument(AnswerModel):
    """Why the package was refused, and how its publisher mends it."""

    stage: Stage
    code: str
    what: str
    why: str
    fix: str
    problems: tuple[ProblemItem, ...]


class PublishResult(AnswerModel):
    """What was published."""

    name: str
    version: str
    integrity: str
    digest: str
    audit_score: float | None
    verdict: Verdict
    package_ref: str


class PublishStatus(AnswerModel):
    """Where one attempt stands."""

    publish_id: str
    name: str
    version: str
    state: PublishState
    created_at: int
    expires_at: int
    redrives: int
    stages: tuple[StageStatus, ...]
    rejection: RejectionDocument | None = None
    failure: str | None = Field(default=None, description="What went wrong on the registry's side.")
    result: PublishResult | None = None
