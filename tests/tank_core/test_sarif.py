"""A SARIF log holds every finding, keeps the format, and gives a package's author nothing to play with."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core import sarif
from tank_core.analysis import compare
from tank_core.analysis.report import ObservedCapability
from tank_core.findings import Confidence, Finding, Severity
from tank_core.permissions import NONE, Access
from tank_core.taxonomy import load
from tests.support.sarif_schema import complaints
from tests.support.semgrep_once import RULES, rule_set

RULE_SET = rule_set()
NAMES = load((RULES / "taxonomy.yaml").read_bytes())
FOUND = Finding(
    file="scripts/run.py",
    line=3,
    rule_id="reverse-shell",
    category="hidden-subprocess",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    title="Hands a shell to another machine",
    evidence="subprocess.call(['/bin/sh'])",
    why="Whoever listens can do everything.",
    fix="Remove it.",
    taxonomy=("AST01", "CWE-506"),
    provenance="base64 layer 1",
)


def log_of(*findings: Finding, prefix: str = "", notices: tuple[sarif.Notice, ...] = ()) -> dict[str, Any]:
    scanned = sarif.Scanned("@acme/notes@1.0.0", prefix, findings, {"verdict": "fail"})
    return sarif.document([scanned], RULE_SET, NAMES, version="0.1.0", notices=notices)


def results_of(log: dict[str, Any]) -> list[dict[str, Any]]:
    found = log["runs"][0]["results"]
    assert isinstance(found, list)
    return found


def prints_of(log: dict[str, Any]) -> list[str]:
    return [result["partialFingerprints"]["tankFinding/v1"] for result in results_of(log)]


def test_a_log_keeps_the_format_and_has_every_finding() -> None:
    undeclared = compare.declared_against_observed(
        NONE, [ObservedCapability(Access.NETWORK_OUTBOUND, "api.example", "a.md", 1, "curl api.example")]
    )
    log = log_of(FOUND, *undeclared, replace(FOUND, file="", line=0, severity=Severity.INFO))
    assert complaints(log) == []
    first, second, third = results_of(log)
    assert (first["level"], first["properties"]["provenance"]) == ("error", "base64 layer 1")
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert (second["ruleId"], second["level"]) == ("undeclared-network", "warning")
    assert "physicalLocation" not in third["locations"][0]
    assert complaints(log_of()) == []


def test_every_rule_has_help_tags_and_taxa() -> None:
    run = log_of()["runs"][0]
    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert described.keys() == {rule.id for rule in RULE_SET.rules}
    shell = described["reverse-shell"]
    for word in ("Why:", "Fix:", "Cannot see:"):
        assert word in shell["help"]["text"]
    assert {"security", "hidden-subprocess", "CWE-506"} <= set(shell["properties"]["tags"])
    assert shell["properties"]["security-severity"] == "9.5"
    assert "CWE-506" in {relationship["target"]["id"] for relationship in shell["relationships"]}
    assert "CWE" in {taxonomy["name"] for taxonomy in run["taxonomies"]}


def test_a_fingerprint_stays_when_lines_move_and_differs_for_all_else() -> None:
    assert prints_of(log_of(FOUND)) == prints_of(log_of(replace(FOUND, line=40)))
    others = [
        replace(FOUND, file="other.py"),
        replace(FOUND, evidence="other"),
        replace(FOUND, rule_id="remote-commands"),
        replace(FOUND, provenance=""),
    ]
    assert len({*prints_of(log_of(FOUND, *others)), *prints_of(log_of(FOUND, prefix="a/"))}) == 6


def test_the_same_line_twice_has_two_fingerprints() -> None:
    assert len(set(prints_of(log_of(FOUND, replace(FOUND, line=9))))) == 2


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b#c?.md", "a%20b%23c%3F.md"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("ü/%41.md", "%C3%BC/%2541.md"),
        ("a\udc80b", "a%5Cudc80b"),
    ],
)
def test_a_path_is_percent_encoded(path: str, uri: str) -> None:
    log = log_of(replace(FOUND, file=path), prefix="skills/one/")
    place = results_of(log)[0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == f"skills/one/{uri}"


def test_a_message_has_neither_link_nor_placeholder() -> None:
    hostile = replace(
        FOUND, title="See [this](https://evil.example) {0}", evidence="[x](https://evil.example)"
    )
    log = log_of(hostile, notices=(sarif.Notice("note", "[x](y)"),))
    assert complaints(log) == []
    assert results_of(log)[0]["message"]["text"].startswith("See \\[this\\](https://evil.example) {{0}}")
    said = log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert said == "\\[x\\](y)"


def test_a_package_that_was_not_scanned_is_no_success() -> None:
    for level, is_good in (("error", False), ("warning", True), ("note", True)):
        invocation = log_of(notices=(sarif.Notice(level, "said"),))["runs"][0]["invocations"][0]
        assert invocation["executionSuccessful"] is is_good


def test_nothing_is_ever_suppressed() -> None:
    assert '"suppressions"' not in sarif.to_text(log_of(FOUND))


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            replace,
            st.just(FOUND),
            file=st.text(min_size=1, max_size=20).filter(lambda text: ".." not in text and text[0] != "/"),
            line=st.integers(0, 9),
            title=st.text(min_size=1, max_size=20),
            evidence=st.text(max_size=20),
            rule_id=st.sampled_from(["reverse-shell", "undeclared-network"]),
        ),
        max_size=6,
    )
)
def test_any_findings_make_a_log_that_keeps_the_format(findings: list[Finding]) -> None:
    log = log_of(*findings)
    assert complaints(log) == []
    text = sarif.to_text(log)
    assert text.isascii()
    assert json.loads(text) == log
    assert len(results_of(log)) == len(findings)


BREAKAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an unknown property": lambda run: run["results"][0].update(suppressions=[]),
    "a wrong level": lambda run: run["results"][0].update(level="fatal"),
    "a wrong ruleIndex": lambda run: run["results"][0].update(ruleIndex=0),
    "line zero": lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(
        startLine=0
    ),
    "a raw path": lambda run: run["results"][0]["locations"][0]["physicalLocation"][
        "artifactLocation"
    ].update(uri="a b"),
    "no base": lambda run: run["originalUriBaseIds"].clear(),
    "a missing taxon": lambda run: run["taxonomies"][0]["taxa"].pop(0),
    "taxonomies in another order": lambda run: run["taxonomies"].reverse(),
    "two rules of one id": lambda run: run["tool"]["driver"]["rules"].append(
        run["tool"]["driver"]["rules"][0] | {"help": {"text": "other"}}
    ),
    "a repeated fingerprint": lambda run: run["results"].append({**run["results"][0], "level": "note"}),
    "a link": lambda run: run["results"][0]["message"].update(text="[a](b)"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_the_checker_sees_a_broken_log(name: str) -> None:
    log = copy.deepcopy(log_of(FOUND))
    BREAKAGES[name](log["runs"][0])
    assert complaints(log) != []
