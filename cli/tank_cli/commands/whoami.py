"""``tank whoami``: show who the registry thinks you are."""

from __future__ import annotations

import click

from tank_cli import render
from tank_cli.context import Context, common, example


@click.command("whoami", epilog=example("tank whoami", "tank whoami --json"))
@common
def command(context: Context) -> None:
    """Show who the registry thinks you are, and what your token may do."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import WhoAmIDocument

    with Connection(context.config) as connection:
        caller = connection.authenticated_api().get("/whoami", WhoAmIDocument)
    token = caller.token
    rows = [
        ("registry", connection.registry),
        ("publisher", caller.publisher.publisher_id),
        ("organisations", ", ".join(f"@{one.org} ({one.role})" for one in caller.orgs) or "none"),
        ("scopes", ", ".join(token.scopes) or "none"),
        ("skills", ", ".join(token.skills) or "all"),
        ("valid until", render.day(token.expires_at)),
    ]
    context.console.show(caller.model_dump(mode="json"), render.pairs(rows))
