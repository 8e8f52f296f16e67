"""A version that was judged anew with waivers: the last verdict counts, and what it rests on is looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tank_core.entities import SkillVersion
from tank_core.findings import Verdict
from tests.cli.conftest import Tank
from tests.support.registry_double import RegistryDouble

NOTES = "@acme/notes"
WAIVED = "finding some-rule in SKILL.md:7 waived by reviewer until"


def audited(tank: Tank) -> dict[str, Any]:
    result = tank("audit", "--json")
    assert result.exit_code == 0, result.err
    skills: Any = result.document["skills"]
    entry: dict[str, Any] = skills[0]
    return entry


def published(tank: Tank, registry: RegistryDouble, verdict: Verdict) -> SkillVersion:
    """Returns a version that is locked as it was published, and accepted where it had to be."""
    made = registry.publish(NOTES, "1.0.0", verdict=verdict)
    assert tank("add", NOTES, "--accept-flagged").exit_code == 0
    return made


def excused(
    registry: RegistryDouble, made: SkillVersion, verdict: Verdict, unwaived: Verdict, **how: Any
) -> None:
    """Judges the version anew, with one waiver that counts."""
    registry.rescan(NOTES, "1.0.0", verdict, 4.0, unwaived_verdict=unwaived, waivers=())
    registry.waive(made, **how)


def test_what_newer_rules_condemn_and_a_waiver_excuses_needs_consent_and_says_why(
    tank: Tank, trusted: RegistryDouble
) -> None:
    made = published(tank, trusted, Verdict.PASS)
    excused(trusted, made, Verdict.FLAGGED, Verdict.FAIL)
    told = tank("audit")
    assert told.exit_code == 8
    assert "has the verdict flagged" in " ".join(told.out.split())
    assert WAIVED in told.told
    assert tank("update", NOTES, "--accept-flagged").exit_code == 0
    assert tank("audit").exit_code == 0


def test_once_that_waiver_is_revoked_the_version_has_failed(tank: Tank, trusted: RegistryDouble) -> None:
    made = published(tank, trusted, Verdict.PASS)
    excused(trusted, made, Verdict.FLAGGED, Verdict.FAIL, revocation="It runs it after all.")
    refused = tank("audit", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "verdict-changed")
    (problem,) = refused.document["error"]["problems"]
    assert "has the verdict fail" in problem["what"]
    assert tank("update", NOTES, "--accept-flagged").exit_code == 8


def test_a_flagged_version_that_a_rescan_judged_with_a_waiver_is_told_with_both_verdicts(
    tank: Tank, trusted: RegistryDouble
) -> None:
    made = published(tank, trusted, Verdict.FLAGGED)
    excused(trusted, made, Verdict.PASS_WITH_NOTES, Verdict.FLAGGED)
    entry = audited(tank)
    assert (entry["verdict"], entry["verdict_now"]) == ("flagged", "pass_with_notes")
    assert [waiver["state"] for waiver in entry["waivers"]] == ["in_force"]


def test_once_that_waiver_lapses_the_verdict_is_the_accepted_one_again(
    tank: Tank, trusted: RegistryDouble
) -> None:
    made = published(tank, trusted, Verdict.FLAGGED)
    excused(trusted, made, Verdict.PASS_WITH_NOTES, Verdict.FLAGGED, days=29)
    entry = audited(tank)
    assert (entry["verdict"], entry["verdict_now"]) == ("flagged", "flagged")
    assert [waiver["state"] for waiver in entry["waivers"]] == ["expired"]


@pytest.mark.parametrize(("days", "exit_code"), [(90, 0), (29, 8)])
def test_who_never_accepted_a_flagged_version_needs_to_once_the_waiver_lapses(
    tank: Tank, trusted: RegistryDouble, days: int, exit_code: int
) -> None:
    made = published(tank, trusted, Verdict.PASS)
    excused(trusted, made, Verdict.PASS_WITH_NOTES, Verdict.FLAGGED, days=days)
    assert tank("audit").exit_code == exit_code


def test_a_lock_that_says_flagged_needs_its_consent_whatever_the_index_says_now(
    tank: Tank, trusted: RegistryDouble, project: Path
) -> None:
    made = published(tank, trusted, Verdict.FLAGGED)
    lock = json.loads((project / "skills.lock").read_text())
    del lock["skills"][NOTES]["flagged_accepted"]
    (project / "skills.lock").write_text(json.dumps(lock))
    excused(trusted, made, Verdict.PASS_WITH_NOTES, Verdict.FLAGGED)
    refused = tank("audit", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "flagged-version")
