"""``tank token``: create, list and revoke tokens."""

from __future__ import annotations

from urllib.parse import quote

import click

from tank_cli import render
from tank_cli.context import Context, common, example

SCOPES = ("publish", "manage", "org", "tokens", "registry-admin")  # those of the registry; a test compares
_DAY_SECONDS = 24 * 3600


@click.group(
    "token", epilog=example("tank token create --scope publish --skill '@acme/*'", "tank token list")
)
def command() -> None:
    """Create, list and revoke tokens."""


@command.command("create", epilog=example("tank token create --scope publish --skill '@acme/*' --days 30"))
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="What it is good for; several may be given.",
)
@click.option("--skill", "skills", multiple=True, help="Limit it to @org/name or '@org/*'.")
@click.option("--description", default="", help="What it is for.")
@click.option("--days", type=click.IntRange(min=1), help="How long it is valid.")
@common
def create(
    context: Context, scopes: tuple[str, ...], skills: tuple[str, ...], description: str, days: int | None
) -> None:
    """Create a token. Its secret is printed once, and alone, on stdout."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import IssuedTokenDocument, TokenRequest

    request = TokenRequest(
        scopes=list(scopes),
        skills=list(skills),
        description=description,
        ttl_seconds=None if days is None else days * _DAY_SECONDS,
    )
    with Connection(context.config) as connection:
        issued = connection.authenticated_api().call("POST", "/tokens", IssuedTokenDocument, request)
    context.console.show(issued.model_dump(mode="json"), [issued.secret])
    until = render.day(issued.token.expires_at)
    context.console.say(f"Token {issued.token.token_id}, valid until {until}. It is not shown again.")


@command.command("list", epilog=example("tank token list"))
@common
def list_(context: Context) -> None:
    """List your tokens, newest first. Secrets are not kept, so they cannot be shown."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import TokenList

    with Connection(context.config) as connection:
        tokens = connection.authenticated_api().get("/tokens", TokenList)
    rows = [
        (
            token.token_id,
            "revoked" if token.revoked_at else f"until {render.day(token.expires_at)}",
            ",".join(token.scopes),
            ",".join(token.skills) or "all skills",
            token.description,
        )
        for token in tokens.items
    ]
    context.console.show(tokens.model_dump(mode="json"), render.table(rows))


@command.command("revoke", epilog=example("tank token revoke 01J8ZQ4Y2N"))
@click.argument("token_id")
@common
def revoke(context: Context, token_id: str) -> None:
    """End a token at once."""
    from tank_cli.client.connection import Connection

    with Connection(context.config) as connection:
        connection.authenticated_api().send("DELETE", f"/tokens/{quote(token_id, safe='')}")
    context.console.show({"token_id": token_id, "revoked": True}, [f"Revoked {token_id}."])
