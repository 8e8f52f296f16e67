"""Names of a project's skills as people type them: what was meant is named, and nothing is guessed at and done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot

NOTES, TEXT = "@acme/notes", "@acme/text"


@pytest.fixture
def two(tank: Any, trusted: RegistryDouble) -> RegistryDouble:
    trusted.publish(NOTES, "1.0.0", skills={TEXT: "^1.0.0"})
    trusted.publish(TEXT, "1.0.0")
    assert tank("add", NOTES, TEXT).exit_code == 0
    return trusted


@pytest.mark.parametrize("command", ["remove", "update", "why"])
@pytest.mark.parametrize(
    ("typed", "code"),
    [("@acme/ntoes", "not-in-project"), ("@amce/notes", "not-in-project"), ("notes", "invalid-name")],
)
def test_the_nearest_name_is_told(
    tank: Any, two: RegistryDouble, project: Path, command: str, typed: str, code: str
) -> None:
    before = snapshot(project)
    result = tank(command, typed, "--json")
    assert result.error_code == code
    assert result.document["error"]["fix"] == f"Did you mean {NOTES}?"
    assert snapshot(project) == before


def test_a_name_like_no_other_leads_to_the_list(tank: Any, two: RegistryDouble) -> None:
    assert tank("remove", "@other/thing", "--json").document["error"]["fix"] == "tank list"


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        ("update", f"tank add '{NOTES}@^2'"),
        ("remove", f"Write {NOTES}"),
        ("why", f"Write {NOTES}"),
    ],
)
def test_a_range_behind_a_name_is_told_where_it_belongs(
    tank: Any, two: RegistryDouble, command: str, fix: str
) -> None:
    result = tank(command, f"{NOTES}@^2", "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")
    assert result.document["error"]["fix"] == fix


def test_what_is_unlinked_may_be_named_as_agents_see_it_and_a_folder_may_be_no_link(
    tank: Any, two: RegistryDouble, project: Path, tmp_path: Path
) -> None:
    skill = tmp_path / "mine"
    skill.mkdir()
    (skill / "SKILL.md").write_text("---\nname: mine\ndescription: x\n---\n")
    (skill / "skills.json").write_text(json.dumps({"name": "@acme/mine", "version": "1.0.0"}))
    assert tank("link", skill).exit_code == 0
    assert tank("unlink", "mine").exit_code == 0
    result = tank("unlink", skill, "--json")
    assert (result.exit_code, result.error_code) == (3, "not-linked")
    assert tank("unlink", ".", "--json").error_code == "not-linked"


def test_a_name_that_nobody_published_is_searched_for_by_its_own_part(tank: Any, two: RegistryDouble) -> None:
    error = tank("add", "@amce/notes", "--json").document["error"]
    assert (error["code"], error["fix"]) == ("skill-not-found", "Look for it with `tank search notes`.")


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("./mine", "tank link ./mine"),
        ("file:../my skill", "tank link '../my skill'"),
        ("https://host.invalid/a.tgz", "`tank search WORDS`"),
        ("git+ssh://git@host.invalid/a", "`tank scan PATH`"),
    ],
)
def test_what_is_no_name_of_a_registry_is_told_what_does_its_work(
    tank: Any, two: RegistryDouble, typed: str, fix: str
) -> None:
    result = tank("install", typed, "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")
    assert fix in result.document["error"]["fix"]


def test_one_skill_in_two_ranges_is_no_request(tank: Any, two: RegistryDouble, project: Path) -> None:
    before = snapshot(project)
    assert tank("add", f"{NOTES}@1.0.0", f"{NOTES}@^1", "--json").error_code == "usage"
    assert snapshot(project) == before
    assert tank("add", NOTES, NOTES).exit_code == 0
