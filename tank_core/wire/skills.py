"""Skills, versions, findings and events over HTTP."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from tank_core.entities import Action, Availability
from tank_core.findings import Verdict
from tank_core.signature import Signature
from tank_core.wire.base import MAX_TEXT, AnswerModel, RequestModel


class PageQuery(RequestModel):
    """Which page of a list."""

    cursor: str = Field(default="", max_length=2000, description="From the page before; empty for the first.")
    limit: int = Field(default=20, ge=1, le=100)


class SearchQuery(PageQuery):
    """What to look for."""

    q: str = Field(default="", max_length=200, description="Words; each must be the beginning of a term.")
    limit: int = Field(default=20, ge=1, le=50)


class ReasonRequest(RequestModel):
    """Why a version is yanked or taken down."""

    reason: str = Field(min_length=1, max_length=MAX_TEXT)


class DeprecationRequest(RequestModel):
    """What users of a deprecated version are told."""

    message: str = Field(min_length=1, max_length=MAX_TEXT)


class SearchHit(AnswerModel):
    """One skill that was found; the facts are those of its latest version."""

    name: str
    description: str
    keywords: tuple[str, ...]
    latest: str
    updated_at: int
    audit_score: float | None
    verdict: Verdict | None


class SearchPage(AnswerModel):
    """Skills, best first."""

    items: tuple[SearchHit, ...]
    cursor: str = Field(description="Of the next page; empty on the last.")


class VersionLine(AnswerModel):
    """One version in a skill's list. Of a withdrawn one only number and reason are shown."""

    version: str
    availability: Availability
    availability_reason: str
    deprecation: str = ""
    published_at: int | None = None
    audit_score: float | None = None
    verdict: Verdict | None = None


class SkillDocument(AnswerModel):
    """A skill and its versions, highest first."""

    name: str
    description: str
    keywords: tuple[str, ...]
    latest: str = Field(description="The highest stable version that is available; empty when none is.")
    created_at: int
    updated_at: int
    versions: tuple[VersionLine, ...]


class WaivedDocument(AnswerModel):
    """Who waived a finding, why, and until when."""

    by: str
    reason: str
    until: int


class WaiverReferenceDocument(AnswerModel):
    """A signed waiver, a public blob of this digest."""

    digest: str
    counted: bool = Field(description="Whether the version's verdict rests on it.")
    revoked_at: int | None
    revocation: str


class VersionDocument(AnswerModel):
    """One version, in full."""

    name: str
    version: str
    published_at: int
    publisher_id: str
    size_bytes: int
    integrity: str
    digest: str
    tree_hash: str
    description: str
    license: str
    keywords: tuple[str, ...]
    capabilities: dict[str, Any]
    dependencies: dict[str, str]
    audit_score: float | None
    verdict: Verdict
    manifest_digest: str
    findings_digest: str
    sbom_digest: str
    attestation_digest: str
    bundle_digest: str
    signature: dict[str, Any] = Field(
        default_factory=dict,
        description="Who signed: claims of the certificate, the binding that they met, the log entry; "
        "empty when the publisher did not sign.",
    )
    package_ref: str
    availability: Availability
    availability_reason: str
    deprecation: str
    unwaived_verdict: Verdict | None = Field(
        default=None, description="What the verdict would be without waivers; null when it rests on none."
    )
    waivers: tuple[WaiverReferenceDocument, ...] = ()

    @property
    def who_signed(self) -> Signature | None:
        """The signature as a value; None when the publisher did not sign."""
        return Signature.from_json(self.signature) if self.signature else None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> VersionDocument:
        """Refuses a signature without a bundle, a bundle without one, and a binding of somebody else."""
        if bool(self.signature) != bool(self.bundle_digest):
            raise ValueError("has a signature, or a bundle, and not the other")
        signature = self.who_signed
        if signature and signature.binding.publisher != self.publisher_id:
            raise ValueError("has a binding of another publisher")
        return self


class FindingDocument(AnswerModel):
    """One observation of one rule at one place."""

    rule_id: str
    category: str
    severity: str
    confidence: str
    title: str
    file: str
    line: int
    evidence: str
    why: str
    fix: str
    taxonomy: tuple[str, ...]
    provenance: str
    waived: WaivedDocument | None = Field(
        default=None, description="Of a finding that a reviewer waived; it counts one verdict level less."
    )


class FindingsDocument(AnswerModel):
    """Everything that was found in a version."""

    name: str
    version: str
    verdict: Verdict
    audit_score: float | None
    findings: tuple[FindingDocument, ...]


class ScoreItem(AnswerModel):
    """One line of the score's account."""

    points: float
    reason: str


class AuditDocument(AnswerModel):
    """What the registry concluded, itemised, and its signed statement of it."""

    name: str
    version: str
    verdict: Verdict
    audit_score: float | None
    items: tuple[ScoreItem, ...]
    attestation_digest: str
    attestation: dict[str, Any] = Field(description="The DSSE envelope, as published by digest.")


class EventDocument(AnswerModel):
    """Who did what, when."""

    event_id: str
    at: int
    actor: str
    action: Action
    subject: str
    detail: dict[str, Any]


class EventPage(AnswerModel):
    """Events, newest first."""

    items: tuple[EventDocument, ...]
    cursor: str


class AvailabilityDocument(AnswerModel):
    """How a version may now be used."""

    name: str
    version: str
    availability: Availability
    availability_reason: str
    deprecation: str
