"""``tank logout``: forget the token of a registry."""

from __future__ import annotations

import click

from tank_cli import credentials
from tank_cli.context import Context, common, example


@click.command("logout", epilog=example("tank logout", "tank logout --registry https://tank.example"))
@common
def command(context: Context) -> None:
    """Forget the token of a registry.

    The token itself stays valid: `tank token revoke` ends it.
    """
    registry = context.config.registry
    had_one = credentials.forget(context.config, registry)
    text = f"Forgot the token for {registry}." if had_one else f"There was no token for {registry}."
    context.console.show({"registry": registry, "forgotten": had_one}, [text])
