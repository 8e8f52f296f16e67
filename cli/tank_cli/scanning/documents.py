"""A scan for programs: as one JSON document, and as a SARIF log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tank_cli import __version__, failures
from tank_cli.scanning.outcome import Outcome, Report
from tank_cli.scanning.scan import rule_set, taxonomy_table
from tank_core import sarif
from tank_core.errors import TankError


def json_document(report: Report, error: TankError | None) -> dict[str, Any]:
    """Returns a scan as a JSON object: of one package its own, of several a list of them.

    ``error``: what the scan ends with; it stands in the document beside everything that was found.
    """
    if report.is_of_many:
        packages = [_package(report, outcome) for outcome in report.outcomes]
        document: dict[str, Any] = {
            "packages": packages,
            "verdict": str(report.verdict),
            "notes": list(report.notes),
        }
    else:
        outcome = report.outcomes[0]
        document = _package(report, outcome)
        document["notes"] = [*outcome.notes, *report.notes]
    return document | (failures.document(error) if error else {})


def sarif_text(report: Report, base: str) -> str:
    """Returns a scan as the text of a SARIF log.

    Args:
        report: the scan.
        base: the path of the folder that holds what was scanned, or was scanned itself, from
            the root of the log on; "" or ends with "/".
    """
    packages = [
        sarif.Scanned(outcome.label, _prefix(base, outcome), report.shown(outcome), _facts(report, outcome))
        for outcome in report.outcomes
    ]
    log = sarif.document(
        packages, rule_set(), taxonomy_table(), version=__version__, notices=tuple(_notices(report))
    )
    return sarif.to_text(log)


def _package(report: Report, outcome: Outcome) -> dict[str, Any]:
    name, version = outcome.manifest or (outcome.label, None)
    described: dict[str, Any] = {
        "name": name,
        "version": version,
        "path": outcome.path,
        "files": outcome.files,
        "declared": outcome.manifest is not None,
        "notes": list(outcome.notes),
        "problems": [{"where": p.where, "what": p.what, "fix": p.fix} for p in outcome.problems],
    }
    if outcome.scan is None:
        return described | (failures.document(outcome.error) if outcome.error else {})
    found = outcome.scan
    return {
        **described,
        **found.report.to_json(),
        "findings": [finding.to_json() for finding in report.shown(outcome)],
        "hidden": report.hidden(outcome),
        "verdict": str(found.score.verdict),
        "audit_score": found.score.value,
        "items": [{"points": item.points, "reason": item.reason} for item in found.score.items],
        "semgrep": found.semgrep,
    }


def _prefix(base: str, outcome: Outcome) -> str:
    if outcome.container:
        return f"{base}{outcome.container}/"
    return base if outcome.path in ("", ".") else f"{base}{outcome.path}/"


def _facts(report: Report, outcome: Outcome) -> dict[str, Any]:
    if outcome.scan is None:
        return {"path": outcome.path, "verdict": None}
    return {
        "path": outcome.path,
        "verdict": str(outcome.scan.score.verdict),
        "auditScore": outcome.scan.score.value,
        "hidden": report.hidden(outcome),
        "semgrep": outcome.scan.semgrep,
    }


def _notices(report: Report) -> Iterator[sarif.Notice]:
    for outcome in report.outcomes:
        if outcome.error is not None:
            yield sarif.Notice("error", f"{outcome.label}: not scanned: {outcome.error.what}")
        for problem in outcome.problems:
            yield sarif.Notice("warning", f"{outcome.label}: {problem.where}: {problem.what}")
        for note in outcome.notes:
            yield sarif.Notice("note", f"{outcome.label}: {note}")
    for note in report.notes:
        yield sarif.Notice("warning", note)
