"""Who imitates whom: the younger name, never the older, and how bad that is."""

from __future__ import annotations

from tank_core import imitated_skill
from tank_core.entities import Skill
from tank_core.findings import Confidence, Finding, Severity, Verdict
from tank_core.imitated_skill import ESTABLISHED_SECONDS, RULE_ID
from tank_core.names import SkillName
from tank_core.scoring import verdict_of

BORN = 1_000_000
NOW = BORN + ESTABLISHED_SECONDS


def skill(name: str, *, created_at: int = BORN, latest: str = "1.0.0") -> Skill:
    return Skill(name, created_at, created_at, "", (), latest)


def found(name: str, *candidates: Skill, since: int = NOW, org_since: int = NOW) -> tuple[Finding, ...]:
    parsed = SkillName.parse(name)
    imitated = imitated_skill.imitated(parsed, since, candidates, org_since=org_since)
    return imitated_skill.findings(parsed, since, imitated)


def test_a_name_that_looks_like_an_established_one_is_flagged() -> None:
    (finding,) = found("@acrne/pdf", skill("@acme/pdf"))
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.MEDIUM)
    assert finding.evidence == "@acrne/pdf is the same to the eye as @acme/pdf"
    assert verdict_of([finding]) is Verdict.FLAGGED


def test_two_imitated_names_are_one_fact_and_refuse_nothing() -> None:
    findings = found("@acrne/pdf", skill("@acme/pdf"), skill("@acmee/pdf"))
    assert len(findings) == 2
    assert verdict_of(findings) is Verdict.FLAGGED


def test_a_name_that_is_younger_than_a_week_is_a_note() -> None:
    (finding,) = found("@acrne/pdf", skill("@acme/pdf"), since=NOW - 1)
    assert finding.severity is Severity.MEDIUM
    assert verdict_of([finding]) is Verdict.PASS_WITH_NOTES


def test_the_older_name_imitates_nobody() -> None:
    assert found("@acme/pdf", skill("@acrne/pdf"), since=BORN) == ()
    assert found("@acme/pdf", skill("@acrne/pdf"), since=BORN - 1) == ()


def test_a_skill_that_nobody_can_install_protects_no_name() -> None:
    assert found("@acrne/pdf", skill("@acme/pdf", latest="")) == ()


def test_a_namesake_of_a_younger_organisation_is_a_note() -> None:
    (finding,) = found("@other/invoice-reader", skill("@acme/invoice-reader"))
    assert (finding.severity, finding.confidence) == (Severity.MEDIUM, Confidence.LOW)
    assert found("@other/invoice-reader", skill("@acme/invoice-reader"), org_since=BORN) == ()


def test_a_last_part_that_several_organisations_use_is_a_word() -> None:
    others = [skill(f"@{org}/code-review") for org in ("acme", "globex", "initech")]
    assert found("@other/code-review", *others[:2])
    assert found("@other/code-review", *others) == ()
    assert len(found("@acrne/code-review", *others)) == 1


def test_the_closest_and_oldest_come_first_and_no_more_than_three() -> None:
    close = [
        skill(f"@acme{letter}/tool-kit", created_at=BORN - number) for number, letter in enumerate("bcde")
    ]
    findings = found("@acme/tool-kit", skill("@zeta/tool-kit", created_at=1), *close)
    assert [finding.evidence.rpartition(" ")[2] for finding in findings] == [
        "@acmee/tool-kit",
        "@acmed/tool-kit",
        "@acmec/tool-kit",
    ]


def test_what_was_found_is_carried_and_nothing_else() -> None:
    (finding,) = found("@acrne/pdf", skill("@acme/pdf"))
    other = Finding("a.py", 1, "other", "c", Severity.LOW, Confidence.LOW, "t", "e", "w", "f")
    assert imitated_skill.carried([other, finding]) == (finding,)
    assert finding.rule_id == RULE_ID
