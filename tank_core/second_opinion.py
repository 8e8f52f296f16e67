"""A second opinion on a package, and what of it counts: it may raise a severity or add a finding, never less.

Whoever gives it (a language model, another scanner) reads hostile text and may have
been talked into anything, so what it says is data of the least trusted kind. It is
bounded before it is parsed; every text is escaped and shortened; what it adds stands
under ``second-opinion/`` and never under the id of a rule of ours, so that nobody
takes it for ours. It can raise the severity of a finding that is there. It cannot
lower, remove, re-word or re-place one: our findings go in and all of them come out.

Nobody is asked again when a version is judged by newer rules. What was said of its
bytes stays said: ``carried`` puts it beside what the rules of the day find.

Two forms are read: SARIF 2.1.0, and ``{"findings": [...]}`` with the keys of our own
findings, of which ``rule_id`` and ``severity`` must be there.

Source: SARIF 2.1.0 (OASIS), 3.27 (result) and 3.27.10 (level).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from tank_core.analysis.evidence import shown
from tank_core.findings import Confidence, Finding, Severity
from tank_core.strict_json import MalformedJsonError, parse_json

PREFIX = "second-opinion/"
CATEGORY = "second-opinion"
MAX_BYTES = 1024 * 1024
MAX_FINDINGS = 100  # more from one source tell a reader nothing; what is left out is counted
_MAX_NAME = 60
_MAX_LINE = 10_000_000
_RAISED = re.compile(r" A second opinion \(([^()]*)\) raised it from [a-z]+\.\Z")  # what ``_raised`` appends
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFO,
}


class OpinionError(Exception):
    """The opinion cannot be had or is none. A publish goes on without it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the opinion says, checked and escaped.

    ``file`` and ``line`` may be of no file of the package; ``merged`` looks.
    """

    name: str  # lower-case words with hyphens
    severity: Severity
    confidence: Confidence
    file: str
    line: int
    title: str
    evidence: str
    why: str
    fix: str
    rule_id: str  # as it was said, to be compared and never shown


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a source says; ``ignored`` counts what of it could not be read, or was too much."""

    source: str
    remarks: tuple[Remark, ...]
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """All of our findings, none below what it was, and what was added; sorted."""

    findings: tuple[Finding, ...]
    raised: int
    added: int
    ignored: int


def parse_opinion(data: bytes, source: str, *, root: str = "") -> Opinion:
    """Returns an opinion; items that are malformed are left out and counted.

    Args:
        data: untrusted, SARIF or our own form; at most ``MAX_BYTES``.
        source: who gave it, such as ``program`` or ``model``.
        root: the folder that the source saw, where it may name files by their full path.

    Raises:
        OpinionError: the document as a whole is neither.
    """
    try:
        value = parse_json(data, what="the second opinion", max_bytes=MAX_BYTES)
    except MalformedJsonError as error:
        raise OpinionError(f"it is no JSON: {error.why}") from error
    if not isinstance(value, dict):
        raise OpinionError("it is not an object")
    items = list(_items(value))
    read = [_remark(item, root) for item in items[:MAX_FINDINGS]]
    remarks = tuple(remark for remark in read if remark is not None)
    return Opinion(source, remarks, ignored=len(items) - len(remarks))


def merged(findings: Sequence[Finding], opinion: Opinion, files: Collection[str]) -> Merged:
    """Returns our findings with an opinion's.

    A remark about a finding that is there (same rule, file and line) raises its severity, if it is
    higher; every other one is added, unless it is about a file that the package does not have.

    Args:
        findings: ours.
        opinion: what to add to them.
        files: the paths of the package.
    """
    kept = list(findings)
    added: dict[tuple[str, str, int], Finding] = {}
    raised, ignored = set[int](), opinion.ignored
    for remark in opinion.remarks:
        about = [n for n, finding in enumerate(kept) if _is_about(remark, finding)]
        for number in about:
            if remark.severity > kept[number].severity:
                kept[number] = _raised(kept[number], remark.severity, opinion.source)
                raised.add(number)
        if about:
            continue
        if remark.file not in files:
            ignored += 1
            continue
        made = _added(remark, opinion.source)
        place = (made.rule_id, made.file, made.line)
        added[place] = max(added.get(place, made), made, key=lambda finding: (finding.severity, finding))
    return Merged(tuple(sorted((*kept, *added.values()))), len(raised), len(added), ignored)


def carried(findings: Sequence[Finding], earlier: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns our findings of today with what an earlier opinion added and raised, sorted.

    Args:
        findings: ours, none of them from an opinion.
        earlier: of the same bytes, as the version is judged so far: ours and the opinion's.
    """
    added, raised = list[Finding](), dict[tuple[str, str, int], tuple[Severity, str]]()
    for finding in earlier:
        if finding.rule_id.startswith(PREFIX):
            added.append(finding)
        elif told := _RAISED.search(finding.why):
            said = (finding.severity, told[1])
            raised[_place(finding)] = max(raised.get(_place(finding), said), said)
    kept = []
    for finding in findings:
        severity, source = raised.get(_place(finding), (finding.severity, ""))
        kept.append(_raised(finding, severity, source) if severity > finding.severity else finding)
    return tuple(sorted((*kept, *added)))


def _place(finding: Finding) -> tuple[str, str, int]:
    return finding.rule_id, finding.file, finding.line


def _is_about(remark: Remark, finding: Finding) -> bool:
    return (remark.rule_id, remark.file, remark.line) == _place(finding)


def _raised(finding: Finding, severity: Severity, source: str) -> Finding:
    told = f"{finding.why} A second opinion ({source}) raised it from {finding.severity.label}."
    return replace(finding, severity=severity, why=told)


def _added(remark: Remark, source: str) -> Finding:
    return Finding(
        file=remark.file,
        line=remark.line,
        rule_id=f"{PREFIX}{remark.name}",
        category=CATEGORY,
        severity=remark.severity,
        confidence=remark.confidence,
        title=remark.title or f"A second opinion ({source}) names {remark.name}",
        evidence=remark.evidence,
        why=f"A second opinion ({source}) says: {remark.why or 'nothing more'}",
        fix=remark.fix or "Look at what it names; it may be wrong.",
    )


def _items(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any] | None]:
    """Yields each item in our own form; None for what is not even an object.

    Raises:
        OpinionError: the document is neither SARIF 2.1.0 nor ours.
    """
    if isinstance(value.get("findings"), list):
        yield from (item if isinstance(item, dict) else None for item in value["findings"])
        return
    if value.get("version") != "2.1.0" or not isinstance(value.get("runs"), list):
        raise OpinionError("it is neither SARIF 2.1.0 nor a list of findings")
    for run in value["runs"]:
        results = run.get("results") if isinstance(run, dict) else None
        yield from (_from_sarif(result) for result in (results if isinstance(results, list) else ()))


def _from_sarif(result: object) -> Mapping[str, Any] | None:
    if not isinstance(result, dict):
        return None
    level = result.get("level", "warning")
    severity = _LEVELS.get(level) if isinstance(level, str) else None
    place = _at(result.get("locations"), 0, "physicalLocation")
    return {
        "rule_id": result.get("ruleId"),
        "severity": None if severity is None else severity.label,
        "file": _at(place, "artifactLocation", "uri"),
        "line": _at(place, "region", "startLine"),
        "evidence": _at(place, "region", "snippet", "text"),
        "why": _at(result.get("message"), "text"),
    }


def _at(value: object, *keys: str | int) -> Any:
    """Returns what lies below some keys; None where there is nothing of that shape."""
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and len(value) > key else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _remark(item: Mapping[str, Any] | None, root: str) -> Remark | None:
    if item is None:
        return None
    rule_id, severity = item.get("rule_id"), item.get("severity")
    if not isinstance(rule_id, str) or not isinstance(severity, str):
        return None
    name = _NOT_IN_NAMES.sub("-", rule_id[: 4 * _MAX_NAME].lower()).strip("-")[:_MAX_NAME].strip("-")
    line = item.get("line", 0)
    try:
        graded = Severity.from_label(severity)
    except KeyError:
        return None
    if not name:
        return None
    is_line = isinstance(line, int) and not isinstance(line, bool) and 0 <= line <= _MAX_LINE
    return Remark(
        name=name,
        severity=graded,
        confidence=_confidence(item.get("confidence")),
        file=_path(item.get("file"), root),
        line=line if is_line else 0,
        title=_text(item.get("title")),
        evidence=_text(item.get("evidence")),
        why=_text(item.get("why")),
        fix=_text(item.get("fix")),
        rule_id=rule_id,
    )


def _confidence(said: object) -> Confidence:
    """Returns what it says of its own certainty; at most medium, because nobody measured how often it is right."""
    return Confidence.LOW if said == "low" else Confidence.MEDIUM


def _path(said: object, root: str) -> str:
    """Returns the path inside the package that is meant; "" for none."""
    if not isinstance(said, str):
        return ""
    path = unquote(said.removeprefix("file://"))
    if root and path.startswith(f"{root}/"):
        path = path[len(root) + 1 :]
    return path.removeprefix("./")


def _text(said: object) -> str:
    return shown(said) if isinstance(said, str) else ""


def rendering(files: Iterable[tuple[str, bytes]], *, mark: str, max_bytes: int) -> str:
    """Returns a package as text for who can only read text, SKILL.md first; bounded, each file delimited.

    Args:
        files: path and content.
        mark: what delimits; no file may be able to know it, so it is random or a digest of all of them.
        max_bytes: of all contents together; what does not fit is named, and said to be left out.
    """
    parts, room = [], max_bytes
    for path, data in sorted(files, key=lambda file: (file[0] != "SKILL.md", file[0])):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            parts.append(f"[{mark} file {shown(path)}: {len(data)} bytes that are no text, left out]")
            continue
        if len(data) > room:
            text = data[:room].decode("utf-8", "ignore")
            left = f"\n[{mark} {len(data) - len(text.encode())} more bytes are left out]"
        else:
            left = ""
        room -= min(len(data), room)
        parts.append(f"[{mark} begin {shown(path)}]\n{text}{left}\n[{mark} end]")
    return "\n".join(parts)
