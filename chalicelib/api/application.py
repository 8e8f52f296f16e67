"""The Chalice application: a blueprint per topic, and nothing but translation; the one importer of Chalice.

Chalice answers by itself before a view runs (a method that a path does not take);
a middleware gives those answers the form that all our errors have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib.api.errors import InternalError, MethodNotAllowedError
from chalicelib.api.incoming import Incoming
from chalicelib.api.outgoing import Outgoing, problem_response
from chalicelib.api.route import Route
from chalicelib.api.routes import ROUTES
from chalicelib.api.view import new_request_id, respond
from chalicelib.ports.registry import RegistryPorts
from chalicelib.ports.request_log import RequestLog
from tank_core.wire.problem import CONTENT_TYPE

Ports = Callable[[], RegistryPorts]
Log = Callable[[], RequestLog]


def application(ports: Ports, log: Log, *, name: str = "tank-registry") -> Chalice:
    """Returns the application.

    Args:
        ports: gives the registry's world; asked at each request, so that a cold start stays cheap.
        log: gives where request lines go.
        name: the application's name, a prefix of its AWS resources.
    """
    app = Chalice(app_name=name)
    for topic in sorted({route.topic for route in ROUTES}):
        blueprint = Blueprint(__name__)
        for route in ROUTES:
            if route.topic == topic:
                _register(blueprint, app, route, ports, log)
        app.register_blueprint(blueprint)
    app.register_middleware(_problems_only, "http")
    return app


def _register(blueprint: Blueprint, app: Chalice, route: Route, ports: Ports, log: Log) -> None:
    def view(**parameters: str) -> Response:
        request = app.current_request
        if request is None:
            raise RuntimeError("Chalice calls views within a request only")
        return _response(respond(route, _incoming(request, parameters), ports, log))

    view.__name__ = route.operation
    methods = [route.method, "HEAD"] if route.method == "GET" else [route.method]
    # An empty list turns Chalice's own content type check off: ours answers with a problem document.
    blueprint.route(route.path, methods=methods, content_types=[], name=route.operation)(view)


def _incoming(request: Request, parameters: dict[str, str]) -> Incoming:
    query = request.query_params
    return Incoming(
        method=request.method,
        path=parameters,
        query={name: query.getlist(name) for name in query} if query else {},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=_bytes(request.raw_body),
        address=str(request.context.get("identity", {}).get("sourceIp", "")),
    )


def _bytes(raw_body: str | bytes | None) -> bytes:
    return raw_body.encode() if isinstance(raw_body, str) else raw_body or b""


def _response(outgoing: Outgoing) -> Response:
    return Response(
        body=outgoing.body.decode(), headers=dict(outgoing.headers), status_code=int(outgoing.status)
    )


def _problems_only(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """Gives Chalice's own refusals the form of ours."""
    response = get_response(event)
    if response.status_code < 400 or response.headers.get("Content-Type") == CONTENT_TYPE:
        return response
    request_id = new_request_id()
    method = str(event.method)
    error = MethodNotAllowedError(method) if response.status_code == 405 else InternalError(request_id)
    problem = problem_response(error, method=method, request_id=request_id)
    allow = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
    headers = {**problem.headers, **allow, "X-Request-Id": request_id}
    return Response(body=problem.body.decode(), headers=headers, status_code=problem.status)
