"""``tank owner``: who may publish a skill, in npm's words. A right is one on the whole organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from tank_cli import render
from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, TankError

if TYPE_CHECKING:
    from tank_core.wire.accounts import OrgDocument

_ROLES = click.Choice(["publisher", "owner"])


class OrgWideRightError(TankError):
    """A right was to be given or taken for one skill, and there are only rights on an organisation."""

    code = "org-wide-right"
    exit_code = ExitCode.POLICY


@click.group("owner", epilog=example("tank owner ls @acme/notes", "tank owner add jo @acme"))
def command() -> None:
    """Show, give and take the right to publish. It is one on all skills of an organisation."""


@command.command(
    "ls",
    short_help="List who may publish.",
    epilog=example("tank owner ls @acme/notes", "tank owner ls @acme --json"),
)
@click.argument("scope", metavar="@ORG[/NAME]")
@common
def ls(context: Context, scope: str) -> None:
    """List who may publish: owners, who also manage the organisation, and publishers."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import OrgDocument

    org, _ = _scope(scope)
    with Connection(context.config) as connection:
        found = connection.authenticated_api().get(_path(org), OrgDocument)
    context.console.show(_document(found), render.table(_rows(found)))
    context.console.say(
        f"Each may publish every skill of @{org}; `tank binding list @{org}` shows who may sign."
    )


@command.command("add", epilog=example("tank owner add jo @acme", "tank owner add jo @acme --role owner"))
@click.argument("publisher")
@click.argument("scope", metavar="@ORG[/NAME]")
@click.option(
    "--role", type=_ROLES, default="publisher", show_default=True, help="An owner also manages members."
)
@common
def add(context: Context, publisher: str, scope: str, role: str) -> None:
    """Let somebody publish. With @org/name it asks first, because the right is one on all of @org."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import MemberRequest

    org, is_skill = _scope(scope)
    _agree(context, f"tank owner add {publisher} @{org} --role {role}", org, is_skill=is_skill)
    body = MemberRequest.model_validate({"role": role})
    with Connection(context.config) as connection:
        connection.authenticated_api().send("PUT", _path(org, "members", publisher), body)
    lines = [f"{publisher} may publish every skill of @{org} now, as {role}."]
    context.console.show({"org": org, "publisher": publisher, "role": role}, lines)


@command.command("rm", epilog=example("tank owner rm jo @acme"))
@click.argument("publisher")
@click.argument("scope", metavar="@ORG[/NAME]")
@common
def rm(context: Context, publisher: str, scope: str) -> None:
    """Take the right to publish away. What somebody published stays, and so do their bindings."""
    from tank_cli.client.connection import Connection

    org, is_skill = _scope(scope)
    _agree(context, f"tank owner rm {publisher} @{org}", org, is_skill=is_skill)
    with Connection(context.config) as connection:
        connection.authenticated_api().send("DELETE", _path(org, "members", publisher))
    document = {"org": org, "publisher": publisher, "role": None}
    context.console.show(document, [f"{publisher} may publish no skill of @{org} any more."])


def _scope(text: str) -> tuple[str, bool]:
    """Returns an organisation's name, and whether one of its skills was named.

    Raises:
        InvalidNameError: invalid-name.
    """
    from tank_core.names import SkillName, parse_org

    if "/" in text:
        return SkillName.parse(text).org, True
    return parse_org(text.removeprefix("@")), False


def _agree(context: Context, command_line: str, org: str, *, is_skill: bool) -> None:
    """Passes when a person knows that a right is not about one skill alone.

    Raises:
        OrgWideRightError: org-wide-right.
    """
    what = f"A right is one on every skill of @{org}, and not on one alone."
    if not is_skill:
        return
    if context.can_ask:
        context.console.say(what)
        if context.agrees("Go on?"):
            return
    raise OrgWideRightError(
        what,
        why="The registry knows members of organisations; nothing was changed.",
        fix=f"If that is what you want: {command_line}",
    )


def _rows(found: OrgDocument) -> list[tuple[str, str]]:
    members = sorted(found.members.items(), key=lambda item: (str(item[1]), item[0]))
    return [(publisher, str(role)) for publisher, role in members]


def _document(found: OrgDocument) -> dict[str, object]:
    return {
        "org": found.org,
        "owners": [{"publisher": publisher, "role": role} for publisher, role in _rows(found)],
    }


def _path(org: str, *rest: str) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in ("orgs", org, *rest))
