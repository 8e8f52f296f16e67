"""Where a build asks for its tokens, as on a GitHub runner.

Source: GitHub, "OpenID Connect reference", "Methods for requesting the OIDC token".
"""

from __future__ import annotations

from infra.local.sigstore.ci_requests import BuildSecretRefusedError
from infra.local.sigstore.id_tokens import AUDIENCES
from infra.local.sigstore.principal import GITHUB
from infra.local.sigstore.stand_in import LocalSigstore
from infra.local.sigstore.web.routes import Call, Route, json_response, route
from infra.local.web.messages import Response


class CiTokens:
    """Gives a build its tokens, one per audience and request."""

    def __init__(self, sigstore: LocalSigstore) -> None:
        self._sigstore = sigstore

    def routes(self, path: str) -> list[Route]:
        """Returns the one route."""
        return [route("GET", path, self._token)]

    def _token(self, call: Call) -> Response:
        claims = self._sigstore.builds.read(call.bearer, now=self._sigstore.clock.now())
        audience = call.query.get("audience", "")
        if audience not in AUDIENCES:
            raise BuildSecretRefusedError(
                "This build gets no token.",
                why="The audience is neither “sigstore” nor “tank”.",
                fix="Add &audience=sigstore to the request's URL.",
            )
        token = self._sigstore.tokens.mint(GITHUB, claims, audience)
        return json_response({"count": len(token), "value": token})
