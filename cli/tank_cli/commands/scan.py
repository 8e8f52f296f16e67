"""``tank scan``: analyse a skill as the registry would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_cli.publishing.prepare import Prepared
    from tank_cli.scanning.scan import Scan


@click.command("scan", epilog=example("tank scan", "tank scan ./my-skill --json"))
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@common
def command(context: Context, path: Path | None) -> None:
    """Analyse a skill's folder with the registry's engine and rules.

    Ends with exit code 8 when the registry would refuse to publish it. Needs semgrep.
    """
    from tank_cli.publishing.prepare import prepare
    from tank_cli.scanning.scan import scan
    from tank_core.refusal import refusal_of

    package = prepare(context.cwd / (path or "."))
    found = scan(package.entries, package.manifest, context.config)
    refusal = refusal_of(found.findings)
    if refusal is not None:
        if not context.console.as_json:
            context.console.show({}, lines(package, found))
        raise refusal
    context.console.show(document(package, found), lines(package, found))


def document(package: Prepared, found: Scan) -> dict[str, object]:
    """Returns a scan as a JSON document."""
    return {
        "name": str(package.manifest.name),
        "version": str(package.manifest.version),
        **found.report.to_json(),
        "findings": [finding.to_json() for finding in found.findings],
        "verdict": str(found.score.verdict),
        "audit_score": found.score.value,
        "items": [{"points": item.points, "reason": item.reason} for item in found.score.items],
    }


def lines(package: Prepared, found: Scan) -> Iterator[str]:
    """Yields a scan as text: each finding, then the score's account."""
    for finding in found.findings:
        yield from render.finding(finding)
        yield ""
    yield f"{package.label}: verdict {found.score.verdict}, score {render.score(found.score.value)}"
    yield from (f"  {item.points:+.1f}  {item.reason}" for item in found.score.items)
