"""From a request to the function that answers it, and from refusals to problems.

Bodies are small here: what is larger than 64 KiB is refused before it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl

from infra.local.web.messages import Request, Response
from infra.local.web.problems import no_such_object, problem, too_large, unsupported_method
from tank_core.errors import TankError

MAX_BODY_BYTES = 64 * 1024
_MAX_FIELDS = 32
NO_STORE = ("Cache-Control", "no-store")

Handler: TypeAlias = Callable[["Call"], Response]


class MalformedQueryError(TankError):
    """A query or form that cannot be read in exactly one way."""

    code = "malformed-query"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, with its body read.

    ``parts``: what the route's pattern named in the path.
    """

    request: Request
    parts: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The query's fields; raises MalformedQueryError when a name is there twice."""
        return _fields(self.request.query)

    @property
    def form(self) -> dict[str, str]:
        """The form's fields; raises MalformedQueryError when it is none, or a name is there twice."""
        try:
            return _fields(self.body.decode("ascii"))
        except UnicodeDecodeError as exc:
            raise _malformed("It is no URL-encoded form.") from exc

    @property
    def bearer(self) -> str:
        """The secret in the Authorization header, or ""."""
        kind, _, secret = self.request.headers.get("authorization", "").partition(" ")
        return secret.strip() if kind.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. ``pattern``: a regular expression for the whole path."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Routes:
    """Answers what one of its routes is for; everything else, and every refusal, is a problem."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)

    def __call__(self, request: Request) -> Response:
        """Returns the answer; HEAD is answered as GET, the server drops the body."""
        matching = [
            (route, found) for route in self._routes if (found := route.pattern.fullmatch(request.path))
        ]
        if not matching:
            return no_such_object()
        method = "GET" if request.method == "HEAD" else request.method
        chosen = next(((route, found) for route, found in matching if route.method == method), None)
        if chosen is None:
            return unsupported_method(*sorted({route.method for route, _ in matching}))
        if request.size_bytes > MAX_BODY_BYTES:
            return too_large(MAX_BODY_BYTES)
        route, found = chosen
        try:
            return route.handler(Call(request, found.groupdict(), request.body.read(request.size_bytes)))
        except TankError as error:
            return problem(error)


def route(method: str, pattern: str, handler: Handler) -> Route:
    """Returns a route for a method and a regular expression."""
    return Route(method, re.compile(pattern), handler)


def json_response(value: object, status: int = 200) -> Response:
    """Returns a JSON answer that nobody keeps."""
    return Response(status, (("Content-Type", "application/json"), NO_STORE), json.dumps(value).encode())


def _fields(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as exc:
        raise _malformed("It has too many fields, or is not UTF-8.") from exc
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("A field is there twice.")
    return found


def _malformed(why: str) -> MalformedQueryError:
    return MalformedQueryError(
        "The query or form cannot be read.", why=why, fix="Send each field once, URL-encoded."
    )
