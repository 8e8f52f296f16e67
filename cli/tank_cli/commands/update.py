"""``tank update``: move to the newest versions that the ranges allow."""

from __future__ import annotations

from dataclasses import replace

import click

from tank_cli import completing
from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, resolves, run


@click.command("update", epilog=example("tank update", "tank update @acme/notes --dry-run"))
@click.argument("skills", nargs=-1, shell_complete=completing.locked_skills)
@common
@resolves
def command(
    context: Context,
    skills: tuple[str, ...],
    asked: Asked,
) -> None:
    """Move to the newest versions that the ranges in skills.json allow: all, or those named.

    Files that you changed are not overwritten, and a change of publisher stops it,
    unless you say otherwise.
    """
    from tank_cli.named import among

    project = asked.project(context)
    lock = project.lock()
    known = project.manifest().skills.keys() | (lock.skills.keys() if lock else set())
    why = "Only what the project uses can be updated."
    named = [among(known, skill, where="skills.json", why=why, instead="tank add") for skill in skills]
    unlocked = named or None
    run(context, project, replace(asked.options(), unlocked=unlocked))
