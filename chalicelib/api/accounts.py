"""Routes of publishers, tokens and organisations."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.api.addresses import org_name
from chalicelib.api.route import Answer, Call, Route
from chalicelib.services import orgs, publishers, tokens
from chalicelib.services.tokens import IssuedToken, TokenOrder
from tank_core.entities import Org, Role
from tank_core.wire.accounts import (
    CreatedPublisher,
    IssuedTokenDocument,
    MemberRequest,
    OrgDocument,
    OrgRequest,
    PublisherDocument,
    PublisherRequest,
    TokenDocument,
    TokenList,
    TokenRequest,
)

_TOKENS = "/v1/tokens"
_ORG = "/v1/orgs/{org}"
_MEMBER = "/v1/orgs/{org}/members/{publisher}"


def create_token(call: Call) -> Answer:
    """Makes a token within the caller's own rights."""
    asked = call.body_as(TokenRequest)
    order = TokenOrder(tuple(asked.scopes), tuple(asked.skills), asked.description, asked.ttl_seconds)
    return Answer(_issued(tokens.create(call.ports, call.caller, order)), 201)


def list_tokens(call: Call) -> Answer:
    """Lists the caller's tokens."""
    own = tokens.list_own(call.ports, call.caller)
    return Answer(TokenList(items=tuple(TokenDocument.model_validate(token) for token in own)))


def revoke_token(call: Call) -> Answer:
    """Revokes one of the caller's tokens."""
    tokens.revoke(call.ports, call.caller, call.path["token"])
    return Answer(status=204)


def create_org(call: Call) -> Answer:
    """Creates an organisation."""
    org = orgs.create(call.ports, call.caller, call.body_as(OrgRequest).org)
    return Answer(_shown(call, org), 201)


def get_org(call: Call) -> Answer:
    """Shows an organisation."""
    return Answer(_shown(call, orgs.show(call.ports, call.path["org"])))


def set_member(call: Call) -> Answer:
    """Gives a publisher a role in an organisation."""
    role = Role(call.body_as(MemberRequest).role)
    org = orgs.set_member(call.ports, call.caller, org_name(call), call.path["publisher"], role)
    return Answer(_shown(call, org))


def remove_member(call: Call) -> Answer:
    """Removes a publisher from an organisation."""
    org = orgs.remove_member(call.ports, call.caller, org_name(call), call.path["publisher"])
    return Answer(_shown(call, org))


def create_publisher(call: Call) -> Answer:
    """Creates a publisher with a first token."""
    asked = call.body_as(PublisherRequest)
    publisher, issued = publishers.create(
        call.ports, call.caller, asked.publisher_id, is_verified=asked.verified
    )
    document = CreatedPublisher(
        publisher=PublisherDocument.model_validate(publisher),
        token=TokenDocument.model_validate(issued.token),
        secret=issued.secret,
    )
    return Answer(document, 201)


def _shown(call: Call, org: Org) -> OrgDocument:
    former = org.former_owners_at(call.ports.clock.now())
    return OrgDocument.model_validate(replace(org, former_owners=former))


def _issued(issued: IssuedToken) -> IssuedTokenDocument:
    return IssuedTokenDocument(token=TokenDocument.model_validate(issued.token), secret=issued.secret)


ROUTES = (
    Route(
        "POST",
        _TOKENS,
        "createToken",
        "Make a token within the caller's own rights",
        create_token,
        {201: IssuedTokenDocument},
        "accounts",
        request=TokenRequest,
    ),
    Route(
        "GET", _TOKENS, "listTokens", "List the caller's tokens", list_tokens, {200: TokenList}, "accounts"
    ),
    Route(
        "DELETE",
        "/v1/tokens/{token}",
        "revokeToken",
        "Revoke one of the caller's tokens",
        revoke_token,
        {204: None},
        "accounts",
    ),
    Route(
        "POST",
        "/v1/orgs",
        "createOrg",
        "Create an organisation",
        create_org,
        {201: OrgDocument},
        "orgs",
        request=OrgRequest,
    ),
    Route("GET", _ORG, "getOrg", "Show an organisation and its members", get_org, {200: OrgDocument}, "orgs"),
    Route(
        "PUT",
        _MEMBER,
        "setMember",
        "Give a publisher a role",
        set_member,
        {200: OrgDocument},
        "orgs",
        request=MemberRequest,
    ),
    Route("DELETE", _MEMBER, "removeMember", "Remove a member", remove_member, {200: OrgDocument}, "orgs"),
    Route(
        "POST",
        "/v1/publishers",
        "createPublisher",
        "Create a publisher with a first token (registry admins)",
        create_publisher,
        {201: CreatedPublisher},
        "accounts",
        request=PublisherRequest,
    ),
)
