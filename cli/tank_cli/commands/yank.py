"""``tank yank`` and ``tank unyank``: take a version out of new resolutions, and put it back."""

from __future__ import annotations

import click

from tank_cli.context import Context, common, example
from tank_cli.versioned_name import VersionedName


@click.command("yank", epilog=example("tank yank @acme/notes@1.2.0 --reason 'loses the last line'"))
@click.argument("version", type=VersionedName())
@click.option("--reason", required=True, help="What users of the version are told.")
@common
def command(context: Context, version: tuple[str, str], reason: str) -> None:
    """Take a version out of new resolutions.

    Locks that hold it still install it, with a warning. Nothing is deleted.
    """
    _change(context, version, reason)


@click.command("unyank", epilog=example("tank unyank @acme/notes@1.2.0"))
@click.argument("version", type=VersionedName())
@common
def unyank(context: Context, version: tuple[str, str]) -> None:
    """Put a yanked version back into resolution."""
    _change(context, version, None)


def _change(context: Context, version: tuple[str, str], reason: str | None) -> None:
    from tank_cli.client.api import skill_path
    from tank_cli.client.connection import Connection
    from tank_core.wire.skills import AvailabilityDocument, ReasonRequest

    path = skill_path(*version, "yank")
    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        if reason is None:
            now = api.call("DELETE", path, AvailabilityDocument)
        else:
            now = api.call("PUT", path, AvailabilityDocument, ReasonRequest(reason=reason))
    text = f"{now.name}@{now.version} is {now.availability}."
    context.console.show(now.model_dump(mode="json"), [text])
