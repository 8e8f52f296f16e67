"""``tank search``: search the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.console import printable
from tank_cli.context import Context, common, example
from tank_cli.folding import WIDTH

if TYPE_CHECKING:
    from tank_core.wire.skills import SearchHit

_BESIDE = 54  # columns that the rest of the table takes at most, but for a version of unusual length
_HEAD = ("skill", "latest", "score", "verdict", "changed")


@click.command("search", epilog=example("tank search release notes", "tank search git --limit 5 --json"))
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 50), default=20, show_default=True)
@click.option("--cursor", default="", help="Go on where an earlier page ended.")
@common
def command(context: Context, words: tuple[str, ...], limit: int, cursor: str) -> None:
    """Search for skills by name, keyword and description; an exact name comes first.

    Of each: its latest version, the score and the verdict of that, and the day of the last
    change; below it what it is for. `tank info NAME` shows what it may do.
    """
    from tank_cli.client.connection import Connection
    from tank_core.wire.skills import SearchPage

    query: dict[str, str | int] = {"q": " ".join(words), "limit": limit}
    if cursor:
        query["cursor"] = cursor
    with Connection(context.config) as connection:
        page = connection.api().get("/search", SearchPage, query)
    hits = _exact_first(page.items, " ".join(words))
    context.console.show(
        {**page.model_dump(mode="json"), "items": [_document(hit) for hit in hits]}, _lines(hits)
    )
    if not page.items:
        context.console.say("Nothing found. Every word must be found; the start of a word is enough.")
    elif page.cursor:
        context.console.say(f"There is more: --cursor {page.cursor}")


def _exact_first(hits: Iterable[SearchHit], query: str) -> list[SearchHit]:
    """Returns the hits in the registry's order, but for the one that was typed in full."""
    typed = query.lower().removeprefix("@")
    return sorted(hits, key=lambda hit: hit.name.removeprefix("@") != typed)


def _lines(hits: Sequence[SearchHit]) -> Iterator[str]:
    """Yields a table with two more lines per row: descriptions have no width that a column could hold.

    Where a name is so long that the columns have no place beside it, names stand alone.
    """
    if not hits:
        return
    table = [_HEAD, *map(_row, hits)]
    longest = max(len(row[0]) for row in table)
    is_narrow = longest + _BESIDE <= WIDTH
    head, *rows = render.table(table if is_narrow else [row[1:] for row in table])
    yield head if is_narrow else f"{_HEAD[0]}\n    {head}"
    for row, hit in zip(rows, hits, strict=True):
        yield row if is_narrow else f"{printable(hit.name)}\n    {row}"
        if hit.description:
            yield f"    {printable(hit.description)}"
        if hit.keywords:
            yield f"    keywords: {printable(', '.join(hit.keywords))}"


def _row(hit: SearchHit) -> tuple[str, ...]:
    day = render.day(hit.updated_at)
    return hit.name, hit.latest or "none", render.score(hit.audit_score), str(hit.verdict or ""), day


def _document(hit: SearchHit) -> dict[str, object]:
    return hit.model_dump(mode="json")
