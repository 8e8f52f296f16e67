"""From an HTTP request to parsed values: size, content type, JSON, model, all problems at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError

from tank_core.errors import Problem, TankError, quoted
from tank_core.strict_json import parse_json
from tank_core.wire.base import RequestModel

MAX_BODY_BYTES = 256 * 1024  # a manifest is a few KiB; DynamoDB keeps it in an item of at most 400 KB
_JSON = "application/json"
_FIXES = {"missing": "Add it.", "extra_forbidden": "Remove it."}
_SEE_SCHEMA = "Send what GET /v1/openapi.json describes."
M = TypeVar("M", bound=RequestModel)


class InvalidRequestError(TankError):
    """The body or the query does not have the form that the route asks for."""

    code = "invalid-request"
    status = 400


class BodyTooLargeError(TankError):
    """The body has more bytes than any request needs."""

    code = "body-too-large"
    status = 413


class UnsupportedMediaTypeError(TankError):
    """The body is not declared as JSON."""

    code = "unsupported-media-type"
    status = 415


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came, from whatever server.

    Attributes:
        headers: lower-case names.
        query: each value that came under a name, in order.
        address: of the peer, which may be a proxy.
    """

    method: str
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    address: str


def path_parameters(incoming: Incoming) -> dict[str, str]:
    """Returns the path parameters, decoded; no legal value holds a percent sign, so once more does no harm."""
    return {name: unquote(value) for name, value in incoming.path.items()}


def parsed_body(incoming: Incoming, model: type[M]) -> M:
    """Returns the body as its model.

    Raises:
        BodyTooLargeError: body-too-large; nothing was parsed.
        UnsupportedMediaTypeError: unsupported-media-type.
        MalformedJsonError: malformed-json.
        InvalidRequestError: invalid-request; with all problems.
    """
    if len(incoming.body) > MAX_BODY_BYTES:
        raise BodyTooLargeError(
            f"The body has {len(incoming.body)} bytes.",
            why=f"No request needs more than {MAX_BODY_BYTES}; archives are uploaded to the link that a publish gives.",
            fix="Send less.",
        )
    media_type = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise UnsupportedMediaTypeError(
            f"The body is declared as {quoted(media_type)}.",
            why="The API reads JSON only.",
            fix=f"Send the header Content-Type: {_JSON}.",
        )
    return _validated(
        model, parse_json(incoming.body, what="the body", max_bytes=MAX_BODY_BYTES), "body", strict=True
    )


def parsed_query(incoming: Incoming, model: type[M]) -> M:
    """Returns the query string as its model; numbers are read from their digits.

    Raises:
        InvalidRequestError: invalid-request; with all problems.
    """
    values = {name: given[0] if len(given) == 1 else list(given) for name, given in incoming.query.items()}
    return _validated(model, values, "query", strict=False)


def _validated(model: type[M], value: object, where: str, *, strict: bool) -> M:
    try:
        return model.model_validate(value, strict=strict)
    except ValidationError as exc:
        known = sorted(model.model_fields)
        problems = tuple(_problem(error, where, known) for error in exc.errors(include_url=False))
    raise InvalidRequestError(
        f"The {where} is not what this route takes.",
        why="Unknown and malformed fields are refused, so that a mistake is never taken for a default.",
        fix="Mend what is listed.",
        problems=problems,
    )


def _problem(error: Mapping[str, Any], where: str, known: Sequence[str]) -> Problem:
    path = ".".join(str(part) for part in error["loc"])
    fix = _FIXES.get(str(error["type"]), _SEE_SCHEMA)
    nearest = difflib.get_close_matches(path, known, n=1)
    if error["type"] == "extra_forbidden" and nearest:
        fix = f"Did you mean “{nearest[0]}”?"
    return Problem(f"{where}: {quoted(path)}" if path else where, f"{error['msg']}.", fix)
