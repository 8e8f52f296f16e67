"""What a project demands of what enters it, on every path: budget, verdict, audit policy, publisher."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tank_core.findings import Verdict
from tests.support.project_documents import lock_of, manifest
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot

GIT = {"subprocess": ["git"]}


def test_budget_is_held_before_any_download_and_names_every_gap(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["rm"]}, skills={"@acme/text": "*"})
    trusted.publish("@acme/text", "1.0.0", capabilities={"secrets": ["API_TOKEN"]})
    before = snapshot(project)
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (7, "permission-budget")
    assert [p["where"] for p in result.document["error"]["problems"]] == ["@acme/notes", "@acme/text"]
    assert not any("/blobs/" in request for request in trusted.requests)
    assert snapshot(project) == before


@pytest.mark.parametrize("command", [["install"], ["ci"], ["update"], ["install", "--dry-run"]])
def test_budget_is_held_on_every_path_with_a_lock_too(
    tank: Any, trusted: RegistryDouble, project: Path, command: list[str]
) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities=GIT)
    tank("add", "@acme/notes")
    (project / "skills.json").write_text('{"permissions": {}, "skills": {"@acme/notes": "^1.0.0"}}')
    assert tank(*command, "--json").error_code == "permission-budget"


def test_budget_is_held_for_global_installs(tank: Any, trusted: RegistryDouble, home: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities=GIT)
    assert tank("add", "-g", "@acme/notes", "--json").error_code == "permission-budget"
    trusted.publish("@acme/plain", "1.0.0")
    assert tank("add", "-g", "@acme/plain").exit_code == 0
    assert (home / ".agents/skills/plain/SKILL.md").is_file()


def test_flagged_version_needs_consent_which_the_lock_records(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", verdict=Verdict.FLAGGED, score=4.0)
    manifest(project, skills={"@acme/notes": "1.0.0"})
    refused = tank("install", "--json")
    assert (refused.exit_code, refused.error_code) == (8, "flagged-version")
    assert tank("install", "--accept-flagged").exit_code == 0
    assert lock_of(project)["skills"]["@acme/notes"]["flagged_accepted"] is True
    assert tank("ci").exit_code == 0
    text = (project / "skills.lock").read_text().replace('"flagged_accepted": true,\n', "")
    (project / "skills.lock").write_text(text)
    result = tank("ci", "--json")
    assert (result.exit_code, result.error_code) == (8, "flagged-version")


@pytest.mark.parametrize("audit", [{"min_score": 9.9}, {"require_provenance": True}])
def test_audit_policy_holds_for_a_lock_that_came_from_elsewhere(
    tank: Any, trusted: RegistryDouble, project: Path, audit: dict[str, Any]
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    manifest(project, skills={"@acme/notes": "^1.0.0"}, audit=audit)
    result = tank("ci", "--json")
    assert (result.exit_code, result.error_code) == (7, "audit-policy")


def test_a_new_publisher_needs_consent(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    trusted.publish("@acme/notes", "1.1.0", publisher="mallory")
    result = tank("update", "--json")
    assert (result.exit_code, result.error_code) == (7, "publisher-changed")
    accepted = tank("update", "--accept-publisher")
    assert accepted.exit_code == 0
    assert "accepted: @acme/notes@1.1.0: It is published by “mallory”" in accepted.err


def test_consent_to_a_new_publisher_names_everybody_whom_it_lets_in(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    names = ("@acme/notes", "@acme/text")
    for name in names:
        trusted.publish(name, "1.0.0")
    assert tank("add", *names).exit_code == 0
    for name in names:
        trusted.publish(name, "1.1.0", publisher="mallory")
    result = tank("update", "--accept-publisher", "--dry-run")
    assert [name for name in names if f"accepted: {name}@1.1.0" in result.err] == list(names)
