"""Bindings, the rule on tokens, and tickets over HTTP."""

from __future__ import annotations

from pydantic import Field

from tank_core.wire.base import MAX_ITEMS, AnswerModel, RequestModel

MAX_ID_TOKEN_CHARACTERS = 16 * 1024  # code hosts issue some 2,000


class BindingFields(RequestModel):
    """One OIDC identity and the publisher it acts as; empty fields are left out."""

    publisher: str = Field(max_length=64, description="Id of the publisher that the identity acts as.")
    issuer: str = Field(max_length=1000, description="The exact OIDC issuer.")
    subject: str = Field(default="", max_length=1000, description="Of a person; a build has none.")
    owner_id: str = Field(default="", max_length=20, description="The repository owner's number.")
    repository_id: str = Field(default="", max_length=20, description="The repository's number.")
    repository: str = Field(default="", max_length=1000, description="The repository's URI.")
    workflow: str = Field(default="", max_length=1000, description="The top-level workflow, without @ref.")
    refs: list[str] = Field(default_factory=list, max_length=MAX_ITEMS, description="Git refs; * in a part.")
    triggers: list[str] = Field(default_factory=list, max_length=MAX_ITEMS)
    reusable_workflows: list[str] = Field(default_factory=list, max_length=MAX_ITEMS)
    runner: str = Field(default="", max_length=100)
    environment: str = Field(default="", max_length=1000)


class BindingRequest(RequestModel):
    """A binding to be announced by an owner."""

    binding: BindingFields
    skill: str = Field(default="", max_length=300, description="@org/name; empty: the whole organisation.")


class TokenRuleRequest(RequestModel):
    """Whether publishing with tokens shall be forbidden."""

    forbidden: bool


class TicketRequest(RequestModel):
    """An OIDC token with the audience “tank”, to be exchanged for a ticket."""

    id_token: str = Field(max_length=MAX_ID_TOKEN_CHARACTERS)
    name: str = Field(max_length=300, description="@org/name, the one skill that the ticket is for.")


class BindingDocument(AnswerModel):
    """One identity, and what it may have been started by and from."""

    publisher: str
    issuer: str
    subject: str
    owner_id: str
    repository_id: str
    repository: str
    workflow: str
    refs: tuple[str, ...]
    triggers: tuple[str, ...]
    reusable_workflows: tuple[str, ...]
    runner: str
    environment: str


class OrgBindingDocument(AnswerModel):
    """One binding of an organisation, and from when until when it counts."""

    binding_id: str
    skill: str = Field(description="@org/name that it overrides the others for; empty for the whole.")
    binding: BindingDocument
    added_by: str
    added_at: int
    effective_at: int
    ends_at: int | None = Field(description="Set while its removal is announced.")


class TokenRuleDocument(AnswerModel):
    """Whether tokens may publish. ``until``: set while allowing them again is announced."""

    forbidden: bool
    until: int | None


class BindingList(AnswerModel):
    """An organisation's bindings, announced ones too, oldest first."""

    org: str
    items: tuple[OrgBindingDocument, ...]
    token_rule: TokenRuleDocument


class TicketDocument(AnswerModel):
    """A ticket, good for one publish of one skill; it is shown here and never again."""

    ticket: str
    publisher: str
    expires_at: int
