"""Refusals of this server itself, as ``application/problem+json``.

The API's own problems are made in ``chalicelib.api``; these are for what never
reaches it: readable objects, upload links, and paths that lead nowhere.

Source: RFC 9457.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from infra.local.web.messages import Response
from tank_core.errors import ExitCode, TankError


class NoSuchObjectError(TankError):
    """Nothing can be read at this path."""

    code = "no-such-object"
    status = 404
    exit_code = ExitCode.NOT_FOUND


class UnsupportedMethodError(TankError):
    """The path exists for other methods."""

    code = "unsupported-method"
    status = 405


class RequestTooLargeError(TankError):
    """The body is larger than anything this path takes."""

    code = "request-too-large"
    status = 413


class ServerFaultError(TankError):
    """Something broke here; the words for the operator are in the server's log."""

    code = "server-fault"
    status = 500
    exit_code = ExitCode.NETWORK


def problem(error: TankError, *headers: tuple[str, str]) -> Response:
    """Returns the response that tells an error."""
    document = {
        "type": error.docs,
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.what,
        "code": error.code,
        "why": error.why,
        "fix": error.fix,
    }
    fixed = (("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"))
    return Response(error.status, (*fixed, *headers), json.dumps(document, sort_keys=True).encode())


def no_such_object() -> Response:
    """Returns the answer for a path at which nothing can be read."""
    return problem(
        NoSuchObjectError(
            "There is nothing here.",
            why="No published object has this path; a version that was taken down is not readable any more.",
            fix="Check the name; `tank search` lists what there is.",
        )
    )


def unsupported_method(*allowed: str) -> Response:
    """Returns the answer for a method that the path does not know."""
    return problem(
        UnsupportedMethodError(
            "This path does not take this method.",
            why=f"It takes {', '.join(allowed)} only.",
            fix="Use the `tank` command, or read the OpenAPI document at /v1/openapi.json.",
        ),
        ("Allow", ", ".join(allowed)),
    )


def too_large(limit_bytes: int) -> Response:
    """Returns the answer for a body over the limit."""
    return problem(
        RequestTooLargeError(
            "The request is too large.",
            why=f"Requests to this path have at most {limit_bytes} bytes.",
            fix="Send less; archives go to the upload link of a publish.",
        )
    )


def server_fault() -> Response:
    """Returns the answer when an endpoint broke."""
    return problem(
        ServerFaultError(
            "The registry could not answer.",
            why="Something went wrong on its side.",
            fix="Try again; if it stays, its operator finds the cause in the server's log.",
        )
    )
