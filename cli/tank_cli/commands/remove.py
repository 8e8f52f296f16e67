"""``tank remove``: remove skills from the project."""

from __future__ import annotations

from dataclasses import replace

import click

from tank_cli import completing
from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, resolves, run


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
    from tank_cli.project import NotInProjectError
    from tank_core.manifest import edit_project_manifest
    from tank_core.names import SkillName

    project = asked.project(context)
    present = project.manifest().skills
    names = [SkillName.parse(skill) for skill in skills]
    unknown = [name for name in names if name not in present]
    if unknown:
        raise NotInProjectError.named(unknown[0], "Only what the project itself names can be removed.")
    manifest = edit_project_manifest(project.manifest_bytes(), set_skills={}, remove=[str(n) for n in names])
    run(context, project, replace(asked.options(), manifest=manifest))
