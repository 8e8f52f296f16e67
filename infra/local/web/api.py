"""The Chalice app behind this server, as API Gateway would call it.

``chalice.local`` brings the event and the route matching. Two things are ours:
request and context per thread, because Chalice keeps both on the app object, and
the client's real address, which rate limits count by.

Source: chalice 1.34, ``chalice.local.LocalGateway``.
"""

from __future__ import annotations

import base64
import threading
from typing import Any

from chalice.local import LambdaContext, LambdaEventConverter, LocalChalice, RouteMatcher

from infra.local.web.messages import Request, Response
from infra.local.web.problems import no_such_object, too_large

MAX_BODY_BYTES = 1024 * 1024  # a manifest is the largest thing that the API takes
_TIMEOUT_MILLISECONDS = 29_000  # API Gateway's own
_MEMORY_MEGABYTES = 512


class ThreadedChalice(LocalChalice):
    """A Chalice app that many threads may call at once."""

    _CONTEXT = threading.local()

    @property
    def lambda_context(self) -> Any:
        """The context of this thread's request."""
        return getattr(self._CONTEXT, "value", None)

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        self._CONTEXT.value = context


class ApiEndpoint:
    """Calls the Chalice app."""

    def __init__(self, app: Any) -> None:
        """Args: app: the ``chalice.Chalice`` object, whose class this changes to the threaded one."""
        app.__dict__.pop("lambda_context", None)
        app.__dict__.pop("current_request", None)
        app.__class__ = ThreadedChalice
        app.current_request = None
        self._app = app
        self._events = LambdaEventConverter(RouteMatcher(list(app.routes)), app.api.binary_types)

    def __call__(self, request: Request) -> Response:
        """Returns the app's answer; HEAD is answered as GET, the server drops the body."""
        if request.size_bytes > MAX_BODY_BYTES:
            return too_large(MAX_BODY_BYTES)
        method = "GET" if request.method == "HEAD" else request.method
        body = request.body.read(request.size_bytes)
        try:
            event = self._events.create_lambda_event(
                method=method, path=request.target, headers=dict(request.headers), body=body
            )
        except ValueError:  # how chalice says that no route matches
            return no_such_object()
        event["requestContext"]["identity"]["sourceIp"] = request.address
        context = LambdaContext("api", _MEMORY_MEGABYTES, _TIMEOUT_MILLISECONDS)
        event["requestContext"]["requestId"] = context.aws_request_id
        return _response(self._app(event, context))


def _response(answer: dict[str, Any]) -> Response:
    headers = [(name, str(value)) for name, value in answer.get("headers", {}).items()]
    for name, values in answer.get("multiValueHeaders", {}).items():
        headers += [(name, str(value)) for value in values]
    text = answer.get("body") or ""
    body = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
    return Response(int(answer["statusCode"]), tuple(headers), body)
