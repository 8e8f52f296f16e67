"""``tank appeal``: object to a finding; and, for a registry's reviewers, decide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from tank_cli import render
from tank_cli.context import Context, common, example
from tank_cli.versioned_name import VersionedName

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_core.wire.appeals import AppealDocument

_DAYS = 90  # a reviewer who says nothing looks again after a season
_MAX_DAYS = 365  # as the registry accepts; tank_core.waivers, which --help must not load


@click.group("appeal", epilog=example("tank appeal list @acme/notes@1.2.0"))
def command() -> None:
    """Object to a finding in exactly these bytes; for reviewers: grant or decline.

    A granted appeal is a waiver: signed by the registry, with an author, a reason and an
    end, and shown to everybody who installs the version. The finding stays in every
    report; it counts one verdict level less, and never better than pass_with_notes.
    """


@command.command(
    "file",
    short_help="Object to one finding, in exactly these bytes.",
    epilog=example(
        "tank appeal file @acme/notes@1.2.0 --folder . \\",
        "  --rule pipe-to-shell-unusual-host --file SKILL.md --line 7 \\",
        "  --reason 'An example of what not to do'",
    ),
)
@click.argument("version", type=VersionedName())
@click.option("--rule", required=True, help="The rule's id, as the finding names it.")
@click.option("--file", "path", required=True, help="The file inside the package.")
@click.option("--line", type=click.IntRange(min=0), default=0, help="The line; without it the whole file.")
@click.option("--reason", required=True, help="Why the finding is wrong, on one line. It becomes public.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The skill as it was refused; without it, the published version is meant.",
)
@common
def file(
    context: Context,
    version: tuple[str, str],
    rule: str,
    path: str,
    line: int,
    reason: str,
    folder: Path | None,
) -> None:
    """Object to one finding, in the bytes of a folder or of a published version.

    The appeal names the digests of the archive, so a waiver never covers other bytes:
    publish the same folder again once it is granted.
    """
    from tank_cli.client.connection import Connection
    from tank_core.wire.appeals import AppealDocument, AppealRequest

    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        digest, integrity = _bytes_of(context, connection, version, folder)
        request = AppealRequest(
            name=version[0],
            version=version[1],
            digest=digest,
            integrity=integrity,
            rule_id=rule,
            file=path,
            line=line,
            reason=reason,
        )
        filed = api.call("POST", "/appeals", AppealDocument, request)
    _show(context, filed)


@command.command(
    "list",
    short_help="List the appeals about a version, or all that wait.",
    epilog=example("tank appeal list", "tank appeal list @acme/notes@1.2.0 --json"),
)
@click.argument("version", type=VersionedName(), required=False)
@common
def list_appeals(context: Context, version: tuple[str, str] | None) -> None:
    """List the appeals about a version; without one, all that wait for a decision (reviewers)."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.appeals import AppealPage

    found: list[AppealDocument] = []
    query: dict[str, str | int] = {"limit": 100}
    if version is not None:
        query |= {"name": version[0], "version": version[1]}
    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        while True:
            page = api.get("/appeals", AppealPage, query)
            found += page.items
            if not page.cursor:
                break
            query["cursor"] = page.cursor
    rows = [(a.appeal_id, a.state, f"{a.name}@{a.version}", f"{a.rule_id} in {_place(a)}") for a in found]
    document = {"items": [appeal.model_dump(mode="json") for appeal in found]}
    context.console.show(document, render.table(rows) or ["No appeals."])


@command.command("show", epilog=example("tank appeal show 01J8ZQ4Y2N"))
@click.argument("appeal_id")
@common
def show(context: Context, appeal_id: str) -> None:
    """Show an appeal and what became of it."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.appeals import AppealDocument

    with Connection(context.config) as connection:
        found = connection.authenticated_api().get(_path(appeal_id), AppealDocument)
    _show(context, found)


@command.command(
    "grant", epilog=example("tank appeal grant 01J8ZQ4Y2N --days 90 --reason 'It only quotes it'")
)
@click.argument("appeal_id")
@click.option("--reason", required=True, help="What everybody who installs the version is told.")
@click.option(
    "--days", type=click.IntRange(1, _MAX_DAYS), default=_DAYS, show_default=True, help="Until it ends."
)
@common
def grant(context: Context, appeal_id: str, reason: str, days: int) -> None:
    """Grant an appeal: sign a waiver that expires (reviewers)."""
    _decide(context, appeal_id, reason, days)


@command.command("decline", epilog=example("tank appeal decline 01J8ZQ4Y2N --reason 'The code runs it'"))
@click.argument("appeal_id")
@click.option("--reason", required=True, help="What the publisher is told.")
@common
def decline(context: Context, appeal_id: str, reason: str) -> None:
    """Decline an appeal; the finding stands (reviewers)."""
    _decide(context, appeal_id, reason, None)


@command.command("revoke", epilog=example("tank appeal revoke 01J8ZQ4Y2N --reason 'It is run after all'"))
@click.argument("appeal_id")
@click.option("--reason", required=True, help="What everybody who has the version is told.")
@common
def revoke(context: Context, appeal_id: str, reason: str) -> None:
    """Take a waiver back before it expires (reviewers). The signed record stays, marked as revoked."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.appeals import AppealDocument, RevocationRequest

    path, request = f"{_path(appeal_id)}/revocation", RevocationRequest(reason=reason)
    with Connection(context.config) as connection:
        revoked = connection.authenticated_api().call("PUT", path, AppealDocument, request)
    _show(context, revoked)


def _decide(context: Context, appeal_id: str, reason: str, days: int | None) -> None:
    from tank_cli.client.connection import Connection
    from tank_core.wire.appeals import AppealDocument, DecisionRequest

    request = DecisionRequest(granted=days is not None, reason=reason, days=days)
    with Connection(context.config) as connection:
        api = connection.authenticated_api()
        decided = api.call("PUT", f"{_path(appeal_id)}/decision", AppealDocument, request)
    _show(context, decided)


def _bytes_of(
    context: Context, connection: Connection, version: tuple[str, str], folder: Path | None
) -> tuple[str, str]:
    """Returns digest and integrity of what is appealed for."""
    if folder is None:
        from tank_cli.client.api import skill_path
        from tank_core.wire.skills import VersionDocument

        published = connection.api().get(skill_path(*version), VersionDocument)
        return published.digest, published.integrity
    from tank_cli.failures import UsageError
    from tank_cli.publishing.prepare import prepare

    package = prepare(context.cwd / folder)
    if package.label != "@".join(version):
        raise UsageError(
            f"{folder} is {package.label}, not {'@'.join(version)}.",
            why="An appeal names exact bytes, under the name and version that they have in skills.json.",
            fix=f"tank appeal file {package.label} …",
        )
    return package.digest, package.integrity


def _path(appeal_id: str) -> str:
    return f"/appeals/{quote(appeal_id, safe='')}"


def _place(appeal: AppealDocument) -> str:
    return f"{appeal.file}:{appeal.line}" if appeal.line else appeal.file


def _show(context: Context, appeal: AppealDocument) -> None:
    context.console.show(appeal.model_dump(mode="json"), _lines(appeal))


def _lines(appeal: AppealDocument) -> Iterator[str]:
    facts = [
        ("appeal", appeal.appeal_id),
        ("state", f"{appeal.state}{', revoked' * (appeal.revoked_at is not None)}"),
        ("about", f"{appeal.name}@{appeal.version}"),
        ("finding", f"{appeal.rule_id} in {_place(appeal)}"),
        ("digest", appeal.digest),
        ("filed", f"{render.day(appeal.filed_at)} by {appeal.appellant}: {appeal.reason}"),
    ]
    if appeal.decided_by:
        facts.append(
            ("decided", f"{render.day(appeal.decided_at)} by {appeal.decided_by}: {appeal.decision}")
        )
    if appeal.expires_at is not None:
        facts += [("expires", render.day(appeal.expires_at)), ("waiver", appeal.waiver_digest)]
    if appeal.revoked_at is not None:
        facts.append(
            ("revoked", f"{render.day(appeal.revoked_at)} by {appeal.revoked_by}: {appeal.revocation}")
        )
    yield from render.pairs(facts)
