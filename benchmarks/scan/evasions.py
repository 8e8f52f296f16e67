"""How much of what the rules find is still found when it is written otherwise.

    make bench-evasions           (or python -m benchmarks.scan.evasions)

Every bad sample of every rule is rewritten in every way that applies to it, and counts as
still caught when the verdict is as bad as before, or when something of the same category
and of at least the same severity is found. ``--missed NAME`` shows what slips through.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.scan import own
from benchmarks.scan.evading import (
    javascript_code,
    other_languages,
    places,
    python_code,
    python_wrapping,
    shell_code,
    words,
)
from benchmarks.scan.evading.transform import Evasion, Files
from tank_core.archive import ArchiveEntry
from tank_core.findings import Finding, Severity, Verdict
from tank_core.scoring import verdict_of
from tests.support import semgrep_once

EVASIONS: tuple[Evasion, ...] = (
    *python_code.EVASIONS,
    *python_wrapping.EVASIONS,
    *javascript_code.EVASIONS,
    *shell_code.EVASIONS,
    *places.EVASIONS,
    *words.EVASIONS,
)
SEED = 45
_TOGETHER = 300  # packages per call of semgrep
_ORDER = (Verdict.FAIL, Verdict.FLAGGED, Verdict.PASS_WITH_NOTES, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Case:
    """One sample written one way. ``evasion``: its name; empty for the sample as it is."""

    rule_id: str
    sample: str
    evasion: str
    files: Files

    @property
    def entries(self) -> tuple[ArchiveEntry, ...]:
        """The package, as the engine takes it."""
        return tuple(ArchiveEntry(path, text.encode()) for path, text in sorted(self.files.items()))


@dataclass(frozen=True, slots=True)
class Result:
    """A rewritten sample, and whether it is still caught."""

    case: Case
    is_caught: bool


def bad_samples() -> Iterator[Case]:
    """Yields the bad samples of all rules that are text, by rule and name."""
    for path in sorted(semgrep_once.RULES.glob("*/bad*")):
        try:
            files = _texts(path)
        except UnicodeDecodeError:
            continue  # a program or a picture: there is nothing to write otherwise
        yield Case(path.parent.name, path.name, "", files)


def _texts(path: Path) -> dict[str, str]:
    if path.is_file():
        return {path.name: path.read_text(encoding="utf-8")}
    return {
        file.relative_to(path).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def rewritten(cases: Iterable[Case], evasions: Sequence[Evasion] = EVASIONS) -> Iterator[Case]:
    """Yields each sample in each way that changes it; the same seed gives the same texts."""
    for case in cases:
        for evasion in evasions:
            files = evasion.apply(case.files, Random(f"{SEED}{case.rule_id}{case.sample}{evasion.name}"))  # noqa: S311
            if files is not None and files != case.files:
                yield Case(case.rule_id, case.sample, evasion.name, files)


def results(originals: Sequence[Case], others: Sequence[Case]) -> Iterator[Result]:
    """Yields for each rewritten sample whether it is caught as the original is."""
    found = _findings([*originals, *others])
    known = {(case.rule_id, case.sample): found[number] for number, case in enumerate(originals)}
    for number, case in enumerate(others, start=len(originals)):
        before = known[case.rule_id, case.sample]
        yield Result(case, _is_caught(case.rule_id, before, found[number]))


def translated() -> Iterator[tuple[str, str, bool]]:
    """Yields (act, file, is caught) for each act in each language; caught is held back or refused."""
    samples = list(other_languages.samples())
    cases = [Case(act, path, "", files) for act, path, files in samples]
    for case, findings in zip(cases, _findings(cases), strict=True):
        yield case.rule_id, case.sample, verdict_of(findings) in {Verdict.FAIL, Verdict.FLAGGED}


def _is_caught(rule_id: str, before: Sequence[Finding], after: Sequence[Finding]) -> bool:
    verdict = verdict_of(before)
    if verdict in {Verdict.FAIL, Verdict.FLAGGED} and _ORDER.index(verdict_of(after)) <= _ORDER.index(
        verdict
    ):
        return True
    own_findings = [finding for finding in before if finding.rule_id == rule_id]
    severity = max((finding.severity for finding in own_findings), default=Severity.CRITICAL)
    return any(
        f.severity >= severity and f.category == own_findings[0].category for f in after if own_findings
    )


def _findings(cases: Sequence[Case]) -> list[Sequence[Finding]]:
    rules, found = own.rule_set(), list[Sequence[Finding]]()
    for start in range(0, len(cases), _TOGETHER):
        packages = {str(n): case.entries for n, case in enumerate(cases[start : start + _TOGETHER])}
        reports = semgrep_once.reports(packages, rules, own.scanner(timeout_seconds=1800))
        found.extend(reports[name].findings for name in packages)
    return found


def lines(found: Sequence[Result], acts: Sequence[tuple[str, str, bool]]) -> Iterator[str]:
    """Yields the tables: caught in percent, for each way and for each act in other languages."""
    yield from ("| way | samples | still caught |", "|---|---|---|")
    for name, group in _grouped(found).items():
        yield f"| {name} | {len(group)} | {_percent(one.is_caught for one in group)} |"
    yield from ("", "| act in other languages | written | caught | not caught |", "|---|---|---|---|")
    for act in dict.fromkeys(name for name, _, _ in acts):
        of_act = [(path, is_caught) for name, path, is_caught in acts if name == act]
        missed = ", ".join(path for path, is_caught in of_act if not is_caught) or "–"
        yield f"| {act} | {len(of_act)} | {_percent(is_caught for _, is_caught in of_act)} | {missed} |"


def _grouped(found: Sequence[Result]) -> Mapping[str, list[Result]]:
    groups: dict[str, list[Result]] = {evasion.name: [] for evasion in EVASIONS}
    for one in found:
        groups[one.case.evasion].append(one)
    whole = {
        f"**{group}**": [one for e in EVASIONS if e.group == group for one in groups[e.name]]
        for group in dict.fromkeys(evasion.group for evasion in EVASIONS)
    }
    return {name: group for name, group in {**groups, **whole, "**all**": list(found)}.items() if group}


def _percent(values: Iterable[bool]) -> str:
    counted = list(values)
    return f"{100 * sum(counted) / len(counted):.0f}"


def main() -> None:
    """Prints the tables, or what slips through."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="ways whose name contains this")
    parser.add_argument("--missed", action="store_true", help="what is not caught, with its text")
    parser.add_argument("--json", action="store_true", help="one document on stdout")
    options = parser.parse_args()
    originals = list(bad_samples())
    chosen = [evasion for evasion in EVASIONS if options.only in evasion.name]
    found = list(results(originals, list(rewritten(originals, chosen))))
    if options.missed:
        print("\n".join(_shown(one) for one in found if not one.is_caught))
    elif options.json:
        print(json.dumps([[o.case.rule_id, o.case.sample, o.case.evasion, o.is_caught] for o in found]))
    else:
        print("\n".join(lines(found, list(translated()))))


def _shown(one: Result) -> str:
    texts = "".join(f"--- {path}\n{text}\n" for path, text in one.case.files.items())
    return f"=== {one.case.rule_id}/{one.case.sample}: {one.case.evasion}\n{texts}"


if __name__ == "__main__":
    main()
