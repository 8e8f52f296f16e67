"""The timestamp authority over HTTP.

Source: RFC 3161, section 3.4.
"""

from __future__ import annotations

from infra.local.sigstore.timestamps import TimestampAuthority
from infra.local.sigstore.web.routes import NO_STORE, Call, Route, route
from infra.local.web.messages import Response


class TimestampApi:
    """Answers timestamp queries."""

    def __init__(self, authority: TimestampAuthority) -> None:
        self._authority = authority

    def routes(self, path: str) -> list[Route]:
        """Returns the one route."""
        return [route("POST", path, self._respond)]

    def _respond(self, call: Call) -> Response:
        headers = (("Content-Type", "application/timestamp-reply"), NO_STORE)
        return Response(200, headers, self._authority.respond(call.body))
