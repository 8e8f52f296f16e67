"""Every rule finds its bad samples and leaves its good ones alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.adapters.semgrep import SemgrepScanner
from tank_core.analysis.hosts import mentions
from tank_core.analysis.report import AnalysisReport
from tank_core.archive import ArchiveEntry
from tank_core.findings import Confidence, Finding, Severity
from tests.support.semgrep_once import RULES, SEMGREP, reports, rule_set

RULE_SET = rule_set()
WITHOUT_BAD_SAMPLE = {"unread-text"}  # its sample would be two mebibytes; test_engine makes it


def _samples() -> dict[str, tuple[ArchiveEntry, ...]]:
    found = {}
    for rule in RULE_SET.rules:
        for sample in sorted((RULES / rule.id).iterdir()):
            if sample.name.startswith(("bad", "good")):
                found[f"{rule.id}/{sample.name}"] = _entries(sample)
    return found


def _entries(sample: Path) -> tuple[ArchiveEntry, ...]:
    if sample.is_file():
        return (ArchiveEntry(sample.name, sample.read_bytes(), False),)
    return tuple(
        ArchiveEntry(path.relative_to(sample).as_posix(), path.read_bytes(), False)
        for path in sorted(sample.rglob("*"))
        if path.is_file()
    )


SAMPLES = _samples()


@pytest.fixture(scope="module")
def analyzed() -> dict[str, AnalysisReport]:
    if not SEMGREP.exists():
        pytest.skip("semgrep is not installed in .venv-semgrep")
    return reports(SAMPLES, RULE_SET, SemgrepScanner(SEMGREP))


def _blocks(finding: Finding) -> bool:
    return (finding.severity is Severity.CRITICAL and finding.confidence is not Confidence.LOW) or (
        finding.severity is Severity.HIGH and finding.confidence is Confidence.HIGH
    )


@pytest.mark.parametrize("name", [name for name in SAMPLES if "/bad" in name])
def test_bad_sample_is_found_with_file_and_line(name: str, analyzed: dict[str, AnalysisReport]) -> None:
    rule_id = name.split("/")[0]
    found = [finding for finding in analyzed[name].findings if finding.rule_id == rule_id]
    assert found, f"{rule_id} does not find {name}"
    assert {finding.file for finding in found} <= {entry.path for entry in SAMPLES[name]}
    assert all(finding.evidence for finding in found)


@pytest.mark.parametrize("name", [name for name in SAMPLES if "/good" in name])
def test_good_sample_is_left_alone_and_blocked_by_no_rule(
    name: str, analyzed: dict[str, AnalysisReport]
) -> None:
    report = analyzed[name]
    assert name.split("/")[0] not in {finding.rule_id for finding in report.findings}
    assert [finding.rule_id for finding in report.findings if _blocks(finding)] == []


@pytest.mark.parametrize("rule", RULE_SET.rules, ids=lambda rule: rule.id)
def test_rule_has_a_bad_and_a_good_sample_and_a_readme(rule: object) -> None:
    rule_id = str(getattr(rule, "id", ""))
    names = {
        name.split("/")[1].split(".")[0].split("-")[0] for name in SAMPLES if name.startswith(f"{rule_id}/")
    }
    assert "good" in names
    assert "bad" in names or rule_id in WITHOUT_BAD_SAMPLE
    assert f"`{rule_id}`" in (RULES / rule_id / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "category",
    [
        "obfuscated-code",
        "undeclared-network",
        "credential-access",
        "suspicious-file-operation",
        "hidden-subprocess",
    ],
)
def test_category_has_at_least_two_rules(category: str) -> None:
    assert sum(rule.category == category for rule in RULE_SET.rules) >= 2


def test_samples_name_reserved_hosts_only() -> None:
    named = {
        mention.host
        for entries in SAMPLES.values()
        for entry in entries
        for mention in mentions(entry.data.decode(errors="replace"))
    }
    reserved = (".invalid", ".example")
    assert {
        host
        for host in named
        if not host.endswith(reserved) and not host.startswith(("192.0.2.", "127.0.0.1"))
    } == set()
