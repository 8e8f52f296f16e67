"""``tank login``: keep a token for a registry."""

from __future__ import annotations

from pathlib import Path

import click

from tank_cli import credentials
from tank_cli.context import Context, common, example

_MAX_CHARACTERS = 4096


@click.command(
    "login", epilog=example("tank login --token-file admin.token", "printenv MY_TOKEN | tank login")
)
@click.option(
    "--token-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Read it here."
)
@common
def command(context: Context, token_file: Path | None) -> None:
    """Check a token with the registry, and keep it in a file that only you can read.

    The token is asked for, read from standard input, or from a file; it is never
    an argument, because other users can see those.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.trust import RegistryTrust
    from tank_core.wire.accounts import WhoAmIDocument

    RegistryTrust.of(context.config, context.config.registry).root()  # before anybody types a secret in vain
    token = credentials.check_token(_given(context, token_file))
    with Connection(context.config) as connection:
        caller = connection.api_with(token).get("/whoami", WhoAmIDocument)
    credentials.store(context.config, connection.registry, token)
    publisher = caller.publisher.publisher_id
    context.console.show(
        {"registry": connection.registry, "publisher": publisher},
        [f"Logged in to {connection.registry} as {publisher}."],
    )


def _given(context: Context, token_file: Path | None) -> str:
    if token_file is not None:
        with token_file.open(encoding="utf-8") as file:
            return file.read(_MAX_CHARACTERS)
    if context.interactive:
        return str(click.prompt("Token", hide_input=True, err=True))
    given = context.surroundings.stdin.read(_MAX_CHARACTERS)
    if not given.strip():
        raise credentials.InvalidTokenError(
            "There is no token on standard input.",
            why="Without a terminal it is read from there, or from a file.",
            fix="tank login --token-file FILE, or set TANK_TOKEN and log in nowhere",
        )
    return given
