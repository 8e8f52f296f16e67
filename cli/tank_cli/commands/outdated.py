"""``tank outdated``: what is locked, what the ranges allow, and what there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tank_core.index import IndexDocument
    from tank_core.lockfile import Lockfile
    from tank_core.names import SkillName
    from tank_core.ranges import Range
    from tank_core.semver import Version

    Row = tuple[str, str, str, str]


@click.command("outdated", epilog=example("tank outdated", "tank outdated --json"))
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Show each locked skill that is behind: its version, the newest wanted, and the latest.

    Wanted is the highest version in every range that asks for it, latest the highest
    stable one. `tank update` moves to the wanted one where the project's demands allow.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.project import check_registry, find

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    with Connection(context.config) as connection:
        check_registry(lock, connection.registry)
        index = connection.index()
        index.prefetch(lock.skills)
        documents = {name: index.fetch(name) for name in sorted(lock.skills)}
    rows = list(_behind(lock, project.manifest().skills, documents))
    keys = ("name", "current", "wanted", "latest")
    table = render.table([("skill", *keys[1:]), *rows]) if rows else []
    context.console.show({"skills": [dict(zip(keys, row, strict=True)) for row in rows]}, table)
    if not rows:
        context.console.say("Every skill is at its latest version.")


def _behind(
    lock: Lockfile, roots: Mapping[SkillName, Range], documents: Mapping[SkillName, IndexDocument]
) -> Iterator[Row]:
    """Yields name, current, wanted and latest of each skill where they differ, by name."""
    asking = [roots, *(skill.dependencies for skill in lock.skills.values())]
    for name, document in documents.items():
        current = lock.skills[name].version
        ranges = [ranges[name] for ranges in asking if name in ranges]
        wanted = document.highest(partial(_is_in_all, ranges)) or current
        latest = document.newest() or current
        if not current == wanted == latest:
            yield str(name), str(current), str(wanted), str(latest)


def _is_in_all(ranges: Iterable[Range], version: Version) -> bool:
    return all(one.contains(version) for one in ranges)
