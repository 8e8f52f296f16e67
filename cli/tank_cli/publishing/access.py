"""In whose name a publish is announced: a ticket that a CI job got for its identity, or the stored token.

A ticket is good for one publish of one skill and for some minutes. It is kept in
memory only, and a job that got one uses no stored token.
"""

from __future__ import annotations

from dataclasses import dataclass

from tank_cli.client.api import Api
from tank_cli.client.connection import Connection
from tank_cli.publishing.demands import Demands
from tank_cli.publishing.rights import check_rights
from tank_cli.signing.ambient import UPLOAD_AUDIENCE, Ambient
from tank_core.wire.bindings import TicketDocument, TicketRequest


@dataclass(frozen=True, slots=True)
class Access:
    """The API as somebody. ``publisher``: the id of who publishes."""

    api: Api
    publisher: str


def by_ticket(connection: Connection, ambient: Ambient, demands: Demands) -> Access:
    """Exchanges the job's identity for a ticket.

    Raises:
        IdentityUnavailableError: identity-unavailable.
        RegistryError: the registry refused the identity, with the reason.
        NetworkError: network-error.
    """
    token = ambient.token(UPLOAD_AUDIENCE)
    request = TicketRequest(id_token=token, name=str(demands.name))
    ticket = connection.api_with("").call("POST", "/tickets", TicketDocument, request)
    return Access(connection.api_with(ticket.ticket), ticket.publisher)


def by_token(connection: Connection, demands: Demands) -> Access:
    """Returns the access that the stored token gives.

    Raises:
        NotLoggedInError: not-logged-in.
        MayNotPublishError: may-not-publish.
        RegistryError: not-authenticated; the token is not valid.
        NetworkError: network-error.
    """
    api = connection.authenticated_api()
    publisher = check_rights(api, demands.name, forbids_tokens=demands.forbids_tokens)
    return Access(api, publisher)
