"""Routes that change how a published version may be used."""

from __future__ import annotations

from chalicelib.api.addresses import VERSION, skill_name, version_number
from chalicelib.api.route import Answer, Call, Handler, Route
from chalicelib.services import availability
from tank_core.entities import SkillVersion
from tank_core.wire.base import RequestModel
from tank_core.wire.skills import AvailabilityDocument, DeprecationRequest, ReasonRequest


def yank(call: Call) -> Answer:
    """Withdraws a version from resolution."""
    reason = call.body_as(ReasonRequest).reason
    return _changed(
        availability.yank(call.ports, call.caller, skill_name(call), version_number(call), reason)
    )


def unyank(call: Call) -> Answer:
    """Makes a yanked version resolvable again."""
    return _changed(availability.unyank(call.ports, call.caller, skill_name(call), version_number(call)))


def deprecate(call: Call) -> Answer:
    """Tells users of a version to move on."""
    message = call.body_as(DeprecationRequest).message
    return _changed(
        availability.deprecate(call.ports, call.caller, skill_name(call), version_number(call), message)
    )


def undeprecate(call: Call) -> Answer:
    """Takes a deprecation back."""
    return _changed(
        availability.deprecate(call.ports, call.caller, skill_name(call), version_number(call), "")
    )


def take_down(call: Call) -> Answer:
    """Withdraws a version from all reading."""
    reason = call.body_as(ReasonRequest).reason
    return _changed(
        availability.take_down(call.ports, call.caller, skill_name(call), version_number(call), reason)
    )


def _changed(version: SkillVersion) -> Answer:
    return Answer(AvailabilityDocument.model_validate(version))


def _route(
    method: str,
    leaf: str,
    operation: str,
    summary: str,
    handler: Handler,
    request: type[RequestModel] | None = None,
) -> Route:
    answers = {200: AvailabilityDocument}
    path = f"{VERSION}/{leaf}"
    return Route(method, path, operation, summary, handler, answers, "management", request=request)


ROUTES = (
    _route("PUT", "yank", "yankVersion", "Withdraw from resolution", yank, ReasonRequest),
    _route("DELETE", "yank", "unyankVersion", "Undo a yank", unyank),
    _route("PUT", "deprecation", "deprecateVersion", "Tell users to move on", deprecate, DeprecationRequest),
    _route("DELETE", "deprecation", "undeprecateVersion", "Undo a deprecation", undeprecate),
    _route("PUT", "takedown", "takeDownVersion", "Withdraw from reading (admins)", take_down, ReasonRequest),
)
