"""``tank search``: search the registry."""

from __future__ import annotations

import click

from tank_cli import render
from tank_cli.context import Context, common, example


@click.command("search", epilog=example("tank search release notes", "tank search git --limit 5 --json"))
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 50), default=20, show_default=True)
@click.option("--cursor", default="", help="Go on where an earlier page ended.")
@common
def command(context: Context, words: tuple[str, ...], limit: int, cursor: str) -> None:
    """Search for skills by name, keyword and description; exact names come first."""
    from tank_cli.client.connection import Connection
    from tank_core.wire.skills import SearchPage

    query: dict[str, str | int] = {"q": " ".join(words), "limit": limit}
    if cursor:
        query["cursor"] = cursor
    with Connection(context.config) as connection:
        page = connection.api().get("/search", SearchPage, query)
    rows = [
        (hit.name, hit.latest, render.score(hit.audit_score), str(hit.verdict or ""), hit.description)
        for hit in page.items
    ]
    context.console.show(page.model_dump(mode="json"), render.table(rows))
    if not page.items:
        context.console.say("Nothing found.")
    elif page.cursor:
        context.console.say(f"There is more: --cursor {page.cursor}")
