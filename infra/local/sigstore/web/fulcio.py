"""Fulcio's API v2: certificates for tokens.

sigstore-python takes the host of the configured URL and drops its path, so the same
routes are also mounted at the server's root.

Source: Fulcio, fulcio.proto v2 and its HTTP annotations.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding

from infra.local.sigstore.certificate_requests import CertificateRequestRefusedError, requested_key
from infra.local.sigstore.id_tokens import SIGSTORE
from infra.local.sigstore.principal import UnusableClaimsError, principal_of
from infra.local.sigstore.stand_in import LocalSigstore
from infra.local.sigstore.web.routes import Call, Route, json_response, route
from infra.local.web.messages import Response


class Fulcio:
    """Issues certificates."""

    def __init__(self, sigstore: LocalSigstore) -> None:
        self._sigstore = sigstore

    def routes(self, prefix: str) -> list[Route]:
        """Returns the routes below a path."""
        return [
            route("POST", f"{prefix}/api/v2/signingCert", self._certificate),
            route("GET", f"{prefix}/api/v2/trustBundle", self._trust_bundle),
        ]

    def _certificate(self, call: Call) -> Response:
        """Answers with a certificate and its chain.

        1. The token is one of this machine's, for Sigstore, and valid.
        2. Its claims say whom the certificate is for.
        3. The requester holds the key.
        """
        claims = self._sigstore.tokens.verified(call.bearer, SIGSTORE)  # 1
        try:
            principal = principal_of(claims)  # 2
        except UnusableClaimsError as exc:
            raise CertificateRequestRefusedError(
                "No certificate can be made for this token.",
                why=f"The local Sigstore refuses it: {exc}.",
                fix="Get a token from this registry's issuer.",
            ) from exc
        key = requested_key(call.body, principal.challenge)  # 3
        leaf = self._sigstore.authority.issue(key, principal, now=self._sigstore.clock.now())
        chain = [item.public_bytes(Encoding.PEM).decode() for item in (leaf, *self._sigstore.authority.chain)]
        return json_response({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})

    def _trust_bundle(self, call: Call) -> Response:
        del call
        chain = [item.public_bytes(Encoding.PEM).decode() for item in self._sigstore.authority.chain]
        return json_response({"chains": [{"certificates": chain}]})
