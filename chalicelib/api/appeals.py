"""Routes of appeals: publishers file them, reviewers decide."""

from __future__ import annotations

from chalicelib.api.route import Answer, Call, Handler, Route
from chalicelib.services import appeals
from chalicelib.services.appeals import Objection
from tank_core.entities import Appeal
from tank_core.wire.appeals import (
    AppealDocument,
    AppealPage,
    AppealQuery,
    AppealRequest,
    DecisionRequest,
    RevocationRequest,
)
from tank_core.wire.base import RequestModel

_APPEALS = "/v1/appeals"
_APPEAL = f"{_APPEALS}/{{appeal}}"


def file(call: Call) -> Answer:
    """Files an appeal."""
    asked = call.body_as(AppealRequest)
    return _shown(appeals.file(call.ports, call.caller, Objection(**asked.model_dump())), 201)


def list_appeals(call: Call) -> Answer:
    """Lists the appeals about a version, or all that are open."""
    asked = call.query_as(AppealQuery)
    if asked.name:
        found, cursor = appeals.of_version(call.ports, call.caller, asked.name, asked.version), ""
    else:
        page = appeals.undecided(call.ports, call.caller, cursor=asked.cursor, limit=asked.limit)
        found, cursor = page.items, page.cursor
    return Answer(AppealPage(items=tuple(AppealDocument.model_validate(a) for a in found), cursor=cursor))


def show(call: Call) -> Answer:
    """Shows one appeal."""
    return _shown(appeals.show(call.ports, call.caller, call.path["appeal"]))


def decide(call: Call) -> Answer:
    """Grants an appeal, or declines it."""
    asked, appeal_id = call.body_as(DecisionRequest), call.path["appeal"]
    if asked.days is None:
        return _shown(appeals.decline(call.ports, call.caller, appeal_id, asked.reason))
    return _shown(appeals.grant(call.ports, call.caller, appeal_id, asked.reason, asked.days))


def revoke(call: Call) -> Answer:
    """Takes a waiver back."""
    reason = call.body_as(RevocationRequest).reason
    return _shown(appeals.revoke(call.ports, call.caller, call.path["appeal"], reason))


def _shown(appeal: Appeal, status: int = 200) -> Answer:
    return Answer(AppealDocument.model_validate(appeal), status)


def _change(path: str, operation: str, summary: str, handler: Handler, request: type[RequestModel]) -> Route:
    answers = {200: AppealDocument}
    return Route("PUT", path, operation, summary, handler, answers, "appeals", request=request)


ROUTES = (
    Route(
        "POST",
        _APPEALS,
        "fileAppeal",
        "Object to one finding in exact bytes",
        file,
        {201: AppealDocument},
        "appeals",
        request=AppealRequest,
    ),
    Route(
        "GET",
        _APPEALS,
        "listAppeals",
        "The appeals about a version, or (admins) all that are open",
        list_appeals,
        {200: AppealPage},
        "appeals",
        query=AppealQuery,
    ),
    Route("GET", _APPEAL, "getAppeal", "One appeal", show, {200: AppealDocument}, "appeals"),
    _change(
        f"{_APPEAL}/decision",
        "decideAppeal",
        "Grant or decline (admins); granted it is a signed waiver that expires",
        decide,
        DecisionRequest,
    ),
    _change(
        f"{_APPEAL}/revocation", "revokeWaiver", "Take a waiver back (admins)", revoke, RevocationRequest
    ),
)
