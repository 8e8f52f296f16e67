"""The OIDC issuer over HTTP: discovery, keys, a page for a person, and tokens.

Source: OpenID Connect Discovery 1.0; RFC 6749, section 4.1; RFC 9207 (``iss``).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import unquote

from infra.local.sigstore import pages
from infra.local.sigstore.authorisation import AuthorisationRequest, refused
from infra.local.sigstore.id_tokens import LIFE_SECONDS
from infra.local.sigstore.stand_in import LocalSigstore
from infra.local.sigstore.web.routes import NO_STORE, Call, Route, json_response, route
from infra.local.web.messages import Response
from tank_core.errors import TankError

PublisherOf: TypeAlias = Callable[[str], str]
"""Returns the publisher whom a registry token proves; raises TankError for any that does not."""


class Oidc:
    """The issuer of persons' tokens."""

    def __init__(self, sigstore: LocalSigstore, publisher_of: PublisherOf) -> None:
        self._sigstore = sigstore
        self._publisher_of = publisher_of

    def routes(self, prefix: str) -> list[Route]:
        """Returns the routes below a path."""
        return [
            route("GET", rf"{prefix}/\.well-known/openid-configuration", self._configuration),
            route("GET", f"{prefix}/jwks", self._keys),
            route("GET", f"{prefix}/auth", self._ask),
            route("POST", f"{prefix}/auth", self._confirm),
            route("POST", f"{prefix}/token", self._token),
        ]

    def _configuration(self, call: Call) -> Response:
        del call
        issuer = self._sigstore.tokens.person_issuer
        return json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/auth",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "email"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
                "claims_supported": ["iss", "sub", "aud", "exp", "iat", "jti", "email", "email_verified"],
            }
        )

    def _keys(self, call: Call) -> Response:
        del call
        headers = (("Content-Type", "application/jwk-set+json"), ("Cache-Control", "max-age=300"))
        return Response(200, headers, self._sigstore.tokens.jwks())

    def _ask(self, call: Call) -> Response:
        asked = AuthorisationRequest.from_query(call.query)
        return _page(pages.asking(asked, call.request.path), asked)

    def _confirm(self, call: Call) -> Response:
        """Answers a person's token with a code.

        1. The request is one that the page could have come from.
        2. The token is a publisher's; otherwise the page says why it is not.
        3. The code goes to the command, or is shown.
        """
        form = call.form
        asked = AuthorisationRequest.from_query(form)  # 1
        try:
            publisher = self._publisher_of(form.get("token", "").strip())  # 2
        except TankError as error:
            page = pages.asking(asked, call.request.path, f"{error.what} {error.fix}")
            return _page(page, asked, status=error.status)
        code = self._sigstore.codes.give(asked, publisher)  # 3
        if asked.is_out_of_band:
            return _page(pages.showing(code), asked)
        return Response(303, (("Location", asked.answer_url(code)), NO_STORE))

    def _token(self, call: Call) -> Response:
        form = call.form
        grant = self._sigstore.codes.redeem(form, form.get("client_id") or _basic_user(call))
        address = self._sigstore.address_of(grant.publisher)
        claims: dict[str, object] = {"sub": address, "email": address, "email_verified": True}
        if grant.request.nonce:
            claims["nonce"] = grant.request.nonce
        issuer, audience = self._sigstore.tokens.person_issuer, grant.request.client_id
        token = self._sigstore.tokens.mint(issuer, claims, audience)
        # sigstore-python reads the identity from access_token, as its own issuer answers.
        return json_response(
            {"access_token": token, "id_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS}
        )


def _page(html: str, asked: AuthorisationRequest, status: int = 200) -> Response:
    # Browsers apply form-action to the redirect that answers the form, too.
    targets = "'self'" if asked.is_out_of_band else f"'self' {asked.origin}"
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", pages.policy(targets)),
        NO_STORE,
    )
    return Response(status, headers, html.encode())


def _basic_user(call: Call) -> str:
    """Returns the client id in a Basic Authorization header; its secret is empty, as the client is public."""
    kind, _, given = call.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        raise refused("it names no client")
    try:
        return unquote(base64.b64decode(given, validate=True).decode("ascii").partition(":")[0])
    except (binascii.Error, ValueError) as exc:
        raise refused("its Authorization header is malformed") from exc
