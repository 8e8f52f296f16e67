"""``tank deprecate``: show a warning to those who use a version."""

from __future__ import annotations

import click

from tank_cli.context import Context, common, example
from tank_cli.failures import UsageError
from tank_cli.versioned_name import VersionedName


@click.command(
    "deprecate",
    epilog=example(
        "tank deprecate @acme/notes@1.2.0 --message 'use 2.x'", "tank deprecate @acme/notes@1.2.0 --undo"
    ),
)
@click.argument("version", type=VersionedName())
@click.option("--message", help="What users of the version are told.")
@click.option("--undo", is_flag=True, help="Remove the warning.")
@common
def command(context: Context, version: tuple[str, str], message: str | None, undo: bool) -> None:
    """Show a warning to those who use a version. It still resolves and installs."""
    from tank_cli.client.api import skill_path
    from tank_cli.client.connection import Connection
    from tank_core.wire.skills import AvailabilityDocument, DeprecationRequest

    if (message is None) is not undo:
        raise UsageError(
            "Give either --message or --undo.",
            why="A deprecation is a message, or its removal.",
            fix="tank deprecate @org/name@VERSION --message TEXT",
        )
    path = skill_path(*version, "deprecation")
    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        if message is None:
            now = api.call("DELETE", path, AvailabilityDocument)
        else:
            now = api.call("PUT", path, AvailabilityDocument, DeprecationRequest(message=message))
    state = f"deprecated: {now.deprecation}" if now.deprecation else "not deprecated"
    context.console.show(now.model_dump(mode="json"), [f"{now.name}@{now.version} is {state}."])
