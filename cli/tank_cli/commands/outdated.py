"""``tank outdated``: what is locked, what the ranges allow, what there is, and what moving on would bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from tank_cli import fitting, render
from tank_cli.context import Context, common, example, offline_option

if TYPE_CHECKING:
    from tank_cli.behind import Behind, Move
    from tank_core.permissions import Entry

_HEAD = ("skill", "current", "wanted", "latest", "new permissions")
_OTHER_HANDS, _OVER = "*", "!"
_SHOWN = 6  # entries of one version; the JSON document has them all


@click.command(
    "outdated", epilog=example("tank outdated", "tank outdated --json", "tank outdated --exit-code")
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@click.option("--exit-code", "tells", is_flag=True, help="End with exit code 1 when any skill is behind.")
@offline_option
@common
def command(context: Context, is_global: bool, tells: bool, offline: bool) -> int:
    """Show each locked skill that is behind: its version, the newest wanted, and the latest.

    Wanted is the highest version in every range that asks for it, latest the highest
    stable one. `tank update` moves to the wanted one where the project's demands allow.
    New permissions are those that the locked version does not ask for.

    Ends with exit code 0 although skills are behind, because nothing failed;
    --exit-code makes that 1, as npm does. Where the registry cannot be reached, the index
    that was kept answers, and its age is told.
    """
    from tank_cli.behind import behind
    from tank_cli.client.connection import Connection
    from tank_cli.offline import index_document, index_of
    from tank_cli.project import check_registry, find

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    fitting.warn(context, project, lock)
    with Connection(context.config) as connection:
        check_registry(lock, connection.registry)
        connection.keys()  # a registry that nobody trusts is asked for nothing
        index, age = index_of(context, connection, lock.skills.keys(), offline=offline)
        documents = {name: index.fetch(name) for name in sorted(lock.skills)}
    rows = list(behind(lock, project.manifest(), documents))
    context.console.show(
        {"skills": [row.to_json() for row in rows], "index": index_document(age)}, _lines(rows)
    )
    if not rows:
        context.console.say("Every skill is at its latest version.")
    return int(tells and bool(rows))


def _lines(rows: Sequence[Behind]) -> Iterator[str]:
    """Yields the table, what its marks mean where there are any, and who else would be behind a version."""
    if not rows:
        return
    yield from render.table([_HEAD, *map(_row, rows)])
    moves = [(row, move) for row in rows for move in row.moves]
    if any(_over(move) for _, move in moves):
        yield ""
        yield f'{_OVER} more than "permissions" in skills.json allows'
    hands = [f"{row.name}@{move.version}: {text}" for row, move in moves for text in move.hands]
    yield from render.section(f"{_OTHER_HANDS} from somebody else than the locked version", hands)


def _row(row: Behind) -> tuple[str, ...]:
    wanted, latest = (f"{move.version}{_OTHER_HANDS * bool(move.hands)}" for move in (row.wanted, row.latest))
    return str(row.name), str(row.current), wanted, latest, _permissions(row.moves)


def _permissions(moves: Sequence[Move]) -> str:
    """Returns what the versions would newly need; by version where they differ."""
    texts = {move.version: _entries(move) for move in moves}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{version}: {text}" for version, text in texts.items())


def _entries(move: Move) -> str:
    from tank_core.permissions import entries

    over = _over(move)
    new = entries(move.new_permissions)
    words = [f"{entry.type} {entry.value}{_OVER * (entry in over)}" for entry in new[:_SHOWN]]
    more = [f"and {len(new) - _SHOWN} more"] if len(new) > _SHOWN else []
    return ", ".join([*words, *more]) or "none"


def _over(move: Move) -> frozenset[Entry]:
    from tank_core.permissions import entries

    return frozenset(entries(move.over_budget))
