"""Consumers see who waived what, why and until when; what lapsed counts for nothing, on this machine too."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tank_cli.render import day
from tank_core.entities import SkillVersion
from tank_core.findings import Verdict
from tests.cli.conftest import Result, Tank
from tests.support.registry_double import RegistryDouble, blob_path

NOTES = "@acme/notes"
WAIVED = "finding some-rule in SKILL.md:7 waived by reviewer until"


def published(registry: RegistryDouble, verdict: Verdict = Verdict.FLAGGED) -> SkillVersion:
    made = registry.publish(NOTES, "1.0.0", verdict=verdict, score=2.0)
    unwaived = Verdict.FAIL if verdict is Verdict.FLAGGED else Verdict.FLAGGED
    registry.change(NOTES, "1.0.0", unwaived_verdict=unwaived)
    return made


def audited(result: Result) -> dict[str, Any]:
    skills = result.document["skills"]
    assert isinstance(skills, list)
    entry: dict[str, Any] = skills[0]
    return entry


def test_an_install_says_who_waived_what_why_and_until_when(tank: Tank, trusted: RegistryDouble) -> None:
    waiver = trusted.waive(published(trusted))
    refused = tank("add", NOTES)
    assert refused.exit_code != 0
    assert f"--accept flagged:{NOTES}@1.0.0" in refused.told
    assert f"{WAIVED} {day(waiver.expires_at)}: It documents the attack." in refused.told
    installed = tank("add", NOTES, "--accept-flagged")
    assert installed.exit_code == 0, installed.err
    assert f"{WAIVED} {day(waiver.expires_at)}: It documents the attack." in installed.told


def test_the_consent_screen_of_a_lock_shows_what_was_waived(
    tank: Tank, trusted: RegistryDouble, project: Path
) -> None:
    trusted.waive(published(trusted))
    assert tank("add", NOTES, "--accept-flagged").exit_code == 0
    lock = project / "skills.lock"
    lock.write_text(lock.read_text().replace('      "flagged_accepted": true,\n', ""))
    asked = tank("ci")
    assert asked.exit_code == 8
    assert WAIVED in asked.told


def test_a_flagged_version_that_was_waived_to_a_note_needs_no_consent_and_is_told(
    tank: Tank, trusted: RegistryDouble
) -> None:
    trusted.waive(published(trusted, Verdict.PASS_WITH_NOTES))
    installed = tank("add", NOTES)
    assert installed.exit_code == 0, installed.err
    assert WAIVED in installed.told


def test_audit_shows_waivers_that_are_in_force(tank: Tank, trusted: RegistryDouble) -> None:
    waiver = trusted.waive(published(trusted))
    assert tank("add", NOTES, "--accept-flagged").exit_code == 0
    told = tank("audit")
    assert told.exit_code == 0, told.err
    assert WAIVED in told.told
    entry = audited(tank("audit", "--json"))
    assert (entry["verdict"], entry["waivers"][0]["state"]) == ("flagged", "in_force")
    assert entry["waivers"][0]["reason"] == waiver.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": 29}, "expired on"),
        ({"revocation": "It runs it after all."}, "was revoked on"),
        ({"key": ec.generate_private_key(ec.SECP256R1())}, "does not count"),
        ({"digest": "sha256:" + "b" * 64}, "does not count"),
    ],
    ids=["expired", "revoked", "badly signed", "about other bytes"],
)
def test_a_waiver_that_does_not_count_leaves_the_verdict_without_it(
    tank: Tank, trusted: RegistryDouble, changes: dict[str, Any], said: str
) -> None:
    made = published(trusted)
    trusted.waive(made)
    assert tank("add", NOTES, "--accept-flagged").exit_code == 0
    trusted.change(NOTES, "1.0.0", waivers=())
    trusted.waive(made, **changes)
    told = tank("audit")
    assert told.exit_code == 8
    assert said in told.told
    assert "The registry's verdict is fail" in told.told


def test_what_lapsed_is_not_installed_anew_whatever_is_accepted(
    tank: Tank, trusted: RegistryDouble, project: Path
) -> None:
    trusted.waive(published(trusted), days=29)
    before = (project / "skills.json").read_bytes()
    refused = tank("add", NOTES, "--accept-flagged", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "flagged-version")
    assert not (project / "skills.lock").exists()
    assert (project / "skills.json").read_bytes() == before


def test_a_renewed_waiver_takes_the_place_of_the_one_that_expired(
    tank: Tank, trusted: RegistryDouble
) -> None:
    made = published(trusted)
    trusted.waive(made, days=29)
    trusted.waive(made, counted=False, line=8)
    assert tank("add", NOTES, "--accept-flagged").exit_code == 8
    trusted.waive(made, counted=False, line=0)
    assert tank("add", NOTES, "--accept-flagged").exit_code == 0
    assert tank("audit").exit_code == 0


def test_an_index_that_hides_the_waiver_shows_the_verdict_without_it(
    tank: Tank, trusted: RegistryDouble
) -> None:
    published(trusted)
    assert tank("add", NOTES, "--accept-flagged").exit_code == 8


def test_a_waiver_that_is_withheld_counts_for_nothing(tank: Tank, trusted: RegistryDouble) -> None:
    made = published(trusted)
    trusted.waive(made)
    digest = next(v for v in trusted.versions[NOTES]).waivers[0].digest
    del trusted.objects[blob_path(digest)]
    refused = tank("add", NOTES, "--accept-flagged")
    assert refused.exit_code == 8
    assert "does not count" in refused.told


def test_a_locked_and_accepted_version_installs_offline_as_before(
    tank: Tank, trusted: RegistryDouble, project: Path
) -> None:
    trusted.waive(published(trusted))
    assert tank("add", NOTES, "--accept-flagged").exit_code == 0
    asked = len(trusted.requests)
    assert tank("ci").exit_code == 0
    assert len(trusted.requests) == asked


def test_info_shows_the_waiver_verified_with_the_pinned_key(tank: Tank, trusted: RegistryDouble) -> None:
    trusted.waive(published(trusted))
    stored = trusted.versions[NOTES][0]
    document = asdict(stored) | {"verdict": "flagged", "unwaived_verdict": "fail"}
    trusted.answer_json("GET", "/v1/skills/acme/notes/versions/1.0.0", document)
    told = tank("info", f"{NOTES}@1.0.0")
    assert told.exit_code == 0, told.err
    assert WAIVED in told.told
    assert "Without waivers the verdict is fail." in told.told
    trusted.key = ec.generate_private_key(ec.SECP256R1())
    trusted.change(NOTES, "1.0.0", waivers=())
    trusted.waive(stored)
    forged = trusted.versions[NOTES][0]
    trusted.answer_json(
        "GET",
        "/v1/skills/acme/notes/versions/1.0.0",
        document | {"waivers": [asdict(w) for w in forged.waivers]},
    )
    told = tank("info", f"{NOTES}@1.0.0")
    assert "does not count" in told.told
    assert "The verdict is fail now" in told.told
