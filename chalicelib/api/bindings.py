"""Routes of bindings, of the rule on tokens, and of an organisation's audit trail."""

from __future__ import annotations

from chalicelib.api.addresses import org_name
from chalicelib.api.route import Access, Answer, Call, Route
from chalicelib.services import bindings, history, orgs
from tank_core.binding import Binding
from tank_core.entities import Org
from tank_core.trusted_publishing import kept
from tank_core.wire.bindings import (
    BindingList,
    BindingRequest,
    OrgBindingDocument,
    TokenRuleDocument,
    TokenRuleRequest,
)
from tank_core.wire.skills import EventDocument, EventPage, PageQuery

_ORG = "/v1/orgs/{org}"
_BINDINGS = f"{_ORG}/bindings"


def list_bindings(call: Call) -> Answer:
    """Lists an organisation's bindings, for everybody."""
    return Answer(_listed(call, orgs.show(call.ports, org_name(call))))


def add_binding(call: Call) -> Answer:
    """Announces a binding."""
    asked = call.body_as(BindingRequest)
    binding = Binding.from_json(asked.binding.model_dump())
    added = bindings.add(call.ports, call.caller, org_name(call), binding, asked.skill)
    return Answer(OrgBindingDocument.model_validate(added), 201)


def remove_binding(call: Call) -> Answer:
    """Takes a binding away, or cancels one that waits."""
    org = bindings.remove(call.ports, call.caller, org_name(call), call.path["binding"])
    return Answer(_listed(call, org))


def set_token_rule(call: Call) -> Answer:
    """Forbids tokens, or announces that they are allowed again."""
    is_forbidden = call.body_as(TokenRuleRequest).forbidden
    org = bindings.set_token_rule(call.ports, call.caller, org_name(call), is_forbidden=is_forbidden)
    return Answer(_token_rule(call, org))


def list_events(call: Call) -> Answer:
    """Shows who did what to an organisation."""
    asked = call.query_as(PageQuery)
    page = history.org_events(call.ports, org_name(call), cursor=asked.cursor, limit=asked.limit)
    items = tuple(EventDocument.model_validate(event) for event in page.items)
    return Answer(EventPage(items=items, cursor=page.cursor))


def _listed(call: Call, org: Org) -> BindingList:
    present = kept(org.bindings, call.ports.clock.now())
    items = tuple(OrgBindingDocument.model_validate(binding) for binding in present)
    return BindingList(org=org.org, items=items, token_rule=_token_rule(call, org))


def _token_rule(call: Call, org: Org) -> TokenRuleDocument:
    is_forbidden = org.token_rule.forbids_at(call.ports.clock.now())
    until = org.token_rule.is_forbidden_until if is_forbidden else None
    return TokenRuleDocument(forbidden=is_forbidden, until=until)


ROUTES = (
    Route(
        "GET",
        _BINDINGS,
        "listBindings",
        "Who may sign for an organisation, announced changes included",
        list_bindings,
        {200: BindingList},
        "bindings",
        Access.PUBLIC,
        is_shared=True,
    ),
    Route(
        "POST",
        _BINDINGS,
        "addBinding",
        "Announce a binding (owners)",
        add_binding,
        {201: OrgBindingDocument},
        "bindings",
        request=BindingRequest,
    ),
    Route(
        "DELETE",
        f"{_BINDINGS}/{{binding}}",
        "removeBinding",
        "Take a binding away, or cancel one that waits (owners)",
        remove_binding,
        {200: BindingList},
        "bindings",
    ),
    Route(
        "PUT",
        f"{_ORG}/token-rule",
        "setTokenRule",
        "Forbid or allow publishing with tokens (owners)",
        set_token_rule,
        {200: TokenRuleDocument},
        "bindings",
        request=TokenRuleRequest,
    ),
    Route(
        "GET",
        f"{_ORG}/events",
        "getOrgEvents",
        "An organisation's audit trail, newest first",
        list_events,
        {200: EventPage},
        "orgs",
        Access.PUBLIC,
        query=PageQuery,
        is_shared=True,
    ),
)
