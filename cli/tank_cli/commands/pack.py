"""``tank pack``: make the archive that would be published, and show what is in it."""

from __future__ import annotations

from pathlib import Path

import click

from tank_cli.context import Context, common, example


@click.command(
    "pack",
    epilog=example("tank pack --dry-run", "tank pack ./my-skill", "tank pack --output /tmp/my-skill.tar.gz"),
)
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--dry-run", is_flag=True, help="Show what is in it, and write nothing.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write it."
)
@common
def command(context: Context, path: Path | None, dry_run: bool, output: Path | None) -> None:
    """Pack a skill's folder into the very bytes that `tank publish` would upload.

    Shows files, sizes, permissions, integrity and digest. The archive goes to the working
    directory as org-name-version.tar.gz, or beside the skill's folder when that is the
    working directory. Nothing is scanned and nobody is asked; `tank publish --dry-run` does both.
    """
    from tank_cli.output_file import write
    from tank_cli.publishing.archive_file import place_for
    from tank_cli.publishing.description import document, lines
    from tank_cli.publishing.prepare import prepare

    folder = context.cwd / (path or ".")
    package = prepare(folder)
    place = place_for(package, folder, context.cwd, output)
    if not dry_run:
        write(place, package.archive)
    ended = "Dry run: nothing was written." if dry_run else f"Packed to {place}"
    written = None if dry_run else str(place)
    context.console.show({**document(package), "path": written}, [*lines(package), "", ended])
