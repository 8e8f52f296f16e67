"""``tank cache``: look at, verify and clean what was downloaded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, Problem, TankError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tank_cli.cache import Cache
    from tank_cli.cache_upkeep import Stored


class CacheDamagedError(TankError):
    """Entries of the cache were not what their names say."""

    code = "cache-damaged"
    exit_code = ExitCode.INTEGRITY


@click.group(
    "cache", epilog=example("tank cache ls", "tank cache verify", "tank cache clean --older-than 30d")
)
def command() -> None:
    """Look at, verify and clean the cache, which all projects share.

    It may be deleted at any time; what is missing is fetched again.
    """


@command.command(
    "ls",
    short_help="Show what the cache holds, and what needs it.",
    epilog=example("tank cache ls", "tank cache ls --long", "tank cache ls --json"),
)
@click.option("--long", "is_long", is_flag=True, help="Every entry, with what needs it.")
@common
def ls(context: Context, is_long: bool) -> None:
    """Show what the cache holds, how large it is, and what no known project needs.

    Known are the projects that were installed on this machine.
    """
    from tank_cli.cache_upkeep import CONTENT, GROUPS, inventory

    stored, projects = inventory(_cache(context), context.config)
    groups = {group: [one for one in stored if one.group == group] for group in GROUPS}
    totals = {group: {"entries": len(found), "size_bytes": _size(found)} for group, found in groups.items()}
    document = {
        "path": str(context.config.cache_dir),
        "projects": projects,
        "size_bytes": _size(stored),
        "groups": totals,
        "entries": [_document(one) for one in stored if one.entry.kind in CONTENT],
    }
    rows = [
        (group, f"{len(found)}", render.size(_size(found)), GROUPS[group])
        for group, found in groups.items()
        if found
    ]
    lines = [f"{context.config.cache_dir}  {render.size(_size(stored))}", *render.table(rows)]
    context.console.show(document, [*lines, *(_long(stored) if is_long else ())])


@command.command("verify", epilog=example("tank cache verify", "tank cache verify --keep"))
@click.option("--keep", is_flag=True, help="Name what is damaged, and remove nothing.")
@common
def verify(context: Context, keep: bool) -> None:
    """Hash every entry, and remove those that are damaged.

    A damaged entry is never installed: each is hashed again when it is read. Ends with exit
    code 6 when any was found.
    """
    from tank_cli.cache_upkeep import CONTENT, damaged

    cache = _cache(context)
    count = sum(entry.kind in CONTENT for entry in cache.entries())
    found = list(damaged(cache))
    gone = [entry for entry in found if not keep and cache.discard(entry)]
    if found:
        raise CacheDamagedError(
            f"{len(found)} of {count} entries of the cache are not what their names say.",
            why="The disk, or somebody who may write to the cache, changed them.",
            fix=f"Look at who may write to {context.config.cache_dir}.",
            problems=tuple(
                Problem(
                    entry.name,
                    "It was removed." if entry in gone else f"{entry.path} is damaged.",
                    "It is fetched again when it is needed." if entry in gone else "tank cache verify",
                )
                for entry in found
            ),
        )
    context.console.show({"entries": count, "damaged": []}, [f"{count} entries are what their names say."])


@command.command(
    "clean",
    short_help="Remove what nothing needs any more.",
    epilog=example(
        "tank cache clean --dry-run",
        "tank cache clean",
        "tank cache clean --older-than 30d",
        "tank cache clean --all",
    ),
)
@click.option("--older-than", metavar="AGE", help="Only what was written longer ago, such as 12h, 30d or 8w.")
@click.option(
    "--all", "everything", is_flag=True, help="What is needed too, and the notes of what was verified."
)
@click.option("--dry-run", is_flag=True, help="Show what would go, and remove nothing.")
@common
def clean(context: Context, older_than: str | None, everything: bool, dry_run: bool) -> None:
    """Remove what no known project and no index needs, when it is older than an hour.

    Safe beside running installs, which fetch again what is gone. Files in the cache's
    folder that Tank did not make stay.
    """
    from tank_cli.cache_upkeep import age_seconds, disposable, inventory
    from tank_cli.failures import UsageError

    seconds = None if older_than is None else age_seconds(older_than)
    if older_than is not None and seconds is None:
        raise UsageError(
            f"“{older_than}” is not an age.", why="It is a number and a unit.", fix="--older-than 30d"
        )
    cache = _cache(context)
    stored, _ = inventory(cache, context.config)
    chosen = disposable(stored, time.time(), older_than_seconds=seconds, everything=everything)
    gone = [one for one in chosen if dry_run or cache.discard(one.entry)]
    document = {
        "dry_run": dry_run,
        "entries": len(gone),
        "size_bytes": _size(gone),
        "left_bytes": _size(stored) - (0 if dry_run else _size(gone)),
    }
    verb = "Would remove" if dry_run else "Removed"
    context.console.show(document, [f"{verb} {len(gone)} entries, {render.size(_size(gone))}."])
    young = set(disposable(stored, time.time(), older_than_seconds=0, everything=False)) - set(chosen)
    if young and seconds is None:
        context.console.say(
            f"{len(young)} more that nothing needs stay for an hour, for an install that may be running."
        )


def _cache(context: Context) -> Cache:
    from tank_cli.cache import Cache

    return Cache(context.config.cache_dir)


def _size(stored: Iterable[Stored]) -> int:
    return sum(one.entry.size_bytes for one in stored)


def _document(stored: Stored) -> dict[str, object]:
    return {
        "kind": str(stored.entry.kind),
        "digest": stored.entry.name,
        "size_bytes": stored.entry.size_bytes,
        "written_at": int(stored.entry.written_at),
        "use": stored.use,
    }


def _long(stored: Iterable[Stored]) -> Iterator[str]:
    rows = [
        (
            one.entry.name[7:23],
            render.size(one.entry.size_bytes),
            render.day(int(one.entry.written_at)),
            one.use,
        )
        for one in stored
        if one.group in ("locked", "index", "unreferenced")
    ]
    yield ""
    yield from render.table([("sha256", "size", "written", "needed by"), *rows])
