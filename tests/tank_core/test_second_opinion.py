"""A second opinion may raise and add; whatever it says, nothing of ours becomes less."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.findings import Confidence, Finding, Severity, Verdict
from tank_core.scoring import score, verdict_of
from tank_core.second_opinion import (
    MAX_BYTES,
    MAX_FINDINGS,
    PREFIX,
    Opinion,
    OpinionError,
    carried,
    merged,
    parse_opinion,
    rendering,
)
from tests.support.sample_waivers import a_finding

FILES = ("run.py", "SKILL.md")
OURS = (replace(a_finding(), severity=Severity.MEDIUM), replace(a_finding(), file="SKILL.md", line=9))
ORDER = (Verdict.FAIL, Verdict.FLAGGED, Verdict.PASS_WITH_NOTES, Verdict.PASS)
MANNERS = {"has_license": True, "has_repository": True, "is_signed": True}


def said(*items: object) -> bytes:
    return json.dumps({"findings": items}).encode()


def heard(*items: object) -> tuple[Finding, ...]:
    return merged(OURS, parse_opinion(said(*items), "program"), FILES).findings


def item(**changes: Any) -> dict[str, Any]:
    return {
        "rule_id": "sends-data",
        "severity": "high",
        "file": "run.py",
        "line": 2,
        "title": "Sends",
    } | changes


def test_a_new_finding_is_added_under_the_opinions_own_prefix() -> None:
    added = [f for f in heard(item()) if f.rule_id.startswith(PREFIX)]
    assert [(f.rule_id, f.severity, f.file, f.line) for f in added] == [
        ("second-opinion/sends-data", Severity.HIGH, "run.py", 2)
    ]
    assert set(OURS) <= set(heard(item()))


def test_a_rule_of_ours_somewhere_else_is_still_the_opinions_finding() -> None:
    added = set(heard(item(rule_id="some-rule", line=77))) - set(OURS)
    assert [f.rule_id for f in added] == ["second-opinion/some-rule"]


def test_a_finding_that_is_there_is_raised_and_says_by_whom() -> None:
    raised = heard(item(rule_id="some-rule", line=3, severity="critical", title="x", fix="ignore it"))
    assert len(raised) == len(OURS)
    found = next(f for f in raised if f.file == "run.py")
    assert found.severity is Severity.CRITICAL
    assert found.why == "why A second opinion (program) raised it from medium."
    assert (found.title, found.fix, found.confidence) == ("title", "fix", Confidence.HIGH)


@pytest.mark.parametrize("severity", ["info", "low", "medium"])
def test_a_lower_severity_changes_nothing(severity: str) -> None:
    assert heard(item(rule_id="some-rule", line=3, severity=severity, confidence="low")) == tuple(
        sorted(OURS)
    )


def test_of_the_same_remark_twice_the_graver_counts() -> None:
    added = set(heard(item(severity="low"), item(severity="critical"), item(severity="info"))) - set(OURS)
    assert [f.severity for f in added] == [Severity.CRITICAL]


@pytest.mark.parametrize(
    "odd",
    [
        "text",
        None,
        7,
        {},
        item(rule_id=""),
        item(rule_id="///"),
        item(rule_id=7),
        item(severity="none"),
        item(severity=None),
        item(severity=["critical"]),
        item(file="../../etc/passwd"),
        item(file="/etc/passwd"),
        item(file="not-there.py"),
        item(file=None),
    ],
)
def test_what_cannot_be_read_is_left_out_and_counted(odd: object) -> None:
    result = merged(OURS, parse_opinion(said(odd, item()), "program"), FILES)
    assert (result.added, result.ignored) == (1, 1)


def test_every_text_is_escaped_and_shortened() -> None:
    evil = "\x1b[2K\u202e" + "x" * 100_000
    added = set(heard(item(title=evil, why=evil, fix=evil, evidence=evil, rule_id="\x1b" + "a" * 500))) - set(
        OURS
    )
    (found,) = added
    for text in (found.rule_id, found.title, found.why, found.fix, found.evidence):
        assert text.isprintable()
        assert len(text) < 250


def test_an_opinion_does_not_claim_a_certainty_that_nobody_measured() -> None:
    added = set(heard(item(confidence="high"))) - set(OURS)
    assert [f.confidence for f in added] == [Confidence.MEDIUM]


def test_a_flood_is_bounded_and_counted() -> None:
    flood = [item(rule_id=f"rule-{number}") for number in range(MAX_FINDINGS + 50)]
    result = merged(OURS, parse_opinion(said(*flood), "program"), FILES)
    assert (result.added, result.ignored) == (MAX_FINDINGS, 50)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"I have looked at it, and it is perfectly safe.",
        b"[]",
        b"null",
        b'{"findings": {}}',
        b'{"verdict": "pass", "remove": ["some-rule"]}',
        b'{"runs": []}',
        b'{"version": "2.0.0", "runs": []}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"findings": [' + b" " * MAX_BYTES + b"]}",
        b'{"findings": [], "findings": []}',
    ],
    ids=lambda data: str(data[:20]),
)
def test_what_is_no_opinion_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(OpinionError):
        parse_opinion(data, "program")


def test_sarif_is_read_with_the_folder_that_the_source_saw() -> None:
    def result(uri: str, **more: Any) -> dict[str, Any]:
        region = {"startLine": 2, "snippet": {"text": "requests.post(...)"}}
        place = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
        return {"ruleId": "PY/Sends.Data", "message": {"text": "It sends."}, "locations": [place], **more}

    sarif = {
        "version": "2.1.0",
        "runs": [
            {"results": [result("file:///tmp/p/run.py", level="error"), result("./SKILL.md"), {"ruleId": 1}]},
            {"results": None},
            7,
        ],
    }
    opinion = parse_opinion(json.dumps(sarif).encode(), "program", root="/tmp/p")  # noqa: S108  # only a name
    assert [(r.file, r.line, r.severity) for r in opinion.remarks] == [
        ("run.py", 2, Severity.HIGH),
        ("SKILL.md", 2, Severity.MEDIUM),
    ]
    assert opinion.ignored == 1
    added = merged((), opinion, FILES).findings
    assert {f.rule_id for f in added} == {"second-opinion/py-sends-data"}
    assert {f.evidence for f in added} == {"requests.post(...)"}


remarks = st.fixed_dictionaries(
    {
        "rule_id": st.sampled_from(["some-rule", "another", "x"]),
        "severity": st.sampled_from(["info", "low", "medium", "high", "critical", "none"]),
        "confidence": st.sampled_from(["low", "medium", "high"]),
        "file": st.sampled_from([*FILES, "nowhere"]),
        "line": st.integers(0, 10),
    }
)
ours = st.lists(
    st.builds(
        lambda severity, confidence, file, line: replace(
            a_finding(), severity=severity, confidence=confidence, file=file, line=line
        ),
        st.sampled_from(Severity),
        st.sampled_from(Confidence),
        st.sampled_from(FILES),
        st.integers(0, 10),
    ),
    max_size=5,
)


@settings(max_examples=300)
@given(ours, st.lists(remarks, max_size=8))
def test_no_opinion_lowers_anything(found: list[Finding], items: list[dict[str, Any]]) -> None:
    after = list(merged(found, parse_opinion(said(*items), "program"), FILES).findings)
    left = list(after)
    for finding in sorted(found, key=lambda f: -f.severity):
        same = (f for f in left if replace(f, severity=finding.severity, why=finding.why) == finding)
        kept = next(f for f in same if f.severity >= finding.severity)
        left.remove(kept)
    assert all(f.rule_id.startswith(PREFIX) for f in left)
    assert ORDER.index(verdict_of(after)) <= ORDER.index(verdict_of(found))
    assert (score(after, **MANNERS).value or 0) <= (score(found, **MANNERS).value or 0)


def test_an_empty_opinion_changes_nothing() -> None:
    assert merged(OURS, Opinion("program", ()), FILES).findings == tuple(sorted(OURS))


def test_a_package_is_rendered_between_marks_and_bounded() -> None:
    files = [
        ("a.bin", b"\xff\x00"),
        ("b.py", b"print(1)\n" * 10),
        ("SKILL.md", b"# Skill"),
        ("z.md", b"left out"),
    ]
    text = rendering(files, mark="m123", max_bytes=50)
    assert text.startswith("[m123 begin SKILL.md]\n# Skill\n[m123 end]")
    assert "a.bin: 2 bytes that are no text" in text
    assert "more bytes are left out" in text
    assert "left out\n[m123 end]" not in text


@pytest.mark.parametrize(
    "items",
    [
        [],
        [item()],
        [item(rule_id="some-rule", line=3, severity="critical")],
        [item(), item(rule_id="some-rule", line=3), item(file="SKILL.md", line=9)],
    ],
    ids=["nothing", "added", "raised", "both"],
)
def test_what_an_opinion_said_of_the_same_bytes_stays_said(items: list[dict[str, Any]]) -> None:
    before = heard(*items)
    assert carried(OURS, before) == before
    assert carried(OURS, carried(OURS, before)) == before


def test_what_rules_find_today_stands_beside_it() -> None:
    new = replace(a_finding(), rule_id="newer-rule")
    assert set(carried((*OURS, new), heard(item()))) == {*heard(item()), new}
    assert set(carried((), heard(item()))) == {f for f in heard(item()) if f.rule_id.startswith(PREFIX)}


def test_a_raised_finding_is_never_lowered_to_what_it_was_raised_to() -> None:
    before = heard(item(rule_id="some-rule", line=3, severity="high"))
    graver = tuple(replace(finding, severity=Severity.CRITICAL) for finding in OURS)
    assert carried(graver, before) == tuple(sorted(graver))


def test_a_finding_of_ours_that_only_says_raised_somewhere_else_raises_nothing() -> None:
    before = heard(item(rule_id="some-rule", line=3, severity="critical"))
    moved = tuple(replace(finding, line=finding.line + 1) for finding in OURS)
    assert carried(moved, before) == tuple(sorted(moved))
