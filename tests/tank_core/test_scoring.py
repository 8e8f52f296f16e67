"""Verdict and score: published weights, itemised, and one more finding never helps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.findings import Confidence, Finding, Severity, Verdict
from tank_core.scoring import CAPS, WEIGHTS, Score, ScoreItem, score, verdict_of

ORDER = (Verdict.FAIL, Verdict.FLAGGED, Verdict.PASS_WITH_NOTES, Verdict.PASS)


def finding(
    severity: Severity = Severity.MEDIUM,
    confidence: Confidence = Confidence.MEDIUM,
    rule_id: str = "rule",
    file: str = "scripts/run.py",
    provenance: str = "",
    category: str = "category",
) -> Finding:
    return Finding(
        file=file,
        line=1,
        rule_id=rule_id,
        category=category,
        severity=severity,
        confidence=confidence,
        title="Title",
        evidence="evidence",
        why="why",
        fix="fix",
        provenance=provenance,
    )


findings = st.lists(
    st.builds(
        finding,
        st.sampled_from(Severity),
        st.sampled_from(Confidence),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["SKILL.md", "run.py"]),
        st.sampled_from(["", "fenced bash block"]),
        st.sampled_from(["credential-access", "undeclared-network"]),
    ),
    max_size=8,
)


def best(found: list[Finding]) -> Score:
    return score(found, has_license=True, has_repository=True, is_signed=True)


VERDICTS = {
    (Severity.CRITICAL, Confidence.HIGH): Verdict.FAIL,
    (Severity.CRITICAL, Confidence.MEDIUM): Verdict.FAIL,
    (Severity.CRITICAL, Confidence.LOW): Verdict.FLAGGED,
    (Severity.HIGH, Confidence.HIGH): Verdict.FAIL,
    (Severity.HIGH, Confidence.MEDIUM): Verdict.FLAGGED,
    (Severity.HIGH, Confidence.LOW): Verdict.FLAGGED,
    (Severity.MEDIUM, Confidence.HIGH): Verdict.FLAGGED,
    (Severity.MEDIUM, Confidence.MEDIUM): Verdict.PASS_WITH_NOTES,
    (Severity.MEDIUM, Confidence.LOW): Verdict.PASS_WITH_NOTES,
    (Severity.LOW, Confidence.HIGH): Verdict.PASS_WITH_NOTES,
    (Severity.LOW, Confidence.MEDIUM): Verdict.PASS_WITH_NOTES,
    (Severity.LOW, Confidence.LOW): Verdict.PASS_WITH_NOTES,
    (Severity.INFO, Confidence.HIGH): Verdict.PASS,
    (Severity.INFO, Confidence.MEDIUM): Verdict.PASS,
    (Severity.INFO, Confidence.LOW): Verdict.PASS,
}


@pytest.mark.parametrize("pair", VERDICTS, ids=lambda pair: f"{pair[0].label}-{pair[1]}")
def test_one_finding_in_code_means_its_verdict(pair: tuple[Severity, Confidence]):
    assert verdict_of([finding(*pair)]) is VERDICTS[pair]


def test_every_pair_of_severity_and_confidence_has_a_verdict_and_a_weight():
    pairs = {(severity, confidence) for severity in Severity for confidence in Confidence}
    assert pairs == set(VERDICTS) == {(s, c) for s, row in WEIGHTS.items() for c in row}


def test_sure_medium_finding_in_prose_is_a_note_and_in_its_code_block_a_flag():
    prose = finding(Severity.MEDIUM, Confidence.HIGH, file="references/Guide.MD")
    block = finding(Severity.MEDIUM, Confidence.HIGH, file="SKILL.md", provenance="fenced bash block")
    assert verdict_of([prose]) is Verdict.PASS_WITH_NOTES
    assert verdict_of([block]) is Verdict.FLAGGED


def high(category: str, confidence: Confidence = Confidence.MEDIUM) -> Finding:
    return finding(Severity.HIGH, confidence, category=category, rule_id=f"about-{category}")


def test_two_high_findings_of_different_categories_are_one_attack():
    assert verdict_of([high("credential-access"), high("undeclared-network")]) is Verdict.FAIL


def test_two_high_findings_of_one_category_are_flagged():
    other = finding(Severity.HIGH, Confidence.MEDIUM, category="credential-access", rule_id="other")
    assert verdict_of([high("credential-access"), other]) is Verdict.FLAGGED


def test_what_a_quotation_lowered_makes_no_attack_of_another_finding():
    quoted = high("undeclared-network", Confidence.LOW)
    assert verdict_of([high("credential-access"), quoted]) is Verdict.FLAGGED
    assert verdict_of([high("prompt-injection", Confidence.LOW), quoted]) is Verdict.FLAGGED


@pytest.mark.parametrize("severity", [Severity.MEDIUM, Severity.LOW, Severity.INFO])
def test_lesser_finding_makes_no_attack_of_a_high_one(severity: Severity):
    lesser = finding(severity, Confidence.MEDIUM, category="undeclared-network")
    assert verdict_of([high("credential-access"), lesser]) is Verdict.FLAGGED


def test_no_findings_pass():
    assert verdict_of([]) is Verdict.PASS


def test_clean_signed_package_with_licence_and_repository_scores_ten():
    assert best([]) == Score(10.0, Verdict.PASS, ())


def test_unscanned_has_no_score_and_does_not_pass():
    result = score(None, has_license=True, has_repository=True, is_signed=True)
    assert result.value is None
    assert result.verdict is Verdict.FLAGGED
    assert result.items[0].reason.startswith("Not scanned")


def test_each_missing_courtesy_is_an_item():
    result = score([], has_license=False, has_repository=False, is_signed=False)
    assert result.value == 8.0
    assert [item.points for item in result.items] == [-1.0, -0.5, -0.5]
    assert result.verdict is Verdict.PASS


def test_repeated_rule_counts_whole_half_and_quarter():
    assert best([finding()]).value == 8.8
    assert best([finding()] * 2).value == 8.2
    assert best([finding()] * 3).value == 7.9
    assert best([finding()] * 50).value == 7.9
    assert best([finding()] * 3).items == (
        ScoreItem(-2.1, "rule: Title (medium, medium confidence, 3 times)"),
    )


def test_reason_of_equal_weights_names_the_more_severe_finding_in_any_order():
    high = finding(Severity.HIGH, Confidence.MEDIUM)
    critical = finding(Severity.CRITICAL, Confidence.LOW)
    assert best([high, critical]) == best([critical, high])
    assert "critical" in best([high, critical]).items[0].reason


def test_different_rules_add_up():
    assert best([finding(rule_id="a"), finding(rule_id="b")]).value == 7.6


def test_cap_is_an_item_of_its_own():
    result = best([finding(Severity.HIGH, Confidence.LOW)])
    assert result.value == 5.0
    assert result.items[-1] == ScoreItem(-3.4, "A version with the verdict flagged scores at most 5.0.")


def test_floor_is_an_item_of_its_own():
    result = best([finding(Severity.CRITICAL, Confidence.HIGH, rule_id=rule) for rule in "ab"])
    assert result.value == 0.0
    assert result.items[-1] == ScoreItem(6.0, "A score does not go below 0.")


def test_json_has_value_verdict_and_items():
    assert score([], has_license=False, has_repository=True, is_signed=True).to_json() == {
        "value": 9.5,
        "verdict": "pass",
        "items": [{"points": -0.5, "reason": "No licence: skills.json names none."}],
    }


@settings(deadline=None)
@given(findings, st.booleans(), st.booleans(), st.booleans())
def test_items_add_up_to_the_value(found: list[Finding], licensed: bool, linked: bool, signed: bool):
    result = score(found, has_license=licensed, has_repository=linked, is_signed=signed)
    assert result.value is not None
    assert round(result.value * 10) == 100 + sum(round(item.points * 10) for item in result.items)
    assert 0 <= result.value <= CAPS.get(result.verdict, 100) / 10


@settings(deadline=None)
@given(findings, findings)
def test_one_more_finding_never_helps(found: list[Finding], more: list[Finding]):
    before, after = best(found), best(found + more)
    assert before.value is not None
    assert after.value is not None
    assert after.value <= before.value
    assert ORDER.index(after.verdict) <= ORDER.index(before.verdict)


@settings(deadline=None)
@given(findings)
def test_order_of_findings_does_not_matter(found: list[Finding]):
    assert best(found) == best(found[::-1]) == best(sorted(found))
