"""``tank install``: install what the lock says; with names, add them."""

from __future__ import annotations

from pathlib import Path

import click

from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, from_file, resolves, run, takes_file


@click.command(
    "install", epilog=example("tank install", "tank install --dry-run", "tank install @acme/notes")
)
@click.argument("skills", nargs=-1)
@takes_file
@common
@resolves
def command(
    context: Context,
    skills: tuple[str, ...],
    source: Path | None,
    asked: Asked,
) -> None:
    """Install what the lock says; make the lock where there is none, or where it does not fit.

    With names it adds them, as `tank add` does. Before any download the permissions
    of the whole tree are held against the project's budget. With --from, a project
    without a lock gets the one in the file.
    """
    project = asked.project(context)
    if skills and source is not None:
        raise click.UsageError("--from installs a lock, and takes no names.")
    if skills:
        from tank_cli.adding import add

        add(context, project, skills, is_exact=False, options=asked.options())
    else:
        run(context, project, from_file(context, asked.options(), source))
