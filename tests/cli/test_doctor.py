"""`tank doctor`: what it sees in a project, what --fix puts right, and what it never touches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.columns import too_wide
from tests.support.publishing_documents import write_skill
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot


@pytest.fixture
def used(tank: Any, trusted: RegistryDouble, project: Path) -> Path:
    """A project with two skills, seen by two agents."""
    trusted.answer_json("GET", "/v1/health", {"status": "ok", "registry": trusted.url})
    (project / ".claude").mkdir()
    for name in ("@acme/notes", "@acme/text"):
        trusted.publish(name, "1.0.0")
    assert tank("add", "@acme/notes", "@acme/text").exit_code == 0
    return project


def complaints(tank: Any, *options: str) -> list[tuple[str, str, str]]:
    """Returns topic, state and place of everything about the project that is not well."""
    topics = {"links", "files", "state", "staging", "project"}
    checks = tank("doctor", *options, "--json").document["checks"]
    return [
        (c["name"], c["state"], c["text"].partition(":")[0])
        for c in checks
        if c["name"] in topics and c["state"] != "ok"
    ]


def test_a_sound_project_has_nothing_to_fix(tank: Any, used: Path) -> None:
    before = snapshot(used)
    assert complaints(tank) == []
    result = tank("doctor", "--fix", "--json")
    assert (result.exit_code, result.document["fixed"]) == (0, [])
    assert snapshot(used) == before
    shown = tank("doctor").out
    assert "claude (.claude/skills)" in shown
    assert too_wide(shown) == []


def test_edited_files_of_a_skill_are_told_and_left_alone(tank: Any, used: Path) -> None:
    edited = used / ".tank/skills/notes/SKILL.md"
    edited.write_text(edited.read_text() + "mine\n")
    before = snapshot(used)
    assert complaints(tank) == [("files", "bad", ".tank/skills/notes")]
    told = tank("doctor", "--fix")
    assert told.exit_code == 1
    assert "tank verify" in told.told
    assert "tank install --overwrite" in told.told
    assert snapshot(used) == before
    assert tank("install", "--overwrite").exit_code == 0
    assert complaints(tank) == []


def test_a_version_that_is_not_the_locked_one_is_for_an_install(
    tank: Any, trusted: RegistryDouble, used: Path
) -> None:
    trusted.publish("@acme/notes", "1.1.0")
    assert tank("update", "--lock-only").exit_code == 0
    found = [c for c in tank("doctor", "--json").document["checks"] if c["name"] == "files"]
    assert [c["text"] for c in found] == [
        ".tank/skills/notes: It is installed in another version than locked. Fix: tank install"
    ]


def test_missing_links_are_made(tank: Any, used: Path) -> None:
    before = snapshot(used)
    (used / ".claude/skills/notes").unlink()
    shutil.rmtree(used / ".agents")
    places = [".agents/skills/notes", ".agents/skills/text", ".claude/skills/notes"]
    assert complaints(tank) == [("links", "bad", place) for place in places]
    assert tank("doctor").exit_code == 1
    result = tank("doctor", "--fix", "--json")
    assert [one["where"] for one in result.document["fixed"]] == places
    assert result.exit_code == 0
    assert snapshot(used) == before


def test_dangling_links_go(tank: Any, used: Path) -> None:
    lock = json.loads((used / "skills.lock").read_text())
    del lock["skills"]["@acme/text"]
    (used / "skills.lock").write_text(json.dumps(lock))
    shutil.rmtree(used / ".tank/skills/text")
    assert [place for _, _, place in complaints(tank)] == [".agents/skills/text", ".claude/skills/text"]
    tank("doctor", "--fix")
    assert complaints(tank) == []
    assert [path.name for path in (used / ".claude/skills").iterdir()] == ["notes"]


def test_a_locked_skill_that_is_not_there_is_for_install(tank: Any, used: Path) -> None:
    shutil.rmtree(used / ".tank/skills/text")
    before = snapshot(used)
    assert complaints(tank, "--fix") == [("files", "bad", ".tank/skills/text")]
    assert snapshot(used) == before
    assert tank("install").exit_code == 0
    assert complaints(tank) == []


def test_what_a_killed_process_left_goes(tank: Any, used: Path) -> None:
    before = snapshot(used)
    (used / ".tank/tmp/0123/new/text").mkdir(parents=True)
    (used / f".tank/.state.json.{'a' * 12}").write_text("{")
    assert {state for _, state, _ in complaints(tank)} == {"note"}
    assert tank("doctor").exit_code == 0
    tank("doctor", "--fix")
    assert snapshot(used) == before


@pytest.mark.parametrize("is_finished", [True, False])
def test_pending_work_is_taken_over_when_it_is_whole_and_forgotten_when_not(
    tank: Any, used: Path, is_finished: bool
) -> None:
    path = used / ".tank/state.json"
    honest = path.read_bytes()
    state = json.loads(honest)
    lock = json.loads((used / "skills.lock").read_text())["skills"]["@acme/text"]["tree_hash"]
    del state["trees"]["text"]
    state["pending"] = {"text": lock if is_finished else f"sha256:{'0' * 64}"}
    path.write_text(json.dumps(state, indent=2, sort_keys=True) + "\n")
    assert complaints(tank) == [("state", "bad", ".tank/state.json")]
    assert tank("doctor", "--fix").exit_code == 0
    if is_finished:
        assert path.read_bytes() == honest
    else:
        assert "text" not in json.loads(path.read_text())["trees"]


@pytest.mark.parametrize("damage", ["{", "[]", '{"trees": {}}'])
def test_a_damaged_state_is_made_anew_from_the_lock(tank: Any, used: Path, damage: str) -> None:
    path = used / ".tank/state.json"
    honest = path.read_bytes()
    path.write_text(damage)
    assert complaints(tank)[0] == ("state", "bad", ".tank/state.json")
    assert tank("doctor", "--fix").exit_code == 0
    assert path.read_bytes() == honest


def test_foreign_files_survive_a_fix_whatever_the_state_says(tank: Any, used: Path, tmp_path: Path) -> None:
    mine = used / ".claude/skills"
    (mine / "own").mkdir()
    (mine / "own/SKILL.md").write_text("mine")
    (mine / "elsewhere").symlink_to(tmp_path / "gone")
    (mine / "notes").unlink()
    (mine / "notes").mkdir()
    (mine / "notes/SKILL.md").write_text("mine too")
    (used / ".tank/mine.txt").write_text("mine")
    (used / "src").mkdir()
    (used / "src/notes").write_text("mine")
    path = used / ".tank/state.json"
    state = json.loads(path.read_text())
    state["links"] |= {
        ".claude/skills/own": "link",
        ".claude/skills/elsewhere": "link",
        "src/notes": "link",
        "../outside": "link",
    }
    path.write_text(json.dumps(state, indent=2, sort_keys=True) + "\n")
    before = {name: data for name, data in snapshot(used).items() if name != ".tank/state.json"}
    result = tank("doctor", "--fix", "--json")
    assert result.exit_code == 1  # something is in the way, and stays there
    after = {name: data for name, data in snapshot(used).items() if name != ".tank/state.json"}
    assert after == before
    assert [one for one in complaints(tank) if one[0] == "links"] == [
        ("links", "bad", ".claude/skills/notes")
    ]


def test_a_linked_skill_is_not_repaired_away(tank: Any, used: Path, tmp_path: Path) -> None:
    assert tank("link", write_skill(tmp_path / "copy")).exit_code == 0
    before = snapshot(used)
    assert tank("doctor", "--fix", "--json").document["fixed"] == []
    assert snapshot(used) == before
    for folder in (".agents", ".claude"):
        (used / folder / "skills/notes").unlink()
    assert ("state", "bad", "@acme/notes") in complaints(tank)
    tank("doctor", "--fix")
    tank("doctor", "--fix")
    assert complaints(tank) == []
    assert (used / ".claude/skills/notes").resolve() == used / ".tank/skills/notes"


def test_a_damaged_lock_is_told_and_nothing_is_touched(tank: Any, used: Path) -> None:
    (used / "skills.lock").write_text("<<<<<<<")
    before = snapshot(used)
    assert complaints(tank)[0][:2] == ("project", "bad")
    assert tank("doctor", "--fix", "--json").error_code == "invalid-lockfile"
    assert snapshot(used) == before


def test_outside_of_any_project_nothing_is_made(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    (project / "skills.json").unlink()
    before = snapshot(project)
    tank("doctor", "--fix")
    assert snapshot(project) == before


def test_the_cache_is_shown_with_its_size_and_what_was_broken_off(tank: Any, used: Path, home: Path) -> None:
    (home / f".cache/tank/blobs/aa/.{'a' * 64}.{'b' * 12}").parent.mkdir(exist_ok=True)
    (home / f".cache/tank/blobs/aa/.{'a' * 64}.{'b' * 12}").write_text("half")
    (check,) = (c for c in tank("doctor", "--json").document["checks"] if c["name"] == "cache")
    assert "KiB; 1 downloads were broken off" in check["text"]


def test_a_manifest_that_cannot_be_read_is_told(tank: Any, used: Path) -> None:
    (used / "skills.json").write_text('{"skils": {}}')
    assert complaints(tank) == [("project", "bad", "skills.json has 1 problem Fix")]
    assert tank("doctor").exit_code == 1


def test_the_folder_of_a_skill_is_not_taken_for_a_damaged_project(
    tank: Any, trusted: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_skill(project / "notes"))
    assert complaints(tank) == []
    refused = tank("install", "--json")
    assert (refused.exit_code, refused.error_code) == (2, "invalid-manifest")
    assert "is that of a skill" in refused.document["error"]["what"]
    assert refused.document["error"]["problems"] == []


def test_without_a_project_no_command_says_to_install(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    assert tank("list", "--json").document["error"]["fix"] == "tank install"
    (project / "skills.json").unlink()
    refused = tank("list", "--json")
    assert (refused.exit_code, refused.error_code) == (9, "no-lock")
    assert refused.document["error"]["fix"].endswith("tank init")
    assert tank("list", "-g", "--json").document["error"]["fix"] == "tank install --global"


def test_a_manifest_that_was_being_written_when_its_process_was_killed_is_cleared(
    tank: Any, used: Path
) -> None:
    """It lies beside skills.json, where git sees it."""
    before = snapshot(used)
    left, mine = used / ".skills.json.0123456789ab", used / ".skills.json.mine"
    left.write_text("{")
    mine.write_text("mine")
    assert complaints(tank) == [("staging", "note", ".skills.json.0123456789ab")]
    assert tank("doctor", "--fix").exit_code == 0
    assert not left.exists()
    assert mine.read_text() == "mine"
    mine.unlink()
    assert snapshot(used) == before
