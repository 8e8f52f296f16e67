"""``tank binding``: which identities may sign for an organisation's skills."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from tank_cli import render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_core.wire.bindings import BindingDocument, BindingList, OrgBindingDocument


@click.group("binding", epilog=example("tank binding list @acme"))
def command() -> None:
    """Say which CI workflow, or which person, may sign for an organisation's skills.

    While a binding is in force for a skill, every version of it must be signed by one of
    its identities. What lets somebody new in counts after a delay, is announced to
    everybody at once, and can be cancelled by any owner until then.
    """


@command.command(
    "add",
    short_help="Say who may sign for an organisation's skills.",
    epilog=example(
        "tank binding add @acme --publisher acme-ci --github acme/skills \\",
        "  --owner-id 1 --repository-id 2 --workflow release.yml --ref 'refs/tags/v*'",
        "tank binding add @acme/notes --publisher jo \\",
        "  --issuer https://accounts.example --subject jo@acme.example",
    ),
)
@click.argument("target", metavar="@ORG[/SKILL]")
@click.option("--publisher", required=True, help="Whom the identity acts as: a member's id.")
@click.option("--github", default="", metavar="OWNER/REPOSITORY", help="A workflow of this repository.")
@click.option("--gitlab", default="", metavar="GROUP/PROJECT", help="The pipeline of this project.")
@click.option("--owner-id", default="", help="The owner's or namespace's number.")
@click.option("--repository-id", default="", help="The repository's or project's number.")
@click.option("--workflow", default="", help="Its file; for GitLab, .gitlab-ci.yml is meant.")
@click.option("--ref", "refs", multiple=True, help="A git ref it may run from, as refs/tags/v*.")
@click.option("--trigger", "triggers", multiple=True, help="An event that may start it; push is meant.")
@click.option("--reusable", "reusable_workflows", multiple=True, help="URI of a workflow that it may call.")
@click.option("--any-runner", is_flag=True, help="Self-hosted runners may sign, too.")
@click.option("--environment", default="", help="The deployment environment it must run in.")
@click.option("--issuer", default="", help="A person's OIDC issuer, or a GitLab of your own.")
@click.option("--subject", default="", help="A person's e-mail address.")
@common
def add(context: Context, target: str, **options: Any) -> None:
    """Bind an identity: for all skills of an organisation, or in their place for one skill."""
    from tank_cli.client.connection import Connection
    from tank_cli.publishing.bound import Given, binding_of, doubts_about, target_of
    from tank_cli.signing.issuers import issuers_of_people
    from tank_core.wire.bindings import BindingFields, BindingRequest, OrgBindingDocument

    org, skill = target_of(target)
    binding = binding_of(Given(**options))
    request = BindingRequest(binding=BindingFields.model_validate(binding.to_json()), skill=skill)
    with Connection(context.config) as connection:
        if binding.subject:
            for doubt in doubts_about(binding, issuers_of_people(connection.sigstore())):
                context.console.warn(doubt)
        added = connection.authenticated_api().call("POST", _path(org), OrgBindingDocument, request)
    context.console.show(added.model_dump(mode="json"), _added_lines(org, added))


@command.command("list", epilog=example("tank binding list @acme"))
@click.argument("org", metavar="@ORG")
@common
def list_(context: Context, org: str) -> None:
    """Show an organisation's bindings, announced changes included. Everybody may see them."""
    from tank_cli.client.connection import Connection
    from tank_cli.publishing.bound import target_of
    from tank_core.wire.bindings import BindingList

    name, _ = target_of(org)
    with Connection(context.config) as connection:
        listed = connection.api_with("").get(_path(name), BindingList)
    context.console.show(listed.model_dump(mode="json"), _list_lines(listed))


@command.command("remove", epilog=example("tank binding remove @acme 01J8ZQ4Y2N"))
@click.argument("org", metavar="@ORG")
@click.argument("binding_id")
@common
def remove(context: Context, org: str, binding_id: str) -> None:
    """Take a binding away, or cancel one that does not count yet.

    Removing the last one that is in force counts after the delay, because it lets
    publishers in who need not sign.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.publishing.bound import target_of
    from tank_core.wire.bindings import BindingList

    name, _ = target_of(org)
    path = f"{_path(name)}/{quote(binding_id, safe='')}"
    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        before = _of_id(api.get(_path(name), BindingList), binding_id)
        listed = api.call("DELETE", path, BindingList)
    line = _removed_line(binding_id, before, _of_id(listed, binding_id))
    context.console.show(listed.model_dump(mode="json"), [line])


def _path(org: str) -> str:
    return f"/orgs/{quote(org, safe='')}/bindings"


def _of_id(listed: BindingList, binding_id: str) -> OrgBindingDocument | None:
    return next((item for item in listed.items if item.binding_id == binding_id), None)


def _removed_line(binding_id: str, before: OrgBindingDocument | None, rest: OrgBindingDocument | None) -> str:
    if rest is not None and rest.ends_at is not None:
        return f"{binding_id} ends {render.minute(rest.ends_at)}; until then it counts."
    if before is not None and before.effective_at > time.time():
        return f"Cancelled {binding_id}: it was announced, and never counted."
    return f"Removed {binding_id}."


def _added_lines(org: str, added: OrgBindingDocument) -> Iterator[str]:
    yield f"Bound for {_covers(added.skill, org)}: {added.binding_id}"
    yield from (f"  {line}" for line in render.pairs(list(_facts(added.binding))))
    yield f"It counts {_from(added)}."
    if added.effective_at > time.time():
        yield f"Until then any owner can cancel it: tank binding remove @{org} {added.binding_id}"


def _list_lines(listed: BindingList) -> Iterator[str]:
    for item in listed.items:
        yield f"{item.binding_id}  {_covers(item.skill, listed.org)}, {_from(item)}{_until(item)}"
        yield from (f"  {line}" for line in render.pairs(list(_facts(item.binding))))
    if not listed.items:
        yield f"@{listed.org} binds nobody: its members publish with tokens, unsigned."
    if listed.token_rule.forbidden:
        until = "" if listed.token_rule.until is None else f" until {render.minute(listed.token_rule.until)}"
        yield f"Publishing with tokens is forbidden{until}."


def _facts(document: BindingDocument) -> Iterator[tuple[str, str]]:
    from tank_cli.publishing.bound import lines_of
    from tank_core.binding import Binding

    return lines_of(Binding.from_json(document.model_dump()))


def _covers(skill: str, org: str) -> str:
    return skill or f"all skills of @{org} without bindings of their own"


def _from(item: OrgBindingDocument) -> str:
    return "now" if item.effective_at <= time.time() else f"from {render.minute(item.effective_at)} on"


def _until(item: OrgBindingDocument) -> str:
    return "" if item.ends_at is None else f", until {render.minute(item.ends_at)}"
