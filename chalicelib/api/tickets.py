"""The route that gives a build its upload ticket; the OIDC token in the body is all its authority."""

from __future__ import annotations

from chalicelib.api.route import Access, Answer, Call, Route
from chalicelib.services import tickets
from tank_core.wire.bindings import TicketDocument, TicketRequest


def create_ticket(call: Call) -> Answer:
    """Exchanges an OIDC token for a ticket."""
    asked = call.body_as(TicketRequest)
    issued = tickets.exchange(call.ports, asked.id_token, asked.name)
    document = TicketDocument(
        ticket=issued.secret, publisher=issued.ticket.publisher_id, expires_at=issued.ticket.expires_at
    )
    return Answer(document, 201)


ROUTES = (
    Route(
        "POST",
        "/v1/tickets",
        "createTicket",
        "Exchange a build's OIDC token for the right to publish one skill once",
        create_ticket,
        {201: TicketDocument},
        "publishes",
        Access.PUBLIC,
        request=TicketRequest,
    ),
)
