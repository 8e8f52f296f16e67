"""`tank migrate` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot


@pytest.fixture
def other(project: Path) -> Path:
    manifest = {
        "name": "@acme/app",
        "version": "1.0.0",
        "permissions": {"network": {"outbound": ["api.example"]}},
        "skills": {"@acme/notes": "^1.0.0"},
    }
    (project / "tank.json").write_text(json.dumps(manifest))
    lock = {"version": 1, "skills": {"find-docs": {"source": "acme/skills", "sourceType": "github"}}}
    (project / "skills-lock.json").write_text(json.dumps(lock))
    return project


def test_a_migrated_project_installs(tank: Any, registry: RegistryDouble, other: Path) -> None:
    registry.publish("@acme/notes", "1.0.0", capabilities={"network": {"outbound": ["api.example"]}})
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    before = snapshot(other)
    result = tank("migrate")
    assert result.exit_code == 0
    assert f"Wrote {other / 'skills.json'}" in result.told
    assert "skills-lock.json: “find-docs”" in result.told
    assert "tank search find-docs" in result.told
    assert too_wide(result.err) == []
    assert {name: data for name, data in snapshot(other).items() if name != "skills.json"} == before
    assert tank("install").exit_code == 0
    assert (other / ".agents/skills/notes/SKILL.md").is_file()


def test_a_dry_run_prints_the_manifest_alone_on_stdout_and_writes_nothing(tank: Any, other: Path) -> None:
    before = snapshot(other)
    shown = tank("migrate", "--dry-run")
    assert json.loads(shown.out)["skills"] == {"@acme/notes": "^1.0.0"}
    document = tank("migrate", "--dry-run", "--json").document
    assert document["manifest"] == json.loads(shown.out)
    assert [one["where"] for one in document["left"]][-1] == "skills-lock.json: “find-docs”"
    assert snapshot(other) == before


def test_what_was_taken_over_and_is_wide_is_not_told_as_left_out(tank: Any, project: Path) -> None:
    (project / "tank.json").write_text('{"permissions": {"subprocess": true}}')
    told = tank("migrate", "--dry-run")
    assert '"subprocess": true' in told.out
    assert "No counterpart" not in told.err
    assert "Taken over, and worth a look: tank.json: permissions.subprocess" in told.told
    document = tank("migrate", "--dry-run", "--json").document
    assert (document["left"], len(document["noted"])) == ([], 1)


def test_nothing_is_overwritten(tank: Any, other: Path) -> None:
    (other / "skills.json").write_text("mine")
    before = snapshot(other)
    assert tank("migrate", "--json").error_code == "already-there"
    assert tank("migrate", "--dry-run").exit_code == 0
    assert snapshot(other) == before


def test_beside_a_skill_md_it_is_a_skill(tank: Any, other: Path) -> None:
    (other / "SKILL.md").write_text("---\nname: app\ndescription: d\n---\n")
    assert tank("migrate").exit_code == 0
    written = json.loads((other / "skills.json").read_text())
    assert written["capabilities"] == {"network": {"outbound": ["api.example"]}}
    assert tank("pack", "--dry-run", "--json").document["name"] == "@acme/app"


def test_where_there_is_nothing_it_says_what_it_reads(tank: Any, project: Path) -> None:
    result = tank("migrate", "--json")
    assert (result.exit_code, result.error_code) == (3, "nothing-to-migrate")
