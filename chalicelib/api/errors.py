"""The errors that only the HTTP edge knows."""

from __future__ import annotations

from tank_core.errors import ExitCode, TankError, quoted


class InternalError(TankError):
    """Something that is the registry's fault; the log has the rest under the request id."""

    code = "internal-error"
    status = 500
    exit_code = ExitCode.NETWORK

    def __init__(self, request_id: str) -> None:
        super().__init__(
            "The registry could not answer.",
            why="It is not your fault; the registry's log has the cause.",
            fix=f"Try again later; tell the operator the request id {request_id} if it stays.",
        )


class UnavailableError(TankError):
    """A part of the registry did not answer in time; trying again may help."""

    code = "unavailable"
    status = 503
    exit_code = ExitCode.NETWORK

    def __init__(self, request_id: str) -> None:
        super().__init__(
            "A part of the registry did not answer.",
            why="Its store or its state machine is busy or unreachable.",
            fix=f"Try again in a moment; tell the operator the request id {request_id} if it stays.",
        )


class InvalidCursorError(TankError):
    """The cursor is not one that this list gave out."""

    code = "invalid-cursor"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "The cursor is not one of this list.",
            why="Cursors are opaque, and hold for the list and the query that gave them out.",
            fix="Start at the first page, without a cursor.",
        )


class MethodNotAllowedError(TankError):
    """The path exists, and not for this method."""

    code = "method-not-allowed"
    status = 405

    def __init__(self, method: str) -> None:
        super().__init__(
            f"This path does not take {quoted(method)}.",
            why="The Allow header lists the methods that it takes.",
            fix="See GET /v1/openapi.json.",
        )
