"""The one view around every route.

1. Who asks: a token is checked when there is one; without a good one the address counts.
2. Rate limit.
3. Parse body and query, all problems at once.
4. The route's handler calls the service.
5. Encode, with ETag and caching; every error is a problem document.

Nothing but a problem document leaves on an error: no stack, no vendor's words.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chalicelib.api.client_address import client_address
from chalicelib.api.errors import InternalError, InvalidCursorError, UnavailableError
from chalicelib.api.incoming import Incoming, parsed_body, parsed_query, path_parameters
from chalicelib.api.outgoing import Outgoing, problem_response, rate_limit_headers, response_to
from chalicelib.api.route import Access, Call, Route
from chalicelib.ports.errors import InvalidCursor, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.ports.request_log import RequestLine, RequestLog
from chalicelib.services import rate_limiting
from chalicelib.services.authentication import Caller, NotAuthenticatedError, authenticate
from chalicelib.services.rate_limiting import RateLimitedError
from tank_core.errors import TankError


def new_request_id() -> str:
    """Returns an id for one request, which the log and a problem document share."""
    return uuid.uuid4().hex


@dataclass(slots=True)
class _Exchange:
    """What becomes known while one request is answered, for its headers and its log line."""

    request_id: str
    caller: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def respond(
    route: Route, incoming: Incoming, ports: Callable[[], RegistryPorts], log: Callable[[], RequestLog]
) -> Outgoing:
    """Answers one request; never raises."""
    exchange = _Exchange(new_request_id())
    code, failure = "", None
    try:
        response = _answered(route, incoming, ports(), exchange)
    except Exception as exc:  # the outermost edge: whatever it is, the client gets a problem document
        error = _meaning(exc, exchange.request_id)
        code, failure = error.code, exc if error is not exc else None
        response = problem_response(error, method=incoming.method, request_id=exchange.request_id)
    line = RequestLine(
        exchange.request_id, incoming.method, route.path, response.status, code, exchange.caller
    )
    _write(log(), line, failure)
    common = {"X-Request-Id": exchange.request_id, "X-Content-Type-Options": "nosniff"}
    return replace(response, headers={**response.headers, **exchange.headers, **common})


def _answered(route: Route, incoming: Incoming, ports: RegistryPorts, exchange: _Exchange) -> Outgoing:
    caller = _identified(route, incoming, ports, exchange)
    if caller is not None:
        _count(ports, rate_limiting.token_caller(caller.token.token_id), exchange)
    call = Call(
        ports=ports,
        path=path_parameters(incoming),
        identified=caller,
        body=None if route.request is None else parsed_body(incoming, route.request),
        query=None if route.query is None else parsed_query(incoming, route.query),
    )
    return response_to(
        route.handler(call),
        method=incoming.method,
        if_none_match=incoming.headers.get("if-none-match", ""),
        is_shared=route.is_shared,
    )


def _identified(route: Route, incoming: Incoming, ports: RegistryPorts, exchange: _Exchange) -> Caller | None:
    """Returns the caller, or None on a public route; who has no good token is counted by address."""
    header = incoming.headers.get("authorization")
    if header is None and route.access is Access.PUBLIC:
        _count(ports, _address_caller(incoming, ports), exchange)
        return None
    try:
        return authenticate(ports, header)
    except NotAuthenticatedError:
        _count(ports, _address_caller(incoming, ports), exchange)
        raise


def _address_caller(incoming: Incoming, ports: RegistryPorts) -> str:
    address = client_address(incoming.headers, incoming.address, ports.settings.edge_secret)
    return rate_limiting.address_caller(address)


def _count(ports: RegistryPorts, caller: str, exchange: _Exchange) -> None:
    exchange.caller = caller
    try:
        allowance = rate_limiting.take(ports, caller)
    except RateLimitedError as error:
        exchange.headers.update(rate_limit_headers(error.allowance))
        raise
    exchange.headers.update(rate_limit_headers(allowance))


def _meaning(error: Exception, request_id: str) -> TankError:
    """Returns what a client is told of an error."""
    if isinstance(error, TankError):
        return error
    if isinstance(error, InvalidCursor):
        return InvalidCursorError()
    if isinstance(error, PortError):
        return UnavailableError(request_id)
    return InternalError(request_id)


def _write(log: RequestLog, line: RequestLine, failure: Exception | None) -> None:
    if failure is None or line.status < 500:
        log.answered(line)
    else:
        log.broke(line, failure)
