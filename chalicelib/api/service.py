"""Routes of the service itself."""

from __future__ import annotations

from chalicelib.api.route import Access, Answer, Call, Route
from chalicelib.services import accounts
from tank_core.wire.accounts import Membership, PublisherDocument, TokenDocument, WhoAmIDocument
from tank_core.wire.service import HealthDocument


def health(call: Call) -> Answer:
    """Says that the API answers; asks no store, so that a probe costs nothing."""
    return Answer(HealthDocument(registry=call.ports.settings.public_url))


def whoami(call: Call) -> Answer:
    """Shows the caller their rights and organisations."""
    seen = accounts.whoami(call.ports, call.caller)
    own = seen.caller.publisher_id
    return Answer(
        WhoAmIDocument(
            publisher=PublisherDocument.model_validate(seen.caller.publisher),
            token=TokenDocument.model_validate(seen.caller.token),
            orgs=tuple(Membership(org=org.org, role=org.members[own]) for org in seen.orgs),
        )
    )


ROUTES = (
    Route(
        "GET",
        "/v1/health",
        "getHealth",
        "Whether the API answers",
        health,
        {200: HealthDocument},
        "service",
        Access.PUBLIC,
        is_shared=True,
    ),
    Route(
        "GET",
        "/v1/whoami",
        "getWhoAmI",
        "Who the caller is, and what they may do",
        whoami,
        {200: WhoAmIDocument},
        "accounts",
    ),
)
