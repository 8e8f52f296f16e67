"""A locked version that newer rules judged anew: who finds out, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tank_core.entities import Availability
from tank_core.findings import Verdict
from tests.support.registry_double import RegistryDouble

NAME, LABEL = "@acme/notes", "@acme/notes@1.0.0"


@pytest.fixture
def locked(tank: Any, trusted: RegistryDouble) -> RegistryDouble:
    """A project that holds a version which passed when it was locked."""
    trusted.publish(NAME, "1.0.0")
    assert tank("add", NAME).exit_code == 0
    return trusted


def forget(home: Path, project: Path) -> None:
    """Leaves of an install its manifest and its lock, as on another machine."""
    shutil.rmtree(home / ".cache")
    shutil.rmtree(project / ".tank")
    shutil.rmtree(project / ".agents")


def lock(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "skills.lock").read_bytes())["skills"]
    return found


@pytest.mark.parametrize(("verdict", "score"), [(Verdict.FAIL, 2.0), (Verdict.FLAGGED, 4.5)])
def test_audit_says_what_changed_and_ends_with_8(
    tank: Any, locked: RegistryDouble, verdict: Verdict, score: float
) -> None:
    locked.rescan(NAME, "1.0.0", verdict, score)
    told = f"has the verdict {verdict} (score {score:g}) now, and had pass (score 9.5) when it was locked"
    shown = tank("audit")
    assert shown.exit_code == 8
    assert told in " ".join(shown.out.split())
    refused = tank("audit", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "verdict-changed")
    (problem,) = refused.document["error"]["problems"]
    assert (problem["where"], problem["what"]) == (LABEL, f"It {told}.")
    assert "tank update @acme/notes" in problem["fix"]


def test_audit_of_a_version_that_was_judged_better_or_with_notes_ends_well(
    tank: Any, locked: RegistryDouble
) -> None:
    locked.rescan(NAME, "1.0.0", Verdict.PASS_WITH_NOTES, 8.0)
    audit = tank("audit", "--json")
    assert audit.exit_code == 0
    (skill,) = audit.document["skills"]
    assert (skill["verdict"], skill["audit_score"]) == ("pass", 9.5)
    assert (skill["verdict_now"], skill["audit_score_now"]) == ("pass_with_notes", 8.0)
    assert "has the verdict pass_with_notes" in " ".join(tank("audit").out.split())


def test_a_withdrawn_version_is_told_as_such_and_not_as_judged_anew(
    tank: Any, locked: RegistryDouble
) -> None:
    locked.rescan(NAME, "1.0.0", Verdict.FAIL, 2.0)
    locked.change(NAME, "1.0.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    assert tank("audit", "--json").error_code == "withdrawn-in-lock"
    assert tank("audit").out.count("verdict") == 0


@pytest.mark.parametrize("command", ["ci", "install"])
def test_what_failed_is_not_downloaded_from_a_lock_whatever_is_accepted(
    tank: Any, locked: RegistryDouble, project: Path, home: Path, command: str
) -> None:
    locked.rescan(NAME, "1.0.0", Verdict.FAIL, 2.0)
    forget(home, project)
    for words in ((command,), (command, "--accept-flagged")):
        refused = tank(*words, "--json")
        assert (refused.exit_code, refused.error_code) == (8, "verdict-changed")
    assert not (project / ".tank" / "skills").exists()


def test_what_was_flagged_since_installs_from_a_lock_only_when_accepted(
    tank: Any, locked: RegistryDouble, project: Path, home: Path
) -> None:
    locked.rescan(NAME, "1.0.0", Verdict.FLAGGED, 4.5)
    forget(home, project)
    refused = tank("ci", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "verdict-changed")
    accepted = tank("ci", "--accept-flagged")
    assert accepted.exit_code == 0  # the lock's own attestation is still there, and still verifies
    assert "has the verdict flagged" in accepted.err
    assert lock(project)[NAME]["verdict"] == "pass"


def test_update_with_consent_writes_the_new_verdict_and_its_attestation_into_the_lock(
    tank: Any, locked: RegistryDouble, project: Path
) -> None:
    before = lock(project)[NAME]
    locked.rescan(NAME, "1.0.0", Verdict.FLAGGED, 4.5)
    assert tank("update", NAME).exit_code == 8
    assert tank("update", NAME, "--accept-flagged").exit_code == 0
    after = lock(project)[NAME]
    assert (after["verdict"], after["audit_score"], after["flagged_accepted"]) == ("flagged", 4.5, True)
    assert after["attestations"] != before["attestations"]
    assert {key: after[key] for key in ("version", "digest", "integrity")} == {
        key: before[key] for key in ("version", "digest", "integrity")
    }
    assert tank("audit").exit_code == 0


def test_what_failed_is_never_newly_resolved(tank: Any, locked: RegistryDouble, project: Path) -> None:
    locked.publish(NAME, "0.9.0")
    locked.rescan(NAME, "1.0.0", Verdict.FAIL, 2.0)
    (project / "skills.lock").unlink()
    manifest = json.loads((project / "skills.json").read_bytes())
    manifest["skills"] = {NAME: "*"}
    (project / "skills.json").write_text(json.dumps(manifest))
    assert tank("install", "--accept-flagged").exit_code == 0
    assert lock(project)[NAME]["version"] == "0.9.0"


def test_update_leaves_a_version_that_failed(tank: Any, locked: RegistryDouble, project: Path) -> None:
    locked.rescan(NAME, "1.0.0", Verdict.FAIL, 2.0)
    locked.publish(NAME, "1.0.1")
    assert tank("update", NAME).exit_code == 0
    assert lock(project)[NAME]["version"] == "1.0.1"
    assert tank("audit").exit_code == 0


def test_a_lock_that_says_itself_that_a_version_failed_is_refused_whatever_is_accepted(
    tank: Any, locked: RegistryDouble, project: Path
) -> None:
    path = project / "skills.lock"
    path.write_text(path.read_text().replace('"verdict": "pass"', '"verdict": "fail"'))
    refused = tank("ci", "--accept-flagged", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "flagged-version")


def test_add_and_outdated_name_no_version_that_failed(
    tank: Any, locked: RegistryDouble, project: Path
) -> None:
    locked.publish(NAME, "1.0.1")
    locked.publish(NAME, "1.1.0")
    locked.rescan(NAME, "1.1.0", Verdict.FAIL, 2.0)
    (line,) = tank("outdated", "--json").document["skills"]
    assert (line["wanted"], line["latest"]) == ("1.0.1", "1.0.1")
    assert tank("add", NAME).exit_code == 0
    assert lock(project)[NAME]["version"] == "1.0.1"
    for number in ("1.0.0", "1.0.1"):
        locked.rescan(NAME, number, Verdict.FAIL, 2.0)
    refused = tank("add", NAME, "--json")
    assert (refused.error_code, refused.exit_code) == ("version-not-found", 3)
