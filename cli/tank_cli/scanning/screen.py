"""A scan for people: by file, the worst first, each finding with its line, why and fix.

Every line fits 80 columns, the evidence is one line, and nothing that a package's author
wrote can move the cursor. Styles repeat what the words say; without them nothing is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tank_cli import failures, render
from tank_cli.console import printable
from tank_cli.folding import WIDTH, folded, wrapped
from tank_cli.scanning.outcome import Outcome, Report
from tank_cli.scanning.scan import Scan, rule_set
from tank_core.errors import Problem
from tank_core.findings import Finding, Severity, Verdict

_MAX_PLACES = 5  # of one rule in one file that are shown with their evidence
_MAX_CAPABILITIES = 30
_SEVERITY_STYLES = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "cyan",
}
_VERDICT_STYLES = {
    Verdict.FAIL: "red",
    Verdict.FLAGGED: "yellow",
    Verdict.PASS_WITH_NOTES: "green",
    Verdict.PASS: "green",
}
_MEANING = {
    Verdict.FAIL: "It does what malicious skills do; the registry refuses it.",
    Verdict.FLAGGED: "Look at it first; installing it takes --accept-flagged.",
    Verdict.PASS_WITH_NOTES: "Nothing grave; read the notes.",
    Verdict.PASS: "Nothing was found, within what the rules can see.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a report, at most 80 columns unless it is one word. ``style``: of the console; "" for none."""

    text: str
    style: str = ""


def screen(report: Report) -> Iterator[Line]:
    """Yields a whole scan; with several packages a summary stands at the end."""
    for note in report.notes:
        yield from _said("note: ", note)
    for outcome in report.outcomes:
        yield from _package(report, outcome)
    if report.is_of_many:
        yield from _summary(report)


def _package(report: Report, outcome: Outcome) -> Iterator[Line]:
    place = f"{outcome.path}: " if outcome.path not in ("", outcome.label) else ""
    yield from _folded(f"{place}{outcome.label}  ({_counted(outcome.files, 'file')})", "bold")
    for note in outcome.notes:
        yield from _said("note: ", note)
    if outcome.scan is None:
        if outcome.error is not None:
            yield from (Line(line) for line in failures.lines(outcome.error))
        yield Line("")
        return
    yield from _findings(report.shown(outcome))
    if not report.is_of_many:
        yield from _capabilities(outcome.scan)
    yield from _problems(outcome.problems)
    if not report.is_of_many:
        yield from _score(outcome.scan)
    yield Line("")
    yield from _verdict(report, outcome, outcome.scan)
    if report.is_of_many:
        yield Line("")


def _findings(found: Sequence[Finding]) -> Iterator[Line]:
    """Yields the findings by file, the file with the worst one first."""
    by_file: dict[str, list[Finding]] = {}
    for finding in found:
        by_file.setdefault(finding.file, []).append(finding)
    ordered = sorted(by_file.items(), key=lambda item: (-max(f.severity for f in item[1]), item[0]))
    for file, findings in ordered:
        yield Line("")
        yield from _folded(file or "the package as a whole", "bold")
        for _, group in groupby(sorted(findings, key=_rank), key=_kind):
            yield from _group(list(group))


def _kind(finding: Finding) -> tuple[int, str, str, str]:
    return -finding.severity, finding.rule_id, finding.title, finding.provenance


def _rank(finding: Finding) -> tuple[tuple[int, str, str, str], int, str]:
    return _kind(finding), finding.line, finding.evidence


def _group(found: Sequence[Finding]) -> Iterator[Line]:
    """Yields one finding, or several of one rule that differ by their place alone."""
    first = found[0]
    style = _SEVERITY_STYLES[first.severity]
    yield from _said(f"  {first.severity.label.upper():<8}  ", first.title, style)
    digits = len(str(max(finding.line for finding in found)))
    for finding in found[:_MAX_PLACES]:
        if finding.evidence:
            yield Line(_evidence(finding, digits), "bold")
    more = found[_MAX_PLACES:]
    if more:
        lines = ", ".join(str(finding.line) for finding in more)
        yield from _said("    ", f"and {len(more)} more, on lines {lines}")
    if first.provenance:
        yield from _said("    in:   ", first.provenance)
    yield from _said("    why:  ", first.why)
    yield from _said("    fix:  ", first.fix)
    yield from _said("    rule: ", f"{first.rule_id} (confidence {first.confidence})", "dim")
    yield from _said("          ", _page(first.rule_id), "dim")


def _evidence(finding: Finding, digits: int) -> str:
    """Returns the line of a file as one line of the screen, with its number where it has one."""
    number = str(finding.line) if finding.line else ""
    head = f"    {number:>{digits}} | "
    text, room = printable(finding.evidence), WIDTH - len(head)
    return head + (text if len(text) <= room else text[: room - 1] + "…")


def _page(rule_id: str) -> str:
    """Returns where a rule is explained; comparisons are explained in the index."""
    has_page = any(rule.id == rule_id for rule in rule_set().rules)
    return f"docs/rules/{rule_id}.md" if has_page else f"docs/rules.md#{rule_id}"


def _capabilities(found: Scan) -> Iterator[Line]:
    seen = [(str(item.type), item.value, _place(item.file, item.line)) for item in found.report.observed]
    seen += [
        (str(item.type), "known only when it runs", _place(item.file, item.line))
        for item in found.report.unknown
    ]
    rows = render.table(seen[:_MAX_CAPABILITIES])
    if len(seen) > _MAX_CAPABILITIES:
        rows.append(f"and {len(seen) - _MAX_CAPABILITIES} more; --json shows all")
    yield from _section("what it is seen to access", rows)


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def _problems(problems: Sequence[Problem]) -> Iterator[Line]:
    rows = [
        row for problem in problems for row in (f"{problem.where}: {problem.what}", f"  fix: {problem.fix}")
    ]
    yield from _section("could not be published as it is", rows)


def _score(found: Scan) -> Iterator[Line]:
    rows = [f"{item.points:+5.1f}  {item.reason}" for item in found.score.items]
    yield from _section(f"score {render.score(found.score.value)} of 10", rows)


def _section(title: str, rows: Iterable[str]) -> Iterator[Line]:
    listed = list(rows)
    if listed:
        yield Line("")
        yield Line(f"{title}:", "bold")
        for row in listed:
            yield from _folded(f"  {row}")


def _verdict(report: Report, outcome: Outcome, found: Scan) -> Iterator[Line]:
    yield from _folded(f"findings: {_severities(outcome.findings)}")
    hidden = report.hidden(outcome)
    if hidden:
        yield Line(f"not shown: {hidden} below {report.minimum.label}; the verdict takes them in")
    verdict = found.score.verdict
    yield from _said(f"verdict: {verdict}. ", _MEANING[verdict], _VERDICT_STYLES[verdict])


def _severities(found: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in found)
    return ", ".join(f"{counts[s]} {s.label}" for s in sorted(counts, reverse=True)) or "none"


def _summary(report: Report) -> Iterator[Line]:
    rows = [
        (
            str(outcome.verdict or "not scanned"),
            render.score(outcome.scan.score.value if outcome.scan else None),
            outcome.path,
        )
        for outcome in report.outcomes
    ]
    yield from _section(
        f"all {len(report.outcomes)} packages", render.table([("verdict", "score", "folder"), *rows])
    )
    counts = Counter(verdict for verdict, _, _ in rows)
    yield Line("")
    yield from _said(
        "", ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) + ".", "bold"
    )


def _said(head: str, text: str, style: str = "") -> Iterator[Line]:
    """Yields text behind a label of ours, folded below its own start."""
    parts = wrapped(printable(text), before=head, following=" " * len(head))
    yield from (Line(part, style) for part in parts or [head.rstrip()])


def _folded(text: str, style: str = "") -> Iterator[Line]:
    yield from (Line(part, style) for part in folded(printable(text)))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
