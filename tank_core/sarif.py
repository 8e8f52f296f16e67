"""Findings as a SARIF 2.1.0 log: one run, every rule that was asked, every finding of every package.

Nothing is left out and nothing is suppressed: a finding that somebody waived stands in
the log like any other, because ``suppressions`` make viewers hide what they name.

What a package's author wrote (paths, evidence, names) is never put where a viewer reads
markup: paths are percent-encoded URIs, messages have their placeholders and links
escaped, and evidence stands in the property bag.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus
Errata 01"; GitHub, "SARIF support for code scanning" (``security-severity``, ``precision``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from tank_core.analysis.rules import Rule, RuleSet
from tank_core.findings import Confidence, Finding, Severity
from tank_core.taxonomy import Framework, Taxonomy

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_VERSION = "2.1.0"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "tankFinding/v1"
_LEVELS = {
    Severity.INFO: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
# Within the bands that viewers use: above 9.0 critical, above 7.0 high, above 4.0 medium.
_SECURITY_SEVERITY = {
    Severity.INFO: "0.0",
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
_ESCAPES = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]", "{": "{{", "}": "}}"})


@dataclass(frozen=True, slots=True)
class Scanned:
    """One package that was scanned.

    Attributes:
        label: what people call it, such as ``@org/name@1.0.0``.
        prefix: what stands before its files' paths, from the scanned folder on; "" or ends with "/".
        findings: all of them.
        facts: JSON values about the whole, such as its verdict; for the run's property bag.
    """

    label: str
    prefix: str
    findings: tuple[Finding, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the scan itself. ``level``: ``error`` (not scanned), ``warning`` or ``note``."""

    level: str
    text: str


def document(
    packages: Sequence[Scanned],
    rules: RuleSet,
    names: Taxonomy,
    *,
    version: str,
    notices: Sequence[Notice] = (),
) -> dict[str, Any]:
    """Returns the log as a JSON object; same packages, rules and notices give the same one.

    Args:
        packages: in the order to report them.
        rules: the rule set that was used; all of its rules are described.
        names: what their taxonomy ids mean.
        version: of Tank, semver.
        notices: what could not be read, and what else a reader must know.
    """
    found = [finding for package in packages for finding in package.findings]
    frameworks = _frameworks(rules, found, names)
    descriptors = [_descriptor(rule, names, frameworks) for rule in rules.rules]
    descriptors += _comparisons({rule.id for rule in rules.rules}, found, names, frameworks)
    positions = {str(descriptor["id"]): position for position, descriptor in enumerate(descriptors)}
    driver = {
        "name": "tank",
        "fullName": "Tank, the package manager for AI agent skills",
        "semanticVersion": version,
        "rules": descriptors,
        "supportedTaxonomies": [_component_of(framework, frameworks) for framework in frameworks],
    }
    run = {
        "tool": {"driver": driver},
        "taxonomies": [_taxonomy(framework, rules, found, names) for framework in frameworks],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder or archive that was scanned."}}},
        "invocations": [_invocation(notices)],
        "results": [result for package in packages for result in _results(package, positions)],
        "properties": {
            "ruleSetDigest": rules.digest,
            "packages": [{"name": package.label, **package.facts} for package in packages],
        },
    }
    return {"$schema": SCHEMA, "version": _VERSION, "runs": [run]}


def to_text(log: Mapping[str, Any]) -> str:
    """Returns a log as JSON text, ASCII only, with a line feed at its end."""
    return json.dumps(log, indent=2, sort_keys=True) + "\n"


def _results(package: Scanned, positions: Mapping[str, int]) -> Iterable[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in package.findings:
        identity = _identity(package, finding)
        result = {
            "ruleId": finding.rule_id,
            "ruleIndex": positions[finding.rule_id],
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [_location(package, finding)],
            "partialFingerprints": {_FINGERPRINT: _fingerprint(identity, seen[identity])},
            "properties": {
                "severity": finding.severity.label,
                "security-severity": _SECURITY_SEVERITY[finding.severity],
                "confidence": str(finding.confidence),
                "category": finding.category,
                "evidence": finding.evidence,
                "fix": finding.fix,
                "package": package.label,
                "provenance": finding.provenance,
                "why": finding.why,
            },
        }
        seen[identity] += 1
        yield result


def _message(finding: Finding) -> str:
    reached = f" ({finding.provenance})" if finding.provenance else ""
    return f"{finding.title}{reached}".translate(_ESCAPES)


def _location(package: Scanned, finding: Finding) -> dict[str, Any]:
    if not finding.file:  # about the package as a whole
        return {"logicalLocations": [{"name": package.label, "kind": "module"}]}
    place: dict[str, Any] = {
        "artifactLocation": {"uri": _uri(package.prefix + finding.file), "uriBaseId": _ROOT}
    }
    if finding.line:
        place["region"] = {"startLine": finding.line}
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    """Returns a relative URI reference: nothing in a file's name is read as a scheme, query or fragment."""
    return quote(path.encode("utf-8", errors="backslashreplace"), safe="/")


def _identity(package: Scanned, finding: Finding) -> str:
    """Returns what stays the same when lines move: everything that tells a finding but its line."""
    parts = (
        finding.rule_id,
        package.prefix + finding.file,
        finding.provenance,
        finding.title,
        " ".join(finding.evidence.split()),
    )
    return "\0".join(parts)


def _fingerprint(identity: str, repeat: int) -> str:
    """Returns 64 hex digits; the same text found again in the same file counts on."""
    return sha256(f"{identity}\0{repeat}".encode(errors="backslashreplace")).hexdigest()


def _descriptor(rule: Rule, names: Taxonomy, frameworks: Sequence[Framework]) -> dict[str, Any]:
    help_text = f"Why: {rule.why}\n\nFix: {rule.fix}\n\nCannot see: {rule.cannot_see}"
    markdown = f"**Why:** {rule.why}\n\n**Fix:** {rule.fix}\n\n**Cannot see:** {rule.cannot_see}"
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": help_text, "markdown": markdown},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "relationships": _relationships(rule.taxonomy, names, frameworks),
        "properties": _properties(rule.category, rule.severity, rule.confidence, rule.taxonomy),
    }


def _comparisons(
    known: set[str], found: Iterable[Finding], names: Taxonomy, frameworks: Sequence[Framework]
) -> list[dict[str, Any]]:
    """Returns descriptors of what no rule folder describes, such as ``undeclared-network``, by id."""
    first: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda finding: (finding.rule_id, finding.why)):
        if finding.rule_id not in known:
            first.setdefault(finding.rule_id, finding)
    return [
        {
            "id": rule_id,
            "shortDescription": {"text": rule_id.replace("-", " ").capitalize()},
            "fullDescription": {"text": finding.why},
            "help": {"text": f"Why: {finding.why}", "markdown": f"**Why:** {finding.why}"},
            "defaultConfiguration": {"level": _LEVELS[finding.severity]},
            "relationships": _relationships(finding.taxonomy, names, frameworks),
            "properties": _properties(
                finding.category, finding.severity, finding.confidence, finding.taxonomy
            ),
        }
        for rule_id, finding in first.items()
    ]


def _properties(
    category: str, severity: Severity, confidence: Confidence, taxonomy: Sequence[str]
) -> dict[str, Any]:
    return {
        "tags": sorted({"security", category, *taxonomy}),
        "precision": str(confidence),
        "security-severity": _SECURITY_SEVERITY[severity],
    }


def _relationships(
    ids: Sequence[str], names: Taxonomy, frameworks: Sequence[Framework]
) -> list[dict[str, Any]]:
    """Returns what a rule is a case of: each taxon holds more than the rule finds."""
    taxa = [taxon for taxon_id in ids if (taxon := names.taxon(taxon_id)) is not None]
    return [
        {
            "target": {"id": taxon.id, "toolComponent": _component_of(taxon.framework, frameworks)},
            "kinds": ["superset"],
        }
        for taxon in taxa
    ]


def _component_of(framework: Framework, frameworks: Sequence[Framework]) -> dict[str, Any]:
    return {"name": framework.name, "index": frameworks.index(framework)}


def _used(rules: RuleSet, found: Iterable[Finding]) -> set[str]:
    named = [rule.taxonomy for rule in rules.rules] + [finding.taxonomy for finding in found]
    return {taxon_id for ids in named for taxon_id in ids}


def _frameworks(rules: RuleSet, found: Iterable[Finding], names: Taxonomy) -> list[Framework]:
    """Returns the frameworks that any rule names, by name."""
    taxa = [names.taxon(taxon_id) for taxon_id in _used(rules, found)]
    return sorted({taxon.framework for taxon in taxa if taxon}, key=lambda framework: framework.name)


def _taxonomy(
    framework: Framework, rules: RuleSet, found: Iterable[Finding], names: Taxonomy
) -> dict[str, Any]:
    taxa = [names.taxon(taxon_id) for taxon_id in sorted(_used(rules, found))]
    return {
        "name": framework.name,
        "version": framework.version,
        "organization": framework.organization,
        "informationUri": framework.url,
        "isComprehensive": False,
        "taxa": [
            {"id": taxon.id, "shortDescription": {"text": taxon.name}}
            for taxon in taxa
            if taxon and taxon.framework == framework
        ],
    }


def _invocation(notices: Sequence[Notice]) -> dict[str, Any]:
    return {
        "executionSuccessful": all(notice.level != "error" for notice in notices),
        "toolExecutionNotifications": [
            {"level": notice.level, "message": {"text": notice.text.translate(_ESCAPES)}}
            for notice in notices
        ],
    }
