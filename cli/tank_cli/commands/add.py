"""``tank add``: add skills to the project."""

from __future__ import annotations

import click

from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, resolves


@click.command("add", epilog=example("tank add @acme/notes", "tank add '@acme/notes@^1.2' --agent claude"))
@click.argument("skills", nargs=-1, required=True)
@click.option("--exact", is_flag=True, help="Write the version itself, not its caret range.")
@common
@resolves
def command(
    context: Context,
    skills: tuple[str, ...],
    exact: bool,
    asked: Asked,
) -> None:
    """Add skills to skills.json and install them.

    Without a range it writes a caret range of the newest stable version.
    """
    from tank_cli.adding import add

    project = asked.project(context)
    add(context, project, skills, is_exact=exact, options=asked.options())
