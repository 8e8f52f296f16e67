"""The detection rules: read from their folders, checked, and put into one semgrep document.

A rule is a folder ``<rule-id>/`` with ``rule.yaml``, samples and a README. It is
checked by semgrep patterns (``engine: semgrep``) or by a detector of this package
(``engine: detector``). The rule file alone says how bad a match is; code never does.

Source: FORMATS, "Findings".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import yaml

from tank_core.findings import Confidence, Severity

ENGINE_VERSION = 5  # raised with every change of a detector or observer that changes a report

CATEGORIES = (
    "obfuscated-code",
    "undeclared-network",
    "credential-access",
    "suspicious-file-operation",
    "hidden-subprocess",
    "prompt-injection",
    "unsafe-download",
    "vulnerable-code",
    "secret-exposure",
    "analysis-coverage",
    "undeclared-capability",
)
_TEXTS = ("id", "title", "category", "why", "fix", "cannot_see", "engine")
_KNOWN = frozenset((*_TEXTS, "severity", "confidence", "taxonomy", "semgrep", "detector", "quotable"))


class RuleError(Exception):
    """A rule folder is not usable. Rules ship with Tank, so this is our fault and never a user's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Either ``patterns`` (semgrep rule bodies) or ``detector`` (its name) is set.

    ``is_quotable``: whether text that documents attacks lowers its findings, see ``context``.
    """

    id: str
    title: str
    category: str
    severity: Severity
    confidence: Confidence
    taxonomy: tuple[str, ...]
    why: str
    fix: str
    cannot_see: str
    patterns: tuple[dict[str, Any], ...] = ()
    detector: str = ""
    is_quotable: bool = True


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules, sorted by id. ``digest``: ``sha256:<hex>`` over everything that decides a result."""

    rules: tuple[Rule, ...]
    digest: str

    def rule(self, rule_id: str) -> Rule:
        """Returns the rule with this id; RuleError when there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise RuleError(f"no rule {rule_id}")

    def semgrep_document(self) -> bytes:
        """Returns every semgrep rule as one JSON document; ids are ``<rule-id>`` or ``<rule-id>.<n>``."""
        bodies = [body for rule in self.rules for body in _bodies(rule)]
        return json.dumps({"rules": bodies}, sort_keys=True).encode()

    @property
    def semgrep_languages(self) -> frozenset[str]:
        """The languages, in semgrep's spelling, that any rule reads."""
        return frozenset(
            language for rule in self.rules for pattern in rule.patterns for language in pattern["languages"]
        )


def load(files: Mapping[str, bytes]) -> RuleSet:
    """Returns the rules in a folder of rules.

    Args:
        files: path relative to the folder, such as ``env-exfiltration/rule.yaml``, → content.
            Everything but ``<id>/rule.yaml`` is left alone.

    Raises:
        RuleError: a rule is malformed, or two have one id.
    """
    found = [
        _rule(path.split("/")[0], data)
        for path, data in sorted(files.items())
        if path.count("/") == 1 and path.endswith("/rule.yaml")
    ]
    if not found:
        raise RuleError("there are no rules")
    rules = tuple(sorted(found, key=lambda rule: rule.id))
    content = json.dumps([_canonical(rule) for rule in rules], sort_keys=True).encode()
    return RuleSet(rules, "sha256:" + sha256(content).hexdigest())


def _rule(folder: str, data: bytes) -> Rule:
    value = _parsed(folder, data)
    unknown = sorted(set(value) - _KNOWN)
    wrong = [key for key in _TEXTS if not isinstance(value.get(key), str) or not value[key].strip()]
    if unknown or wrong or value["id"] != folder or value["category"] not in CATEGORIES:
        raise RuleError(
            f"{folder}/rule.yaml: unknown keys {unknown}, missing {wrong}, or a wrong id or category"
        )
    patterns, detector = value.get("semgrep", []), value.get("detector", "")
    if bool(patterns) == bool(detector) or (value["engine"] == "semgrep") != bool(patterns):
        raise RuleError(f"{folder}/rule.yaml: needs either semgrep patterns or a detector, as engine says")
    try:
        severity, confidence = Severity.from_label(value["severity"]), Confidence(value["confidence"])
    except (KeyError, ValueError) as error:
        raise RuleError(f"{folder}/rule.yaml: severity or confidence: {error}") from error
    return Rule(
        id=folder,
        title=value["title"].strip(),
        category=value["category"],
        severity=severity,
        confidence=confidence,
        taxonomy=tuple(sorted(value.get("taxonomy", []))),
        why=" ".join(value["why"].split()),
        fix=" ".join(value["fix"].split()),
        cannot_see=" ".join(value["cannot_see"].split()),
        patterns=tuple(patterns),
        detector=detector,
        is_quotable=value.get("quotable", True) is not False,
    )


def _parsed(folder: str, data: bytes) -> dict[str, Any]:
    try:
        value = yaml.safe_load(data)
    except yaml.YAMLError as error:
        raise RuleError(f"{folder}/rule.yaml: {error}") from error
    if not isinstance(value, dict):
        raise RuleError(f"{folder}/rule.yaml: not an object")
    return value


def _bodies(rule: Rule) -> list[dict[str, Any]]:
    several = len(rule.patterns) > 1
    return [
        {
            **body,
            "id": f"{rule.id}.{number}" if several else rule.id,
            "message": rule.title,
            "severity": "INFO",
        }
        for number, body in enumerate(rule.patterns, start=1)
    ]


def _canonical(rule: Rule) -> list[object]:
    return [ENGINE_VERSION, {**asdict(rule), "severity": rule.severity.label}]
