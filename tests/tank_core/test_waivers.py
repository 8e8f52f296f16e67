"""A waiver lowers what one finding counts for by one level, and hides nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.findings import Confidence, Finding, Severity, Verdict
from tank_core.refusal import refusal_of
from tank_core.scoring import CAPS, score, verdict_of
from tank_core.waivers import DAY_SECONDS, MAX_DAYS, lowered, marked, remarked, waiver_of
from tests.support.sample_waivers import GRANTED_AT, a_finding, a_waiver

ORDER = (Verdict.FAIL, Verdict.FLAGGED, Verdict.PASS_WITH_NOTES, Verdict.PASS)
MANNERS = {"has_license": True, "has_repository": True, "is_signed": True}

findings = st.lists(
    st.builds(
        lambda severity, confidence, line, file: replace(
            a_finding(), severity=severity, confidence=confidence, line=line, file=file
        ),
        st.sampled_from(Severity),
        st.sampled_from(Confidence),
        st.integers(0, 3),
        st.sampled_from(["run.py", "SKILL.md"]),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("unwaived", "waived"),
    [
        (Verdict.FAIL, Verdict.FLAGGED),
        (Verdict.FLAGGED, Verdict.PASS_WITH_NOTES),
        (Verdict.PASS_WITH_NOTES, Verdict.PASS_WITH_NOTES),
        (Verdict.PASS, Verdict.PASS),
    ],
)
def test_a_waived_finding_counts_one_level_less_and_at_best_as_a_note(
    unwaived: Verdict, waived: Verdict
) -> None:
    assert lowered(unwaived) is waived


def test_a_waived_critical_finding_flags_and_does_not_refuse() -> None:
    found = [a_finding()]
    assert (verdict_of(found), verdict_of(found, [a_waiver()])) == (Verdict.FAIL, Verdict.FLAGGED)
    assert refusal_of(found) is not None
    assert refusal_of(found, [a_waiver()]) is None


@pytest.mark.parametrize(
    "other",
    [
        {"rule_id": "another-rule"},
        {"file": "scripts/other.py"},
        {"line": 4},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_finding_is_not_waived(other: dict[str, object]) -> None:
    found = [a_finding(), replace(a_finding(), **other)]  # type: ignore[arg-type]  # a table of changes
    assert verdict_of(found, [a_waiver()]) is Verdict.FAIL
    refusal = refusal_of(found, [a_waiver()])
    assert refusal is not None
    assert len(refusal.problems) == 1


def test_a_waiver_without_a_line_is_about_the_whole_file() -> None:
    found = [a_finding(), replace(a_finding(), line=9), replace(a_finding(), line=0)]
    assert verdict_of(found, [replace(a_waiver(), line=0)]) is Verdict.FLAGGED


def test_points_are_still_taken_and_the_waiver_is_an_item() -> None:
    found = [a_finding()]
    waived = score(found, **MANNERS, waivers=[a_waiver()])
    assert waived.verdict is Verdict.FLAGGED
    assert waived.value == score(found, **MANNERS).value == 2.0
    assert waived.items[-1].points == 0
    assert waived.items[-1].reason == "some-rule in run.py:3: waived by reviewer: documents the attack"


@settings(max_examples=200)
@given(findings)
def test_waivers_never_raise_a_score_above_the_verdicts_cap_nor_hide_a_finding(found: list[Finding]) -> None:
    waivers = [replace(a_waiver(), line=0)]
    before, after = score(found, **MANNERS), score(found, **MANNERS, waivers=waivers)
    assert after.value is not None
    assert 100 + sum(round(item.points * 10) for item in after.items) == round(after.value * 10)
    assert after.value <= CAPS.get(after.verdict, 100) / 10
    levels = ORDER.index(after.verdict) - ORDER.index(before.verdict)
    assert levels in (0, 1)
    if before.verdict is not Verdict.PASS:
        assert after.verdict is not Verdict.PASS
    assert [document["severity"] for document in marked(found, waivers)] == [f.severity.label for f in found]


def test_a_report_marks_what_was_waived_and_nothing_else() -> None:
    found = [a_finding(), replace(a_finding(), line=9)]
    documents = marked(found, [a_waiver()])
    assert documents[0]["waived"] == {
        "by": "reviewer",
        "reason": "documents the attack",
        "until": a_waiver().expires_at,
    }
    assert documents[0]["severity"] == "critical"
    assert "waived" not in documents[1]
    assert "waived" not in remarked(documents, [])[0]


def test_of_two_waivers_the_longer_one_is_named() -> None:
    longer = replace(a_waiver(), expires_at=a_waiver().expires_at + 1, granted_by="another")
    assert (
        waiver_of(a_finding(), [longer, a_waiver()]) == waiver_of(a_finding(), [a_waiver(), longer]) == longer
    )


def test_a_waiver_begins_and_ends() -> None:
    waiver = a_waiver()
    assert not waiver.is_in_force(GRANTED_AT - 1)
    assert waiver.is_in_force(GRANTED_AT)
    assert waiver.is_in_force(waiver.expires_at - 1)
    assert not waiver.is_in_force(waiver.expires_at)


def test_a_waiver_for_longer_than_a_year_never_counts() -> None:
    waiver = replace(a_waiver(), expires_at=GRANTED_AT + MAX_DAYS * DAY_SECONDS + 1)
    assert not waiver.is_in_force(GRANTED_AT)


def test_a_renewal_replaces_what_it_covers() -> None:
    on_line, on_file = a_waiver(), replace(a_waiver(), line=0)
    assert on_file.replaces(on_line)
    assert not on_line.replaces(on_file)
    assert on_line.replaces(on_line)
    assert not replace(on_line, file="b").replaces(on_line)
