"""``tank org``: create an organisation, look at it, manage its members."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from tank_cli import render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_core.wire.bindings import BindingList, TokenRuleDocument

_ROLES = click.Choice(["owner", "publisher"])


@click.group("org", epilog=example("tank org create acme", "tank org member set acme jo publisher"))
def command() -> None:
    """Create an organisation, manage its members."""


@command.command("create", epilog=example("tank org create acme"))
@click.argument("org")
@common
def create(context: Context, org: str) -> None:
    """Create an organisation. You become its owner, and @ORG is its scope."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import OrgDocument, OrgRequest

    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        made = api.call("POST", "/orgs", OrgDocument, OrgRequest(org=org.removeprefix("@")))
    context.console.show(made.model_dump(mode="json"), [f"Created @{made.org}."])


@command.command(
    "show", short_help="Show members, bindings, and the rule on tokens.", epilog=example("tank org show acme")
)
@click.argument("org")
@common
def show(context: Context, org: str) -> None:
    """Show an organisation's members and their roles, its rule on tokens, and how many bindings it has."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import OrgDocument
    from tank_core.wire.bindings import BindingList

    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        found, bound = api.get(_path(org), OrgDocument), api.get(_path(org, "bindings"), BindingList)
    rows = [(publisher, str(role)) for publisher, role in sorted(found.members.items())]
    lines = [*render.table(rows), _rule_line(bound.org, bound.token_rule), _bindings_line(bound)]
    rule = bound.token_rule.model_dump(mode="json")
    document = {**found.model_dump(mode="json"), "token_rule": rule, "bindings": len(bound.items)}
    context.console.show(document, lines)


@command.group("member", epilog=example("tank org member set acme jo publisher"))
def member() -> None:
    """Give and take roles."""


@member.command("set", epilog=example("tank org member set acme jo publisher"))
@click.argument("org")
@click.argument("publisher")
@click.argument("role", type=_ROLES)
@common
def set_(context: Context, org: str, publisher: str, role: str) -> None:
    """Give a publisher a role: owner, or publisher."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import MemberRequest

    body = MemberRequest.model_validate({"role": role})
    with Connection(context.config) as connection:
        connection.authenticated_api().send("PUT", _path(org, "members", publisher), body)
    document = {"org": org.removeprefix("@"), "publisher": publisher, "role": role}
    context.console.show(document, [f"{publisher} is {role} of @{document['org']}."])


@member.command("remove", epilog=example("tank org member remove acme jo"))
@click.argument("org")
@click.argument("publisher")
@common
def remove(context: Context, org: str, publisher: str) -> None:
    """Take a publisher's role away."""
    from tank_cli.client.connection import Connection

    with Connection(context.config) as connection:
        connection.authenticated_api().send("DELETE", _path(org, "members", publisher))
    document = {"org": org.removeprefix("@"), "publisher": publisher, "role": None}
    context.console.show(document, [f"{publisher} is no longer a member of @{document['org']}."])


@command.command(
    "tokens",
    short_help="Forbid or allow publishing with tokens.",
    epilog=example("tank org tokens acme --forbid"),
)
@click.argument("org")
@click.option("--forbid/--allow", "forbidden", required=True, help="Only CI jobs may publish, or tokens too.")
@common
def tokens(context: Context, org: str, forbidden: bool) -> None:
    """Forbid publishing with tokens, so that only bound CI jobs publish; or allow it again.

    Forbidding counts at once, and shows who can still publish. Allowing is announced,
    and counts after the delay.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.publishing import without_tokens
    from tank_core.wire.bindings import BindingList, TokenRuleDocument, TokenRuleRequest

    body = TokenRuleRequest(forbidden=forbidden)
    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        rule = api.call("PUT", _path(org, "token-rule"), TokenRuleDocument, body)
        name, lines = org.removeprefix("@"), []
        if forbidden:
            lines = list(
                without_tokens.lines_of(api.get(_path(org, "bindings"), BindingList), int(time.time()))
            )
    context.console.show({"org": name, **rule.model_dump(mode="json")}, [_rule_line(name, rule), *lines])


def _rule_line(org: str, rule: TokenRuleDocument) -> str:
    if not rule.forbidden:
        return f"@{org} allows publishing with tokens."
    until = "" if rule.until is None else f" until {render.minute(rule.until)}; any owner can keep it so"
    return f"@{org} forbids publishing with tokens{until}."


def _bindings_line(bound: BindingList) -> str:
    if not bound.items:
        return f"@{bound.org} has no bindings."
    announced = sum(item.effective_at > time.time() for item in bound.items)
    which = f", of which {announced} only announced" if announced else ""
    return f"Bindings: {len(bound.items)}{which}; see `tank binding list @{bound.org}`."


def _path(org: str, *rest: str) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in ("orgs", org.removeprefix("@"), *rest))
