"""Tank's analysis of samples: many with one call of semgrep, or one with one call.

What is found does not depend on how many skills are scanned together: the matches of a
file depend on that file and the rules alone. Only cost is measured one by one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.scan.outcome import Outcome, outcome_of
from benchmarks.scan.samples import Sample
from chalicelib.adapters.semgrep import SemgrepScanner
from tank_core.analysis.engine import analyze
from tank_core.analysis.rules import RuleSet
from tank_core.analysis.scanner import PatternScanner, ScannerError
from tank_core.archive import ArchiveEntry
from tank_core.errors import TankError
from tank_core.manifest import parse_skill_manifest
from tank_core.permissions import PermissionSet
from tests.support import semgrep_once

_TOGETHER = 200  # skills per semgrep call; one that cannot be read costs no more than its batch a second time
_SECONDS_TOGETHER = 1800


def rule_set() -> RuleSet:
    """Returns the rules of the repository."""
    return semgrep_once.rule_set()


def scanner(*, timeout_seconds: int = 120) -> SemgrepScanner:
    """Returns the scanner that the registry uses, on the semgrep of the repository."""
    executable = os.environ.get("TANK_SEMGREP") or str(semgrep_once.SEMGREP)
    return SemgrepScanner(Path(executable), timeout_seconds=timeout_seconds)


def judged(entries: Sequence[ArchiveEntry], rules: RuleSet, semgrep: PatternScanner) -> Outcome:
    """Returns the outcome for one package; an analysis that fails is an error of ours."""
    try:
        return outcome_of(analyze(entries, rules, semgrep, declared=declared_of(entries)).findings)
    except (ScannerError, TankError) as error:
        return Outcome(error=f"{type(error).__name__}: {error}")


def outcomes(samples: Sequence[Sample]) -> Mapping[Sample, Outcome]:
    """Returns the outcome of each sample, in their order."""
    rules = rule_set()
    found = [outcome for batch in _batches(samples) for outcome in _judged_together(batch, rules)]
    return dict(zip(samples, found, strict=True))


def declared_of(entries: Sequence[ArchiveEntry]) -> PermissionSet | None:
    """Returns what the package's manifest declares; None where there is no manifest that can be read."""
    for entry in entries:
        if entry.path == "skills.json":
            try:
                return parse_skill_manifest(entry.data).capabilities
            except TankError:
                return None
    return None


def _batches(samples: Sequence[Sample]) -> Iterator[Sequence[Sample]]:
    for start in range(0, len(samples), _TOGETHER):
        yield samples[start : start + _TOGETHER]


def _judged_together(batch: Sequence[Sample], rules: RuleSet) -> list[Outcome]:
    packages = {str(number): sample.entries for number, sample in enumerate(batch)}
    declared = {name: declared_of(entries) for name, entries in packages.items()}
    semgrep = scanner(timeout_seconds=_SECONDS_TOGETHER)
    try:
        reports = semgrep_once.reports(packages, rules, semgrep, declared=declared)
    except (ScannerError, TankError):  # one of them cannot be analysed: which one, a call for each tells
        return [judged(sample.entries, rules, scanner()) for sample in batch]
    return [outcome_of(reports[name].findings) for name in packages]
