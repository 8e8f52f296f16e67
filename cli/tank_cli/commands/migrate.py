"""``tank migrate``: from the manifest of another system to skills.json."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tank_cli import render
from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, Problem, TankError


class NothingToMigrateError(TankError):
    """There is no file of another system here."""

    code = "nothing-to-migrate"
    exit_code = ExitCode.NOT_FOUND


@click.command("migrate", epilog=example("tank migrate --dry-run", "tank migrate"))
@click.option("--dry-run", is_flag=True, help="Show skills.json as it would be, and write nothing.")
@common
def command(context: Context, dry_run: bool) -> None:
    """Write skills.json from tank.json with tank.lock, or from skills-lock.json, in this folder.

    Lists what has no counterpart. Nothing is overwritten, nothing is removed, and nobody is
    asked: which skill of a registry is the same as one in a repository is for you to say.
    """
    from tank_cli import atomic
    from tank_cli.commands.init import AlreadyThereError
    from tank_cli.project import MANIFEST
    from tank_core.migration import migrate

    is_skill = (context.cwd / "SKILL.md").is_file()
    made = migrate(_files(context.cwd), is_skill=is_skill)
    data = made.manifest_bytes(is_skill=is_skill)
    place = context.cwd / MANIFEST
    if place.exists() and not dry_run:
        raise AlreadyThereError(
            f"{place} is there already.",
            why="Nothing is overwritten.",
            fix="tank migrate --dry-run shows what it would hold; take over what you need.",
        )
    if not dry_run:
        atomic.write(place, data)
    document = {
        "dry_run": dry_run,
        "path": str(place),
        "manifest": json.loads(data),
        "left": _documents(made.left),
        "noted": _documents(made.noted),
    }
    context.console.show(document, data.decode().splitlines() if dry_run else [f"Wrote {place}"])
    if not context.console.as_json:
        for title, problems in (("No counterpart", made.left), ("Taken over, and worth a look", made.noted)):
            lines = [line for p in problems for line in (p.where, f"    {p.what}", f"    fix: {p.fix}")]
            for line in render.section(title, lines):
                context.console.say(line)


def _documents(problems: list[Problem]) -> list[dict[str, str]]:
    return [{"where": one.where, "what": one.what, "fix": one.fix} for one in problems]


def _files(folder: Path) -> dict[str, bytes]:
    from tank_cli.project_files import read_file
    from tank_core.migration import SKILLS_LOCK, TANK_LOCK, TANK_MANIFEST

    names = (TANK_MANIFEST, TANK_LOCK, SKILLS_LOCK)
    found = {name: read_file(folder / name) for name in names if (folder / name).exists()}
    if not found:
        raise NothingToMigrateError(
            f"There is no {', '.join(names[:-1])} or {names[-1]} in {folder}.",
            why="These are the files that Tank can read from other systems.",
            fix="tank init",
        )
    return found
