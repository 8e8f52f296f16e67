"""``tank deprecate``: show a warning to those who use a version."""

from __future__ import annotations

import shlex

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
@click.argument("version", type=VersionedName(version_required=False))
@click.argument("words", nargs=-1, metavar="")
@click.option("--message", help="What users of the version are told.")
@click.option("--undo", is_flag=True, help="Remove the warning.")
@common
def command(
    context: Context, version: tuple[str, str], words: tuple[str, ...], message: str | None, undo: bool
) -> None:
    """Show a warning to those who use a version. It still resolves and installs."""
    from tank_cli.client.api import skill_path
    from tank_cli.client.connection import Connection
    from tank_core.wire.skills import AvailabilityDocument, DeprecationRequest

    _refuse_npms_form(version, words, message, undo=undo)
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


def _refuse_npms_form(
    named: tuple[str, str], words: tuple[str, ...], message: str | None, *, undo: bool
) -> None:
    """Refuses a message without an option, and a name without a version, with the command that was meant.

    Raises:
        UsageError: usage.
    """
    name, version = named
    if version and not words:
        return
    text = " ".join(words) or message
    is_undone = undo or (bool(words) and not text)  # npm's empty message takes the warning back
    rest = "--undo" if is_undone else f"--message {shlex.quote(text) if text else 'TEXT'}"
    raise UsageError(
        "The message stands behind --message." if version else f"{name} has no version.",
        why="npm takes the message as a second word; here it is an option."
        if version
        else "A version is deprecated, and not all of a skill.",
        fix=f"tank deprecate {name}@{version or 'VERSION'} {rest}",
    )
