"""Linked skills: seen by the agents, marked everywhere, and never taken for what comes from the registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tank_cli.transaction import Transaction
from tests.support.columns import too_wide
from tests.support.publishing_documents import write_skill
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot

NAME = "@acme/notes"


@pytest.fixture
def skill(tmp_path: Path, trusted: RegistryDouble) -> Path:
    """A skill's folder beside the project."""
    return write_skill(tmp_path / "working-copy")


def declare(skill: Path, **capabilities: object) -> None:
    manifest = json.loads((skill / "skills.json").read_text())
    (skill / "skills.json").write_text(json.dumps(manifest | {"capabilities": capabilities}))


def test_agents_see_every_change_at_once(tank: Any, project: Path, skill: Path) -> None:
    (project / ".claude").mkdir()
    result = tank("link", skill)
    assert result.exit_code == 0, result.err
    assert result.out == "link .agents/skills/notes\nlink .claude/skills/notes\n"
    assert "not locked, not scanned, not signed" in result.told
    (skill / "SKILL.md").write_text("changed")
    assert (project / ".claude/skills/notes/SKILL.md").read_text() == "changed"
    assert not (project / "skills.lock").exists()
    assert (project / ".tank/.gitignore").read_text() == "*\n"


def test_the_budget_holds_for_it_when_it_is_linked_and_at_every_install(
    tank: Any, project: Path, skill: Path
) -> None:
    declare(skill, subprocess=["rm"])
    before = snapshot(project)
    result = tank("link", skill, "--json")
    assert (result.exit_code, result.error_code) == (7, "permission-budget")
    assert snapshot(project) == before
    declare(skill, subprocess=["git"])
    assert tank("link", skill).exit_code == 0
    assert tank("install").exit_code == 0
    declare(skill, subprocess=["git", "rm"])
    assert tank("install", "--json").error_code == "permission-budget"


def test_a_link_covers_no_locked_skill_from_the_budget(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path
) -> None:
    trusted.publish(NAME, "1.0.0", capabilities={"subprocess": ["git"]})
    assert tank("add", NAME).exit_code == 0
    assert tank("link", skill).exit_code == 0  # it declares nothing
    (project / "skills.json").write_text(json.dumps({"skills": {NAME: "^1.0.0"}}))
    assert tank("install", "--json").error_code == "permission-budget"


@pytest.mark.parametrize("command", ["ci", "verify"])
def test_what_vouches_for_the_whole_project_refuses_a_linked_skill(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path, command: str
) -> None:
    trusted.publish(NAME, "1.0.0")
    assert tank("add", NAME).exit_code == 0
    assert tank("link", skill).exit_code == 0
    result = tank(command, "--json")
    assert (result.exit_code, result.error_code) == (7, "linked-skill")
    assert result.document["error"]["fix"] == f"tank unlink {NAME}"
    assert tank("unlink", NAME).exit_code == 0
    assert tank(command).exit_code == 0


def test_list_audit_verify_and_doctor_mark_it(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path
) -> None:
    trusted.publish(NAME, "2.0.0")
    assert tank("add", NAME).exit_code == 0
    assert tank("link", skill).exit_code == 0
    linked = [{"name": NAME, "version": "1.0.0", "path": str(skill)}]
    for words in (["list"], ["audit"], ["verify", "--allow-linked"]):
        assert tank(*words, "--json").document["linked"] == linked, words
        told = tank(*words)
        assert str(skill) in told.told
        assert "not from the registry" in told.told
        assert too_wide(told.out + told.err) == []
    (check,) = (c for c in tank("doctor", "--json").document["checks"] if c["name"] == "linked")
    assert check["state"] == "note"
    assert str(skill) in check["text"]


def test_an_install_leaves_the_link_and_unlink_brings_the_installed_skill_back(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path
) -> None:
    trusted.publish(NAME, "1.0.0")
    assert tank("add", NAME).exit_code == 0
    installed = snapshot(project)
    assert tank("link", skill).exit_code == 0
    trusted.publish("@acme/other", "1.0.0")
    assert tank("add", "@acme/other").exit_code == 0
    assert (project / ".agents/skills/notes").resolve() == skill
    assert tank("remove", "@acme/other").exit_code == 0
    assert tank("unlink", skill).exit_code == 0
    assert snapshot(project) == installed


def test_linking_again_and_elsewhere_replaces_only_its_own_link(
    tank: Any, project: Path, skill: Path, tmp_path: Path
) -> None:
    other = write_skill(tmp_path / "second-copy")
    assert tank("link", skill).exit_code == 0
    assert tank("link", skill).exit_code == 0
    assert tank("link", other).exit_code == 0
    assert (project / ".agents/skills/notes").resolve() == other
    assert tank("unlink", "--all").exit_code == 0
    assert list((project / ".agents/skills").iterdir()) == []
    assert (skill / "SKILL.md").exists()


@pytest.mark.parametrize("kind", ["folder", "foreign link"])
def test_what_a_person_put_there_stays(
    tank: Any, project: Path, skill: Path, tmp_path: Path, kind: str
) -> None:
    place = project / ".agents/skills/notes"
    place.parent.mkdir(parents=True)
    if kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(tmp_path)
    before = snapshot(project)
    assert tank("link", skill, "--json").error_code == "link-occupied"
    assert snapshot(project) == before


def test_a_skill_of_another_organisation_with_the_same_directory_is_in_the_way(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path
) -> None:
    trusted.publish("@other/notes", "1.0.0")
    assert tank("add", "@other/notes").exit_code == 0
    assert tank("link", skill, "--json").error_code == "link-occupied"


def test_a_link_that_came_with_the_project_is_in_the_way_whatever_its_state_says(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path
) -> None:
    trusted.publish(NAME, "1.0.0")
    assert tank("add", NAME).exit_code == 0
    place, path = project / ".agents/skills/notes", project / ".tank/state.json"
    place.unlink()
    place.symlink_to(skill)
    noted = {NAME: {"path": str(skill), "seal": "0" * 64}}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"linked": noted}))
    assert tank("install", "--json").error_code == "link-occupied"
    assert tank("verify", "--allow-linked", "--json").error_code == "installed-files-differ"
    assert tank("list", "--json").document["linked"] == []
    assert tank("unlink", NAME, "--json").error_code == "not-linked"
    assert place.is_symlink()


def test_a_seal_counts_for_its_skill_and_its_folder_alone(
    tank: Any, project: Path, skill: Path, tmp_path: Path
) -> None:
    assert tank("link", skill).exit_code == 0
    path = project / ".tank/state.json"
    state = json.loads(path.read_text())
    state["linked"][NAME]["path"] = str(tmp_path / "elsewhere")
    (project / ".agents/skills/notes").unlink()
    (project / ".agents/skills/notes").symlink_to(tmp_path / "elsewhere")
    path.write_text(json.dumps(state))
    assert tank("list", "--json").exit_code == 9  # no lock, and nothing linked
    assert tank("ci", "--json").error_code == "no-lock"


@pytest.mark.parametrize("linked", [{"notes": {}}, {NAME: "/x"}, [], {NAME: {"path": 1, "seal": 2}}])
def test_a_state_with_other_links_than_tank_writes_is_read_carefully(
    tank: Any, trusted: RegistryDouble, project: Path, linked: object
) -> None:
    (project / ".tank").mkdir()
    state = {"trees": {}, "links": {}, "pending": {}, "linked": linked}
    (project / ".tank/state.json").write_text(json.dumps(state))
    assert tank("install").exit_code == 0
    assert tank("unlink", NAME, "--json").error_code == "not-linked"


def test_a_folder_that_is_gone_is_marked_as_gone(
    tank: Any, trusted: RegistryDouble, project: Path, skill: Path
) -> None:
    assert tank("link", skill).exit_code == 0
    skill.rename(skill.with_name("moved"))
    assert tank("list", "--json").document["linked"][0]["version"] is None
    assert "gone" in tank("list").out
    assert tank("unlink", NAME).exit_code == 0
    assert not (project / ".agents/skills/notes").is_symlink()


def test_a_failure_leaves_the_project_as_it_was(
    tank: Any, project: Path, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("links are not allowed here")

    monkeypatch.setattr(Transaction, "link", refuse)
    before = snapshot(project)
    result = tank("link", skill, "--json")
    assert (result.exit_code, result.error_code) == (1, "links-not-possible")
    assert snapshot(project) == before


def test_only_a_whole_skill_can_be_linked(tank: Any, project: Path, skill: Path) -> None:
    (skill / "SKILL.md").write_text("---\nname: other\ndescription: d\n---\n")
    assert tank("link", skill, "--json").error_code == "not-publishable"
    (skill / "skills.json").unlink()
    assert tank("link", skill, "--json").error_code == "not-a-skill"


@pytest.mark.parametrize("words", [[], ["--all", NAME]])
def test_unlink_needs_names_or_all(tank: Any, project: Path, words: list[str]) -> None:
    assert tank("unlink", *words).exit_code == 2
