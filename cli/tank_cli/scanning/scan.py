"""A scan: the registry's engine and rules over a package, with the registry's verdict at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tank_cli.config import Config
from tank_cli.scanning.deadline import deadline
from tank_cli.scanning.semgrep import CHECKED_VERSION, ChildScanner, find
from tank_core import taxonomy
from tank_core.analysis import engine, rules
from tank_core.analysis.report import AnalysisReport
from tank_core.analysis.scanner import ScannerError
from tank_core.archive import ArchiveEntry
from tank_core.errors import TankError
from tank_core.findings import Finding
from tank_core.manifest import SkillManifest
from tank_core.scoring import Score, score

RULES = Path(__file__).resolve().parent.parent / "rules"
_PACKAGE_SECONDS = 300  # the largest package takes a fraction of it; see deadline


class ScanFailedError(TankError):
    """The scan did not finish; that is never a pass."""

    code = "scan-failed"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found, and what the registry would make of it.

    Attributes:
        findings: of the rules, of the comparison, and of what could not be read; sorted.
        semgrep: the version that was used; "" when nothing needed it.
    """

    report: AnalysisReport
    findings: tuple[Finding, ...]
    score: Score
    semgrep: str = ""


def scan(
    entries: tuple[ArchiveEntry, ...],
    manifest: SkillManifest | None,
    config: Config,
    *,
    is_signed: bool = False,
    found_before: Sequence[Finding] = (),
) -> Scan:
    """Returns what analysis finds in a package.

    Args:
        entries: the package's files.
        manifest: None declares nothing, and nothing is compared.
        config: where semgrep is.
        is_signed: whether the publisher's bundle was verified.
        found_before: what reading the files found already.

    Raises:
        SemgrepMissingError: semgrep-missing.
        ScanFailedError: scan-failed.
    """
    scanner = ChildScanner(find(config))
    declared = manifest.capabilities if manifest else None
    try:
        with deadline(_PACKAGE_SECONDS):
            report = engine.analyze(entries, rule_set(), scanner, declared=declared)
    except ScannerError as error:
        raise ScanFailedError(
            "The scan did not finish.",
            why=str(error),
            fix=f"Run it again; if it stays, use the semgrep of these rules: pipx install semgrep=={CHECKED_VERSION}",
        ) from error
    findings = tuple(sorted({*report.findings, *found_before}))
    scored = score(
        findings,
        has_license=bool(manifest and manifest.license),
        has_repository=bool(manifest and manifest.repository),
        is_signed=is_signed,
    )
    return Scan(report, findings, scored, scanner.version)


@cache
def rule_set() -> rules.RuleSet:
    """Returns the rules that ship with this Tank."""
    return rules.load(
        {f"{path.parent.name}/{path.name}": path.read_bytes() for path in RULES.glob("*/rule.yaml")}
    )


@cache
def taxonomy_table() -> taxonomy.Taxonomy:
    """Returns the names of the taxonomy ids that ship with the rules."""
    return taxonomy.load((RULES / "taxonomy.yaml").read_bytes())
