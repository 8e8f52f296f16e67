"""``tank scan``: analyse a skill, or anything else that somebody is about to use, as the registry would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli import failures
from tank_cli.context import Context, common, example
from tank_cli.reports import as_json, base_of, form_of, place_of, write_report
from tank_core.errors import TankError

if TYPE_CHECKING:
    from tank_cli.scanning.outcome import Report

_SEVERITIES = ("info", "low", "medium", "high", "critical")


@click.command("scan", epilog=example("tank scan", "tank scan ./skills --format sarif --output scan.sarif"))
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--min-severity", type=click.Choice(_SEVERITIES), default="info", help="Show no finding below it."
)
@click.option(
    "--fail-on", type=click.Choice(["flagged", "fail"]), default="fail", help="What ends with exit code 8."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), help="--json is short for json."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to a file.")
@common
def command(
    context: Context,
    path: Path | None,
    min_severity: str,
    fail_on: str,
    form: str | None,
    output: Path | None,
) -> int:
    """Analyse what you have before you use it, with the registry's engine and rules. Needs semgrep.

    PATH is a skill's folder, a folder with skills in it, a packed archive, or any
    files. Every file is read, whatever the folder says of itself, but version
    control's own .git. Without a skills.json nothing is declared, so nothing is
    compared with what the code does.

    Ends with exit code 8 when the registry would refuse the package, or one of them;
    --min-severity changes what is shown, and neither the verdict nor the exit code.
    """
    form = form_of(form, as_json=context.console.as_json)
    try:
        return _scan(context, context.cwd / (path or "."), min_severity, fail_on, form, output)
    except TankError as error:
        if form != "json":
            raise
        as_json(context).console.show(failures.document(error), ())
        return failures.exit_code_of(error)


def _scan(
    context: Context, path: Path, min_severity: str, fail_on: str, form: str, output: Path | None
) -> int:
    from tank_cli.scanning.outcome import FailOn, complaint, scanned
    from tank_core.findings import Severity

    place = place_of(context, output)
    minimum = Severity.from_label(min_severity)
    report = scanned(path, context.config, minimum=minimum, tell=context.console.progress)
    error = complaint(report, FailOn(fail_on))
    if place is not None:
        write_report(place, _text(report, form, error, base_of(path, context.cwd)))
        context.console.say(f"The report is in {output}.")
    elif form == "json":
        _show_json(context, report, error)
        return failures.exit_code_of(error) if error else 0
    elif form == "sarif":
        context.console.stdout.write(_text(report, form, error, base_of(path, context.cwd)))
    else:
        _show_screen(context, report)
    if error is not None:
        raise _without_problems(error)
    if output is not None and form == "json":
        as_json(context).console.show({"output": str(output), "verdict": str(report.verdict)}, ())
    return 0


def _text(report: Report, form: str, error: TankError | None, base: str) -> str:
    """Returns a report as a file holds it: without styles."""
    import json

    from tank_cli.scanning.documents import json_document, sarif_text
    from tank_cli.scanning.screen import screen

    if form == "sarif":
        return sarif_text(report, base)
    if form == "json":
        return json.dumps(json_document(report, error), indent=2, sort_keys=True) + "\n"
    return "".join(f"{line.text}\n" for line in screen(report))


def _show_json(context: Context, report: Report, error: TankError | None) -> None:
    from tank_cli.scanning.documents import json_document

    as_json(context).console.show(json_document(report, error), ())


def _show_screen(context: Context, report: Report) -> None:
    from tank_cli.scanning.screen import screen

    console = context.console
    for line in screen(report):
        console.stdout.write((console.style(line.text, line.style) if line.style else line.text) + "\n")


def _without_problems(error: TankError) -> TankError:
    """Returns the error alone: the report has every finding already."""
    return type(error)(error.what, why=error.why, fix=error.fix)
