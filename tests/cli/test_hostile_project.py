"""A project made by an attacker: its files may break an install, and never reach beyond the project."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tank_cli.journal import Journal, Scope, Step
from tank_cli.tree import hash_of, read_tree
from tank_core.findings import Verdict
from tests.support.registry_double import RegistryDouble


def claim(project: Path, links: dict[str, str]) -> None:
    """Writes a state that claims these paths as made by Tank."""
    (project / ".tank").mkdir(exist_ok=True)
    state = {"trees": {}, "links": links, "pending": {}}
    (project / ".tank/state.json").write_text(json.dumps(state))


def documents_of_a_person(folder: Path) -> str:
    """Makes a folder whose content an attacker can know; returns its tree hash."""
    folder.mkdir(parents=True)
    (folder / "known.txt").write_text("the same on every machine\n")
    return hash_of(read_tree(folder))


@pytest.mark.parametrize("form", ["relative", "absolute", "hidden"])
def test_a_claimed_copy_outside_the_project_is_not_removed(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, form: str
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    victim = home / "documents"
    tree = documents_of_a_person(victim)
    outside = os.path.relpath(victim, project)
    path = {"relative": outside, "absolute": str(victim), "hidden": f".agents/skills/../../{outside}"}[form]
    claim(project, {path: tree})
    tank("add", "@acme/notes")
    assert (victim / "known.txt").exists()


def test_a_claimed_copy_that_is_no_skill_of_an_agent_is_not_removed(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    claim(project, {"src": documents_of_a_person(project / "src")})
    assert tank("add", "@acme/notes").exit_code == 0
    assert (project / "src/known.txt").exists()


def test_a_claimed_copy_behind_a_link_out_of_the_project_is_not_removed(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tree = documents_of_a_person(home / "elsewhere/victim")
    (home / "elsewhere/skills").symlink_to(home / "elsewhere")
    (project / ".codex").symlink_to(home / "elsewhere")
    claim(project, {".codex/skills/victim": tree})
    tank("add", "@acme/notes")
    assert (home / "elsewhere/victim/known.txt").exists()


def test_a_state_nested_beyond_reason_is_read_as_none(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    (project / ".tank").mkdir()
    (project / ".tank/state.json").write_text("[" * 200_000)
    assert tank("add", "@acme/notes").exit_code == 0


@pytest.mark.parametrize("key", ["registry", "token", "keys", "api"])
def test_a_manifest_can_set_neither_registry_nor_token(
    tank: Any, trusted: RegistryDouble, project: Path, key: str
) -> None:
    (project / "skills.json").write_text(json.dumps({key: "https://evil.example", "skills": {}}))
    trusted.requests.clear()
    assert tank("install", "--json").error_code == "invalid-manifest"
    assert trusted.requests == []


@pytest.mark.parametrize("folder", [".tank", ".tank/skills", ".tank/tmp"])
def test_a_folder_of_tank_that_leads_elsewhere_is_refused(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, folder: str
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    (home / "elsewhere").mkdir()
    (home / "elsewhere/mine").write_text("keep")
    (project / folder).parent.mkdir(exist_ok=True)
    (project / folder).symlink_to(home / "elsewhere")
    assert tank("add", "@acme/notes", "--json").error_code == "unsafe-project"
    assert [path.name for path in (home / "elsewhere").iterdir()] == ["mine"]


@pytest.mark.parametrize("link", [".agents", ".agents/skills", ".tank/skills", ".tank"])
@pytest.mark.parametrize(
    "command",
    [("install",), ("remove", "@acme/notes"), ("verify",), ("list",), ("doctor",), ("doctor", "--fix")],
)
def test_a_link_that_leads_in_a_circle_is_an_error_in_words(
    tank: Any, trusted: RegistryDouble, project: Path, link: str, command: tuple[str, ...]
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    shutil.rmtree(project / link)
    (project / link).symlink_to(project / link)
    told = tank(*command)
    assert "unexpected" not in told.told
    assert (project / link).is_symlink()


def test_undoing_goes_on_past_a_link_that_leads_in_a_circle(tmp_path: Path) -> None:
    project, journal = tmp_path / "project", Journal(tmp_path / "journal")
    (project / ".tank/tmp/one").mkdir(parents=True)
    (project / "new").write_text("new")
    journal.begin(Scope(project / ".tank/tmp/one", (project,)))
    journal.note(Step.WROTE, project / "new", "")
    journal.note(Step.LINKED, project / ".agents/skills/notes")
    (project / ".agents").symlink_to(project / ".agents")
    journal.undo()
    assert not (project / "new").exists()
    assert not journal.is_left


def test_a_lock_behind_a_link_is_replaced_and_its_target_is_not_written(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    trusted.publish("@acme/text", "1.0.0")
    target = home / "target"
    (project / "skills.lock").rename(target)
    before = target.read_bytes()
    (project / "skills.lock").symlink_to(target)
    assert tank("add", "@acme/text").exit_code == 0
    assert target.read_bytes() == before


@pytest.mark.parametrize("command", [("install",), ("ci",), ("verify",), ("list",), ("add", "@acme/notes")])
@pytest.mark.parametrize("name", ["skills.lock", ".tank/state.json"])
@pytest.mark.skipif(os.name == "nt", reason="needs devices")
def test_a_file_that_never_ends_is_not_read(
    tank: Any, trusted: RegistryDouble, project: Path, name: str, command: tuple[str, ...]
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    (project / name).unlink()
    (project / name).symlink_to("/dev/zero")
    assert tank(*command, "--json").error_code == "unsafe-project"
    (project / name).unlink()


@pytest.mark.skipif(os.name == "nt", reason="needs pipes")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    os.mkfifo(project / "skills.lock")
    result = tank("install", "--json")
    assert (result.error_code, "is no regular file" in result.out) == ("unsafe-project", True)


def test_a_lock_larger_than_any_is_not_read_whole(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    with (project / "skills.lock").open("wb") as lock:
        lock.truncate(1 << 40)  # takes no room on the disk
    assert tank("install", "--json").error_code == "unsafe-project"


def test_a_lock_without_attestation_is_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    lock = json.loads((project / "skills.lock").read_text())
    lock["skills"]["@acme/notes"]["attestations"] = {}
    (project / "skills.lock").write_text(json.dumps(lock))
    for command in ("install", "ci", "verify"):
        assert tank(command, "--json").error_code == "invalid-lockfile"


@pytest.mark.parametrize("kind", ["tree", "link", "loop"])
def test_verify_sees_what_an_agent_would_load_instead(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, kind: str
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    place = project / ".agents/skills/notes"
    place.unlink()
    if kind == "tree":
        place.mkdir()
        (place / "SKILL.md").write_text("evil")
    else:
        place.symlink_to(home if kind == "link" else place)
    result = tank("verify", "--json")
    assert (result.exit_code, result.error_code) == (6, "installed-files-differ")
    [problem] = result.document["error"]["problems"]
    assert problem["where"] == ".agents/skills/notes"
    way_out = "mv .agents/skills/notes .agents/skills/notes.mine, then `tank install`"
    assert problem["fix"] == result.document["error"]["fix"] == way_out
    assert tank("install", "--overwrite", "--json").error_code == "link-occupied"
    place.rename(project / ".agents/skills/notes.mine")
    assert (tank("install").exit_code, tank("verify").exit_code) == (0, 0)


def test_who_changes_the_lock_consents_for_everybody(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    honest = (project / "skills.lock").read_bytes()
    trusted.publish("@acme/notes", "1.1.0", verdict=Verdict.FLAGGED, publisher="mallory")
    assert tank("update", "--accept-flagged", "--accept-publisher").exit_code == 0
    changed = (project / "skills.lock").read_bytes()
    (project / "skills.lock").write_bytes(honest)
    assert tank("ci").exit_code == 0
    (project / "skills.lock").write_bytes(changed)
    assert tank("ci").exit_code == 0
    (project / "skills.lock").write_bytes(changed.replace(b'      "flagged_accepted": true,\n', b""))
    assert tank("ci", "--json").error_code == "flagged-version"
