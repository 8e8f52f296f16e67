"""From an answer or an error to an HTTP response: bytes, ETag, caching, limits, problems.

Source: RFC 9110 sections 8.8.3 and 13.1.2 (ETag, If-None-Match); RFC 9457.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from pydantic import BaseModel

from chalicelib.api.route import Answer
from chalicelib.ports.rate_limits import Allowance
from chalicelib.services.rate_limiting import WINDOW_SECONDS
from tank_core.errors import TankError
from tank_core.wire.problem import CONTENT_TYPE, ProblemDocument

_SHARED = "no-cache"  # may be kept, must be asked for each time: a takedown works at once
_PRIVATE = "private, no-store"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A response, for whatever server."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def response_to(answer: Answer, *, method: str, if_none_match: str, is_shared: bool) -> Outgoing:
    """Returns the response for an answer; 304 without a body when the asker has it already."""
    if answer.body is None:
        return Outgoing(answer.status, headers={"Cache-Control": _PRIVATE})
    data = _encoded(answer.body)
    headers = {"Content-Type": "application/json", "Cache-Control": _SHARED if is_shared else _PRIVATE}
    if method not in ("GET", "HEAD"):
        return Outgoing(answer.status, data, headers)
    headers["ETag"] = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    if _has(if_none_match, headers["ETag"]):
        return Outgoing(HTTPStatus.NOT_MODIFIED, headers=headers)
    return Outgoing(answer.status, b"" if method == "HEAD" else data, headers)


def problem_response(error: TankError, *, method: str, request_id: str) -> Outgoing:
    """Returns the problem document of an error, with the headers that its status asks for."""
    document = ProblemDocument.of(error, title=HTTPStatus(error.status).phrase, request_id=request_id)
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="tank"'
    return Outgoing(error.status, b"" if method == "HEAD" else _encoded(document), headers)


def rate_limit_headers(allowance: Allowance) -> dict[str, str]:
    """Returns what a caller may still do in this window, and when it ends."""
    headers = {
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(allowance.reset_seconds),
        "RateLimit-Policy": f"{allowance.limit};w={WINDOW_SECONDS}",
    }
    return headers if allowance.allowed else headers | {"Retry-After": str(allowance.reset_seconds)}


def _encoded(body: BaseModel | Mapping[str, object]) -> bytes:
    value = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _has(if_none_match: str, etag: str) -> bool:
    candidates = {candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")}
    return bool(candidates & {etag, "*"})
