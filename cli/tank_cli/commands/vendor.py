"""``tank vendor``: one file to install from on a machine without a network."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli import fitting, render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_core.lockfile import Lockfile


@click.command("vendor", epilog=example("tank vendor", "tank vendor --output /media/usb/skills.vendor.tar"))
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write it."
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, output: Path | None, is_global: bool) -> None:
    """Write everything that the lock names into one file, for machines without a network.

    There, `tank install --from FILE` or `tank ci --from FILE` verifies it exactly as an install
    over the network does. The file vouches for nothing itself: the registry's root has to be
    pinned there, with `tank trust URL --fingerprint … --from FILE`. The same lock gives the
    same bytes.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.output_file import check_folder, not_writable
    from tank_cli.project import check_registry, find
    from tank_cli.vendoring import vendor_file
    from tank_cli.vendoring.making import collect, default_place

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    fitting.warn(context, project, lock)
    place = context.cwd / output if output else default_place(context.cwd)
    check_folder(place)
    with Connection(context.config) as connection:
        check_registry(lock, connection.registry)
        _warn(context, connection, lock)
        try:
            size = vendor_file.write(place, collect(connection, lock))
        except BrokenPipeError:  # its reader went away, which is no fault of the file
            raise
        except OSError as error:
            raise not_writable(place, error) from error
    count = len(lock.skills)
    document = {
        "path": str(place),
        "size_bytes": size,
        "skills": {str(n): str(s.version) for n, s in lock.skills.items()},
    }
    text = f"{count} skill{'s' * (count != 1)} with all that verifies them: {place} ({render.size(size)})"
    context.console.show(document, [text])


def _warn(context: Context, connection: Connection, lock: Lockfile) -> None:
    """Says of the lock what an install would, and refuses what was withdrawn or failed since."""
    from tank_cli.installer.standing import warnings
    from tank_cli.waivers import WaiverReader
    from tank_core.consent import NO_CONSENT

    reader = WaiverReader(connection, int(time.time()))
    for warning in warnings(lock.skills, connection.index(), reader, consent=NO_CONSENT):
        context.console.warn(warning)
