"""``tank remove``: remove skills from the project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tank_cli import completing
from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, resolves, run

if TYPE_CHECKING:
    from tank_core.lockfile import Lockfile
    from tank_core.names import SkillName


@click.command("remove", epilog=example("tank remove @acme/notes"))
@click.argument("skills", nargs=-1, required=True, shell_complete=completing.named_skills)
@common
@resolves
def command(
    context: Context,
    skills: tuple[str, ...],
    asked: Asked,
) -> None:
    """Remove skills from skills.json, and from the project what nothing else needs."""
    from tank_cli.named import among
    from tank_core.manifest import edit_project_manifest

    project = asked.project(context)
    present = project.manifest().skills
    why = "Only what the project itself names can be removed."
    names = [among(present, skill, where="skills.json", why=why) for skill in skills]
    manifest = edit_project_manifest(project.manifest_bytes(), set_skills={}, remove=[str(n) for n in names])
    outcome = run(context, project, replace(asked.options(), manifest=manifest))
    for name in names:
        if name in outcome.lock.skills:
            context.console.say(_stays(name, outcome.lock))


def _stays(name: SkillName, lock: Lockfile) -> str:
    """Returns why a skill is still there that the project does not name any more."""
    who = [str(other) for other, skill in lock.skills.items() if name in skill.dependencies]
    return f"{name} stays: {' and '.join(who)} need{'s' * (len(who) == 1)} it."
