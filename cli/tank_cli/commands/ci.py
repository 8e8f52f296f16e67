"""``tank ci``: install exactly the lock, and never write it."""

from __future__ import annotations

from pathlib import Path

import click

from tank_cli.context import Context, common, example
from tank_cli.install_options import Asked, installs, run_frozen, takes_file


@click.command("ci", epilog=example("tank ci", "tank ci --json", "tank ci --from skills.vendor.tar"))
@takes_file
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
    run_frozen(context, asked, source)
