"""``tank ci``: install exactly the lock, and never write it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from tank_cli.context import Context, common, example
from tank_cli.install_options import FROM, Asked, from_file, installs, run


@click.command("ci", epilog=example("tank ci", "tank ci --json", "tank ci --from skills.vendor.tar"))
@FROM
@common
@installs
def command(
    context: Context,
    source: Path | None,
    asked: Asked,
) -> None:
    """Install exactly the lock, and never write it.

    Ends with exit code 9 when the lock is missing or does not fit skills.json.
    """
    project = asked.project(context)
    project.require_lock()
    options = replace(asked.options(), is_frozen=True)
    run(context, project, from_file(context, options, source))
