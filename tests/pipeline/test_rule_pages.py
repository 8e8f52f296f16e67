"""The pages about the rules are what the rule folders say, and show samples without playing tricks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import rule_pages
from tank_core.analysis.rules import load
from tank_core.taxonomy import TaxonomyError
from tank_core.taxonomy import load as load_taxonomy

RULE_SET = rule_pages.read_rules()
NAMES = rule_pages.read_taxonomy()
TABLE = (rule_pages.RULES / "taxonomy.yaml").read_text(encoding="utf-8")
FACTS = "{name: a, version: 1, organization: o, url: u}"
A_RULE = b"""
id: a-rule
title: Finds a | b
category: prompt-injection
severity: high
confidence: low
taxonomy: [AST01]
why: Because.
fix: Remove it.
cannot_see: All else.
engine: detector
detector: any
"""


def test_every_page_and_readme_is_what_the_rule_folders_say() -> None:
    written = rule_pages.pages(RULE_SET, NAMES)
    stale = [str(path) for path, text in written.items() if not _says(path, text)]
    assert stale == [], "run: python -m pipeline.rule_pages"
    assert set(rule_pages.PAGES.glob("*")) <= written.keys(), "run: python -m pipeline.rule_pages"


def _says(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("rule", RULE_SET.rules, ids=lambda rule: rule.id)
def test_every_taxonomy_id_of_a_rule_is_in_the_table(rule: object) -> None:
    assert [name for name in getattr(rule, "taxonomy", ()) if NAMES.taxon(name) is None] == [], (
        "add it to pipeline/rules/taxonomy.yaml"
    )


def test_the_ids_of_findings_without_a_folder_are_in_the_table() -> None:
    index = rule_pages.index_page(RULE_SET)
    named = set(re.findall(r"\b(?:AST\d+|CWE-\d+)\b", index))
    assert named
    assert [name for name in named if NAMES.taxon(name) is None] == []


def test_no_id_stands_twice_in_the_table() -> None:
    ids = [line.split(":")[0].strip() for line in TABLE.splitlines() if line.startswith("    ")]
    listed = [name for name in ids if name not in {"name", "version", "organization", "url"}]
    assert len(listed) == len(set(listed)) == len(NAMES.taxa)


def test_a_draft_keeps_its_version() -> None:
    skills = NAMES.taxon("AST01")
    assert skills is not None
    assert "draft" in skills.framework.version
    assert {taxon.framework.name for taxon in NAMES.taxa.values()} >= {"MITRE ATLAS", "MITRE ATT&CK", "CWE"}


@pytest.mark.parametrize(
    "table",
    [
        "ids: {AST: {AST01: x}}",
        "[]",
        "frameworks: {}\nids: {AST: {AST01: Malicious Skills}}",
        "frameworks: {}\nids: {}\nids: {}",
        f"frameworks:\n  A: {FACTS}\n  B: {FACTS}\nids:\n  A: {{X1: a}}\n  B: {{X1: b}}",
    ],
)
def test_a_malformed_table_is_refused(table: str) -> None:
    with pytest.raises(TaxonomyError):
        load_taxonomy(table.encode())


def test_the_index_says_what_each_finding_means_and_names_the_comparisons() -> None:
    index = rule_pages.index_page(RULE_SET)
    assert "| high | `fail` | `flagged` | `flagged` |" in index
    for name in (
        "undeclared-network",
        "undeclared-secret",
        "declared-and-unused",
        "link-in-folder",
        "unread-file",
    ):
        assert f"### {name}\n" in index


def test_a_page_shows_what_cannot_be_seen_and_its_fence_holds() -> None:
    rule = load({"a-rule/rule.yaml": A_RULE}).rules[0]
    hostile = "```\nig\u200bnore \u202e\x1b[2J\n````\n" + "x" * 500
    page = rule_pages.rule_page(rule, NAMES, {"bad": [("bad.md", hostile.encode())], "good": []})
    assert "ig\\u200bnore \\u202e\\x1b[2J" in page
    assert page.count("\n`````") == 2  # one backtick more than the sample's longest run
    assert "x" * 161 not in page
    assert all(c.isprintable() or c == "\n" for c in page)
    assert "AST01 | Malicious Skills" in page


def test_a_page_takes_a_binary_sample_and_a_rule_without_samples() -> None:
    rule = load({"a-rule/rule.yaml": A_RULE}).rules[0]
    page = rule_pages.rule_page(rule, NAMES, {"bad": [("bad.bin", bytes(range(32)) * 9)]})
    assert "Not text: 288 bytes." in page
    assert "leaves alone" not in rule_pages.rule_page(rule, NAMES, {})
