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
    from tank_cli.project import NotInProjectError
    from tank_core.names import SkillName

    project = asked.project(context)
    unlocked = [SkillName.parse(skill) for skill in skills] if skills else None
    lock = project.lock()
    known = project.manifest().skills.keys() | (lock.skills.keys() if lock else set())
    unknown = [name for name in unlocked or () if name not in known]
    if unknown:
        raise NotInProjectError.named(unknown[0], "Only what the project uses can be updated.")
    run(context, project, replace(asked.options(), unlocked=unlocked))
