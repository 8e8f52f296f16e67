"""Publishers, tokens and organisations over HTTP."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tank_core.entities import Role
from tank_core.wire.base import MAX_ITEMS, AnswerModel, RequestModel


class PublisherRequest(RequestModel):
    """A publisher to be created by a registry admin."""

    publisher_id: str = Field(max_length=64)
    verified: bool = False


class TokenRequest(RequestModel):
    """A token to be made, within what the caller's own may do."""

    scopes: list[str] = Field(max_length=MAX_ITEMS)
    skills: list[str] = Field(
        default_factory=list, max_length=MAX_ITEMS, description="Patterns; none is all."
    )
    description: str = Field(default="", max_length=200)
    ttl_seconds: int | None = None


class OrgRequest(RequestModel):
    """An organisation to be created; the caller becomes its owner."""

    org: str = Field(max_length=300)


class MemberRequest(RequestModel):
    """The role that a publisher shall have."""

    role: Literal["owner", "publisher"]


class TokenDocument(AnswerModel):
    """A token, without its secret."""

    token_id: str
    publisher_id: str
    scopes: tuple[str, ...]
    skills: tuple[str, ...]
    description: str
    created_at: int
    expires_at: int
    revoked_at: int | None


class IssuedTokenDocument(AnswerModel):
    """A new token. ``secret`` is shown here and never again."""

    token: TokenDocument
    secret: str


class TokenList(AnswerModel):
    """The caller's tokens, newest first."""

    items: tuple[TokenDocument, ...]


class PublisherDocument(AnswerModel):
    """Somebody who may act."""

    publisher_id: str
    created_at: int
    verified: bool
    is_registry_admin: bool


class CreatedPublisher(AnswerModel):
    """A new publisher and their first token."""

    publisher: PublisherDocument
    token: TokenDocument
    secret: str


class OrgDocument(AnswerModel):
    """An organisation: publisher id → role."""

    org: str
    created_at: int
    members: dict[str, Role]
    former_owners: dict[str, int] = Field(
        default_factory=dict,
        description="Who was removed or demoted by another owner → until when they may cancel changes.",
    )


class Membership(AnswerModel):
    """One organisation of the caller."""

    org: str
    role: Role


class WhoAmIDocument(AnswerModel):
    """The caller, as the registry sees them."""

    publisher: PublisherDocument
    token: TokenDocument
    orgs: tuple[Membership, ...]
