"""``tank publisher``: let somebody publish, as an admin of the registry."""

from __future__ import annotations

import click

from tank_cli import render
from tank_cli.context import Context, common, example


@click.group("publisher", epilog=example("tank publisher create jo"))
def command() -> None:
    """Let somebody publish; for admins of the registry."""


@command.command("create", epilog=example("tank publisher create jo", "tank publisher create acme-ci --json"))
@click.argument("publisher")
@click.option("--verified", is_flag=True, help="You know who it is.")
@common
def create(context: Context, publisher: str, verified: bool) -> None:
    """Create a publisher. The secret of their first token is printed once, and alone, on stdout.

    It may do all but administration. They run `tank login` with it, and an owner of
    an organisation lets them in with `tank org member set`.
    """
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import CreatedPublisher, PublisherRequest

    request = PublisherRequest(publisher_id=publisher, verified=verified)
    with Connection(context.config) as connection:
        made = connection.authenticated_api().call("POST", "/publishers", CreatedPublisher, request)
    context.console.show(made.model_dump(mode="json"), [made.secret])
    until = render.day(made.token.expires_at)
    context.console.say(
        f"Created the publisher {made.publisher.publisher_id}. Give them this token, valid until {until}; "
        "it is not shown again."
    )
