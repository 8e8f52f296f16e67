"""``tank remove``: remove skills from the project."""

from __future__ import annotations

from dataclasses import replace

import click

from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, installs, run
from tank_core.errors import ExitCode, TankError


class NotInProjectError(TankError):
    """The project does not name a skill."""

    code = "not-in-project"
    exit_code = ExitCode.NOT_FOUND


@click.command("remove", epilog=example("tank remove @acme/notes"))
@click.argument("skills", nargs=-1, required=True)
@common
@installs
def command(
    context: Context,
    skills: tuple[str, ...],
    asked: Asked,
) -> None:
    """Remove skills from skills.json, and from the project what nothing else needs."""
    from tank_core.manifest import edit_project_manifest
    from tank_core.names import SkillName

    project = asked.project(context)
    present = project.manifest().skills
    names = [SkillName.parse(skill) for skill in skills]
    unknown = [name for name in names if name not in present]
    if unknown:
        raise NotInProjectError(
            f"skills.json does not name {unknown[0]}.",
            why="Only what the project itself names can be removed.",
            fix="tank list",
        )
    manifest = edit_project_manifest(project.manifest_bytes(), set_skills={}, remove=[str(n) for n in names])
    run(context, project, replace(asked.options(), manifest=manifest))
