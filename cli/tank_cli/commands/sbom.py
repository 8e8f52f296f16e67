"""``tank sbom``: the project's software bill of materials, from the lock alone."""

from __future__ import annotations

from pathlib import Path

import click

from tank_cli.context import Context, common, example
from tank_cli.reports import as_json, place_of, write_report


@click.command(
    "sbom", epilog=example("tank sbom > bom.json", "tank sbom --format spdx --output sbom.spdx.json")
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Of your home's project.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["cyclonedx", "spdx"]),
    default="cyclonedx",
    show_default=True,
    help="CycloneDX 1.6, or SPDX 2.3.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
@common
def command(context: Context, is_global: bool, form: str, output: Path | None) -> None:
    """Print the software bill of materials of the project, as JSON, from skills.lock alone.

    Needs no network. The same lock gives the same bytes on every machine, so that two can
    be compared; it holds no time, and no licence, which a lock does not know.
    """
    import json

    from tank_cli.project import find
    from tank_core.lock_sbom import cyclonedx
    from tank_core.lock_spdx import spdx

    place = place_of(context, output)
    lock = find(context.cwd, context.config, is_global=is_global).require_lock()
    document = (spdx if form == "spdx" else cyclonedx)(lock)
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"  # ASCII, whatever a publisher is called
    if place is None:
        context.console.stdout.write(text)
        return
    write_report(place, text)
    context.console.say(f"The bill of materials is in {output}.")
    if context.console.as_json:
        as_json(context).console.show({"output": str(output), "skills": len(lock.skills)}, ())
