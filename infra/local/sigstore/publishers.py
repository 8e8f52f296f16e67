"""Whom a registry token proves to the local issuer."""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.authentication import authenticate
from chalicelib.services.authorisation import Scope, require_everywhere
from infra.local.sigstore.authorisation import refused
from infra.local.sigstore.web.oidc import PublisherOf


def publisher_of(ports: RegistryPorts) -> PublisherOf:
    """Returns the function that tells the publisher of a registry token.

    The identity it leads to is good for everything that the publisher signs. So the
    token must be good for publishing everywhere, and a ticket, which is itself made
    from an identity and serves one version, is none.
    """

    def found(token: str) -> str:
        caller = authenticate(ports, f"Bearer {token}")
        if caller.token.is_ticket:
            raise refused("a ticket proves a build, not a person")
        require_everywhere(caller, Scope.PUBLISH)
        return caller.publisher_id

    return found
