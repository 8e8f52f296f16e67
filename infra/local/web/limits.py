"""Limits of what a client may ask of an endpoint, where the API does not count itself.

A log keeps every entry for ever, so who may fill it is a question of the data folder's
size. The count is the API's own for requests without a token: an address has one
allowance, whichever of the two it spends it on. This machine's own is counted too.
"""

from __future__ import annotations

from chalicelib.api.outgoing import rate_limit_headers
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import rate_limiting
from chalicelib.services.rate_limiting import RateLimitedError
from infra.local.web.messages import Endpoint, Request, Response
from infra.local.web.problems import problem


def limited(endpoint: Endpoint, ports: RegistryPorts) -> Endpoint:
    """Returns an endpoint that answers no more requests of an address than the registry's limit."""

    def answer(request: Request) -> Response:
        try:
            rate_limiting.take(ports, rate_limiting.address_caller(request.address))
        except RateLimitedError as error:
            return problem(error, *rate_limit_headers(error.allowance).items())
        return endpoint(request)

    return answer
