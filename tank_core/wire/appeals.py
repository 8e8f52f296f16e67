"""Appeals and waivers over HTTP."""

from __future__ import annotations

from pydantic import Field, model_validator

from tank_core.entities import AppealState
from tank_core.waivers import MAX_DAYS, MAX_FILE, MAX_REASON, MAX_RULE_ID
from tank_core.wire.base import AnswerModel, RequestModel
from tank_core.wire.skills import PageQuery


class AppealRequest(RequestModel):
    """An objection to one finding in exactly these bytes."""

    name: str = Field(max_length=214)
    version: str = Field(max_length=256)
    digest: str = Field(max_length=100, description="sha256:<hex> of the archive.")
    integrity: str = Field(max_length=100, description="sha512-<base64> of the same bytes.")
    rule_id: str = Field(max_length=MAX_RULE_ID)
    file: str = Field(max_length=MAX_FILE)
    line: int = Field(default=0, ge=0, le=2**31, description="0 for every line of the file.")
    reason: str = Field(min_length=1, max_length=MAX_REASON)


class AppealQuery(PageQuery):
    """Which appeals: those about a version, or, for reviewers, all that are open."""

    name: str = Field(default="", max_length=214)
    version: str = Field(default="", max_length=256)


class DecisionRequest(RequestModel):
    """A reviewer's decision."""

    granted: bool
    reason: str = Field(min_length=1, max_length=MAX_REASON, description="Of a waiver, consumers are told.")
    days: int | None = Field(default=None, ge=1, le=MAX_DAYS, description="Until a waiver expires.")

    @model_validator(mode="after")
    def _expires_if_granted(self) -> DecisionRequest:
        if self.granted != (self.days is not None):
            raise ValueError("a waiver expires: `days` goes with `granted`, and with nothing else")
        return self


class RevocationRequest(RequestModel):
    """Why a waiver is taken back."""

    reason: str = Field(min_length=1, max_length=MAX_REASON)


class AppealDocument(AnswerModel):
    """An appeal and what became of it."""

    appeal_id: str
    name: str
    version: str
    digest: str
    integrity: str
    rule_id: str
    file: str
    line: int
    appellant: str
    reason: str
    filed_at: int
    state: AppealState
    decided_by: str
    decided_at: int | None
    decision: str
    expires_at: int | None
    waiver_digest: str = Field(description="Of the signed waiver, a public blob; empty unless granted.")
    revoked_by: str
    revoked_at: int | None
    revocation: str


class AppealPage(AnswerModel):
    """Appeals, oldest first."""

    items: tuple[AppealDocument, ...]
    cursor: str
