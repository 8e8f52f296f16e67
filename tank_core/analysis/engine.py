"""The engine: a package and rules in, a report out.

1. Take the package apart into sources (files, blocks, here-documents, decoded layers).
2. Run every semgrep rule over every code source, in one scan.
3. Run every detector.
4. Observe what the code accesses, and compare it with the declaration.

Nothing in the package can switch a step off. A scan that is not complete is an
error of ours (``ScannerError``) and never a clean result.

Source: DESIGN, "Publish, as a walk", step 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from tank_core.analysis import compare, context, rendered
from tank_core.analysis.detectors import DETECTORS, SCANNER_DETECTORS
from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.evidence import shown
from tank_core.analysis.observers import observe_package
from tank_core.analysis.package import MAX_CODE, Package, take_apart
from tank_core.analysis.report import AnalysisReport, ObservedCapability, UnknownCapability
from tank_core.analysis.rules import Rule, RuleError, RuleSet
from tank_core.analysis.scanner import PatternMatch, PatternScanner, ScannerError
from tank_core.analysis.source import Language, Source
from tank_core.archive import ArchiveEntry
from tank_core.findings import Confidence, Finding, Severity
from tank_core.permissions import Access, InvalidPermissionsError, PermissionSet

_SEMGREP = {
    Language.PYTHON: ("python", ".py"),
    Language.SHELL: ("bash", ".sh"),
    Language.JAVASCRIPT: ("javascript", ".js"),
    Language.TYPESCRIPT: ("typescript", ".ts"),
    Language.RUBY: ("ruby", ".rb"),
    Language.PHP: ("php", ".php"),
}
_MAX_HITS_PER_RULE = 20_000  # of a detector, in one package; bounds the time that hostile text can take
_MAX_HITS_PER_RULE_AND_FILE = 20  # more repeats of one finding tell a reader nothing new


def analyze(
    entries: Sequence[ArchiveEntry],
    rules: RuleSet,
    scanner: PatternScanner,
    *,
    declared: PermissionSet | None = None,
) -> AnalysisReport:
    """Returns what is found in a package; same bytes and rules give the same report.

    Args:
        entries: the files of the archive.
        rules: the rule set.
        scanner: runs the semgrep rules.
        declared: the manifest's capabilities; None compares nothing.

    Raises:
        ScannerError: the scan is not complete.
        RuleError: a rule names a detector that does not exist.
    """
    package = take_apart(entries)
    hits = {rule.id: [] for rule in rules.rules}  # type: dict[str, list[Hit]]
    for rule_id, hit in _pattern_hits(package, rules, scanner):
        hits[rule_id].append(hit)
    for rule in rules.rules:
        hits[rule.id].extend(_isolated_hits(rule, package))
    findings = [finding for rule in rules.rules for finding in _findings(rule, hits[rule.id], package)]
    observed, unknown = _observations(package)
    if declared is not None:
        findings.extend(compare.declared_against_observed(declared, observed, unknown))
    return AnalysisReport(tuple(sorted(findings)), observed, unknown, rules.digest)


def observe(
    entries: Sequence[ArchiveEntry],
) -> tuple[tuple[ObservedCapability, ...], tuple[UnknownCapability, ...]]:
    """Returns what a package is seen to do, and what it does with a target that is computed.

    The same as ``analyze`` observes, without rules and without a scanner.

    Args:
        entries: the files of the archive.
    """
    return _observations(take_apart(entries))


def _pattern_hits(package: Package, rules: RuleSet, scanner: PatternScanner) -> Iterator[tuple[str, Hit]]:
    languages = rules.semgrep_languages
    scanned = {
        f"{number:06d}{_SEMGREP[source.language][1]}": source
        for number, source in enumerate(package.sources)
        if source.language in _SEMGREP
        and _SEMGREP[source.language][0] in languages
        and source.text.strip()
        and len(source.text) <= MAX_CODE  # a longer one is a finding of its own, see Package.unread
    }
    if not scanned:
        return
    files = {path: source.text.encode("utf-8", errors="replace") for path, source in scanned.items()}
    partial = [rule.id for rule in rules.rules if rule.detector in SCANNER_DETECTORS]
    for match in scanner.scan(files, rules.semgrep_document()):
        source = _scanned_source(match, scanned)
        hit = hit_on_line(source, match.start_line)
        if match.rule_id in SCANNER_DETECTORS:
            yield from ((rule_id, hit) for rule_id in partial)
        else:
            yield rules.rule(match.rule_id.split(".")[0]).id, hit


def _scanned_source(match: PatternMatch, scanned: Mapping[str, Source]) -> Source:
    if match.file not in scanned:
        raise ScannerError(f"the scanner reported on a file that it was not given: {match.file}")
    return scanned[match.file]


def _isolated_hits(rule: Rule, package: Package) -> Sequence[Hit]:
    """Returns a detector's hits; whatever breaks in it is named, and makes the scan fail as ours.

    Raises:
        ScannerError: the detector broke on this package.
    """
    try:
        return tuple(_detector_hits(rule, package))
    except RuleError:
        raise
    except Exception as exc:  # hostile text may find any fault of a detector, and no fault is a pass
        raise ScannerError(f"the detector of the rule {rule.id} broke: {exc!r}"[:300]) from exc


def _detector_hits(rule: Rule, package: Package) -> Iterable[Hit]:
    if not rule.detector or rule.detector in SCANNER_DETECTORS:
        return ()
    if rule.detector not in DETECTORS:
        raise RuleError(f"rule {rule.id} names an unknown detector {rule.detector}")
    return islice(DETECTORS[rule.detector](package), _MAX_HITS_PER_RULE)


def _findings(rule: Rule, hits: Iterable[Hit], package: Package) -> Iterator[Finding]:
    """Yields one finding per place, a bounded number per file.

    Hits that no quotation lowers come first, so that repeated quotations cannot push one out.
    """
    levels = {hit: context.quotation(package, hit.file, hit.line) if rule.is_quotable else 0 for hit in hits}
    places: set[tuple[str, int]] = set()
    per_file: dict[str, int] = {}
    written = {
        hit.file: levels[hit] for hit in sorted(levels, key=lambda h: -levels[h]) if not _is_as_read(hit)
    }
    for hit in sorted(levels, key=lambda hit: (hit.file, levels[hit], hit.line, hit)):
        if _is_as_read(hit) and written.get(hit.file, context.MAX_LEVEL + 1) <= levels[hit]:
            continue  # the same was found where it is written, a few lines further perhaps
        if (hit.file, hit.line) in places or per_file.get(hit.file, 0) >= _MAX_HITS_PER_RULE_AND_FILE:
            continue
        places.add((hit.file, hit.line))
        per_file[hit.file] = per_file.get(hit.file, 0) + 1
        yield _finding(rule, hit, levels[hit])


def _is_as_read(hit: Hit) -> bool:
    return hit.provenance.endswith(rendered.HOW)


def _finding(rule: Rule, hit: Hit, level: int) -> Finding:
    return Finding(
        file=hit.file,
        line=hit.line,
        rule_id=rule.id,
        category=rule.category,
        severity=Severity(max(rule.severity - level, Severity.INFO)),
        confidence=Confidence.LOW if level else rule.confidence,
        title=rule.title,
        evidence=hit.evidence,
        why=rule.why,
        fix=rule.fix,
        taxonomy=rule.taxonomy,
        provenance=hit.provenance,
    )


def _observations(
    package: Package,
) -> tuple[tuple[ObservedCapability, ...], tuple[UnknownCapability, ...]]:
    """Returns each access once, at its first place, and every place with a computed one."""
    observed: dict[tuple[Access, str], ObservedCapability] = {}
    unknown: set[UnknownCapability] = set()
    for source, observation in observe_package(package.sources):
        line, evidence = (
            source.line_of(observation.local_line),
            shown(source.local_line(observation.local_line)),
        )
        value = _canonical(observation.type, observation.value)
        if value is None:
            unknown.add(UnknownCapability(observation.type, source.file, line, evidence))
        else:
            item = ObservedCapability(observation.type, value, source.file, line, evidence)
            observed.setdefault((item.type, item.value), item)
    return tuple(sorted(observed.values())), tuple(sorted(unknown))


@lru_cache(maxsize=4096)  # one script runs the same few programs again and again
def _canonical(access: Access, value: str | None) -> str | None:
    """Returns the canonical permission entry for an observed value; None when there is none."""
    if value is None:
        return None
    outer, _, inner = access.partition(".")
    shape: object = {outer: {inner: [value]}} if inner else {outer: [value]}
    try:
        return PermissionSet.from_json(shape, "observed").values(access)[0]
    except InvalidPermissionsError:
        return None
