"""``tank config``: what is configured, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from tank_cli import completing
from tank_cli.console import printable
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_cli.configuring import Setting


@click.group(
    "config",
    epilog=example(
        "tank config ls", "tank config set audit.min_release_age 72h", "tank config unset registry"
    ),
)
def command() -> None:
    """Show and change your configuration.

    An option wins over the environment, that over the project, and that over your own
    configuration, but for the audit policy: there the stricter of project and user counts.
    """


@command.command("ls", epilog=example("tank config ls", "tank config ls --json"))
@common
def ls(context: Context) -> None:
    """List every setting, its value, and where that comes from. Tokens are not shown."""
    from tank_cli.configuring import settings

    found = settings(context)
    context.console.show({"settings": [one.to_json() for one in found]}, _lines(found))


def _lines(found: Sequence[Setting]) -> Iterator[str]:
    """Yields the settings by where they come from; what is not set comes last."""
    width = max(len(one.key) for one in found)
    for source in dict.fromkeys(one.source for one in sorted(found, key=lambda one: not one.source)):
        yield source or "not set"
        for one in found:
            if one.source == source:
                value = f"{one.value} ({one.note})" if one.note else one.value
                yield f"  {one.key.ljust(width)}  {printable(value)}".rstrip()


@command.command("get", epilog=example("tank config get registry"))
@click.argument("key")
@common
def get(context: Context, key: str) -> None:
    """Print one value, alone."""
    from tank_cli.configuring import ConfigKeyError, setting

    one = setting(context, key)
    if one.is_secret:
        raise ConfigKeyError(
            "A token is not shown.",
            why="Whoever sees it can publish in your name.",
            fix="tank whoami says whose it is; tank config ls, whether there is one.",
        )
    if not one.value and not context.console.as_json:
        raise ConfigKeyError(
            f"{key} is not set.",
            why="Neither option, environment, project nor user sets it.",
            fix="tank config ls",
        )
    context.console.show(one.to_json(), [one.value], folds=False)
    if one.note:
        context.console.say(f"From {one.source}: {one.note}.")


@command.command(
    "set",
    short_help="Set the registry, safe projects, or your audit policy.",
    epilog=example("tank config set registry https://tank.example", "tank config set audit.min_score 7"),
)
@click.argument("key", shell_complete=completing.settable)
@click.argument("value")
@common
def set_(context: Context, key: str, value: str) -> None:
    """Set a value in your configuration.

    The keys: registry; safe-projects, those of other users that you work in; audit.min_score,
    audit.min_release_age and audit.require_provenance.
    """
    from tank_cli.configuring import setting, store

    store(context.config, key, value)
    _said(context, f"{key} is set.")
    effective = setting(context, key)
    if effective.source != "user (config.json)" and key != "registry":
        context.console.say(f"{effective.value} from {effective.source} counts here, because it is stricter.")


@command.command("unset", epilog=example("tank config unset audit.min_score"))
@click.argument("key", shell_complete=completing.settable)
@common
def unset(context: Context, key: str) -> None:
    """Take a value out of your configuration."""
    from tank_cli.configuring import store

    changed = store(context.config, key, None)
    _said(context, f"{key} is no longer set." if changed else f"{key} was not set.")


def _said(context: Context, line: str) -> None:
    context.console.show({"file": str(context.config.config_file)}, [line])
