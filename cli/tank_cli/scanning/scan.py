"""A scan: the registry's engine and rules over a package, with the registry's verdict at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tank_cli.config import Config
from tank_cli.scanning.semgrep import ChildScanner, find
from tank_core.analysis import engine, rules
from tank_core.analysis.compare import declared_against_observed
from tank_core.analysis.report import AnalysisReport
from tank_core.analysis.scanner import ScannerError
from tank_core.archive import ArchiveEntry
from tank_core.errors import TankError
from tank_core.findings import Finding
from tank_core.manifest import SkillManifest
from tank_core.scoring import Score, score

RULES = Path(__file__).resolve().parent.parent / "rules"


class ScanFailedError(TankError):
    """The scan did not finish; that is never a pass."""

    code = "scan-failed"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found, and what the registry would make of it."""

    report: AnalysisReport
    findings: tuple[Finding, ...]
    score: Score


def scan(
    entries: tuple[ArchiveEntry, ...], manifest: SkillManifest, config: Config, *, is_signed: bool = False
) -> Scan:
    """Returns what analysis finds in a package.

    Raises:
        SemgrepMissingError: semgrep-missing.
        ScanFailedError: scan-failed.
    """
    scanner = ChildScanner(find(config))
    try:
        report = engine.analyze(entries, rule_set(), scanner, declared=manifest.capabilities)
    except ScannerError as error:
        raise ScanFailedError(
            "The scan did not finish.",
            why=str(error),
            fix="Run it again; if it stays, check `semgrep --version`.",
        ) from error
    compared = declared_against_observed(manifest.capabilities, report.observed, report.unknown)
    findings = tuple(sorted({*report.findings, *compared}))
    scored = score(
        findings,
        has_license=bool(manifest.license),
        has_repository=bool(manifest.repository),
        is_signed=is_signed,
    )
    return Scan(report, findings, scored)


def rule_set() -> rules.RuleSet:
    """Returns the rules that ship with this Tank."""
    return rules.load(
        {f"{path.parent.name}/{path.name}": path.read_bytes() for path in RULES.glob("*/rule.yaml")}
    )
