"""A plain install whose every input is as the last one left it is answered without walking; any doubt walks."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli import settled
from tests.support.registry_double import RegistryDouble

SKILL = ".tank/skills/notes/SKILL.md"


@pytest.fixture
def standing(tank: Any, trusted: RegistryDouble, project: Path, walks: list[list[str]]) -> Path:
    """A project with one skill, whose last install found everything in place."""
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    age(project)
    assert tank("install").exit_code == 0
    walks.clear()
    return project


def age(project: Path) -> None:
    """Makes the installed files older than the state: here all is written within one tick of the clock."""
    for path in (project / ".tank/skills").rglob("*"):
        if path.is_file():
            os.utime(path, ns=(10**18, 10**18))


def noted_answer(home: Path) -> Path:
    """Returns the note; beside it lies one of what there is to be hashed."""
    notes = (home / ".cache/tank/settled").iterdir()
    return next(note for note in notes if b"in place already" in note.read_bytes())


@pytest.mark.parametrize("command", ["install", "ci"])
def test_when_nothing_changed_the_answer_is_the_same_and_nothing_is_walked(
    tank: Any, standing: Path, trusted: RegistryDouble, walks: list[list[str]], command: str
) -> None:
    trusted.requests.clear()
    result = tank(command)
    assert (result.exit_code, result.out, result.err) == (0, "1 skill in place already.\n", "")
    assert walks == []
    assert trusted.requests == []


def test_it_is_found_from_a_folder_inside_the_project(
    tank: Any, standing: Path, walks: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(standing / ".agents/skills")
    assert tank("install").exit_code == 0
    assert walks == []


@pytest.mark.parametrize(
    "options",
    [["--json"], ["--dry-run"], ["--overwrite"], ["--accept-flagged"], ["-g"], ["--agent", "claude"]],
)
def test_an_option_asks_for_something_else(
    tank: Any, standing: Path, walks: list[list[str]], options: list[str]
) -> None:
    assert tank("install", *options).exit_code == 0
    assert len(walks) == 1


def rewritten(path: Path, old: str, new: str) -> None:
    status = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES: dict[str, Callable[[Path, Path], object]] = {
    "a file": lambda p, _: (p / SKILL).write_text("other"),
    "a file's mode": lambda p, _: (p / SKILL).chmod(0o755),
    "a file, of the same size and time": lambda p, _: replace_keeping_time(p / SKILL),
    "a file, restored by an archive with everything but its bytes": lambda p, _: (
        replace_in_place_keeping_everything(p / SKILL)
    ),
    "a new file": lambda p, _: (p / ".tank/skills/notes/more.md").write_text(""),
    "a missing file": lambda p, _: (p / SKILL).unlink(),
    "a new directory": lambda p, _: (p / ".tank/skills/other").mkdir(),
    "an empty directory": lambda p, _: (p / ".tank/skills/notes/empty").mkdir(),
    "a file that is a link": lambda p, _: relink(p / SKILL),
    "the trees are a link": lambda p, _: (
        (p / ".tank/skills").rename(p / "moved"),
        (p / ".tank/skills").symlink_to(p / "moved"),
    ),
    "a link": lambda p, _: (p / ".agents/skills/notes").unlink(),
    "a link elsewhere": lambda p, _: relink(p / ".agents/skills/notes"),
    "a new agent": lambda p, _: (p / ".claude").mkdir(),
    "the budget": lambda p, _: rewritten(p / "skills.json", '"git"', '"gut"'),
    "the dependencies": lambda p, _: rewritten(p / "skills.json", "^1.0.0", "^1.0.1"),
    "the lock": lambda p, _: rewritten(p / "skills.lock", '"verdict": "pass"', '"verdict": "fail"'),
    "no lock": lambda p, _: (p / "skills.lock").unlink(),
    "the state": lambda p, _: (p / ".tank/state.json").write_text("{}"),
    "the configuration": lambda _, h: (h / ".config/tank/config.json").unlink(),
    "the pinned root": lambda _, h: next((h / ".config/tank").rglob("root.json")).unlink(),
    "what the operator signed": lambda _, h: next((h / ".config/tank").rglob("verified.json")).unlink(),
    "the key": lambda _, h: (h / ".config/tank/cache.key").write_bytes(b"x" * 32),
    "no key": lambda _, h: (h / ".config/tank/cache.key").unlink(),
    "an empty key": lambda _, h: (h / ".config/tank/cache.key").write_bytes(b""),
    "the cache": lambda _, h: shutil.rmtree(h / ".cache/tank"),
}


def replace_keeping_time(path: Path) -> None:
    status = path.stat()
    new = path.with_name("new")
    new.write_bytes(b"x" * status.st_size)
    new.replace(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def relink(path: Path) -> None:
    target = path.parent.parent / "elsewhere"
    target.mkdir(exist_ok=True)
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changed_is_walked(
    tank: Any, standing: Path, home: Path, walks: list[list[str]], change: str
) -> None:
    CHANGES[change](standing, home)
    tank("install")
    assert len(walks) == 1


def test_a_link_above_an_agents_folder_is_walked(
    tank: Any, standing: Path, home: Path, walks: list[list[str]]
) -> None:
    deep = {"mine": {"project": "deep/in/skills", "global": "deep/in/skills"}}
    (home / ".config/tank/agents.json").write_text(json.dumps(deep))
    (standing / "deep/in").mkdir(parents=True)
    assert tank("install").exit_code == 0
    assert tank("install").exit_code == 0
    assert walks == [["install"]]
    elsewhere = standing / "a/b/elsewhere/in/skills"
    elsewhere.mkdir(parents=True)
    (elsewhere / "notes").symlink_to("../../../.tank/skills/notes")
    (standing / "a/b/.tank/skills/notes").mkdir(parents=True)
    shutil.rmtree(standing / "deep")
    (standing / "deep").symlink_to("a/b/elsewhere")
    assert tank("install", "--json").error_code == "link-occupied"
    assert tank("install").exit_code != 0


def test_a_configuration_behind_a_link_is_read(
    tank: Any, standing: Path, home: Path, walks: list[list[str]]
) -> None:
    config = home / ".config/tank/config.json"
    config.rename(home / "dotfile.json")
    config.symlink_to(home / "dotfile.json")
    assert tank("install").exit_code == 0  # noted anew
    assert tank("install").exit_code == 0
    assert len(walks) == 1
    (home / "dotfile.json").write_text("not JSON")
    assert tank("install", "--json").error_code == "invalid-config"
    assert tank("install").exit_code != 0


@pytest.mark.parametrize("variable", ["TANK_REGISTRY", "TANK_HOME", "XDG_CACHE_HOME", "TANK_LINK_MODE"])
def test_another_environment_is_another_question(
    tank: Any, standing: Path, walks: list[list[str]], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/nonexistent")
    tank("install")
    assert len(walks) == 1


def test_a_project_that_brings_its_own_note_is_not_believed(
    tank: Any, standing: Path, home: Path, walks: list[list[str]]
) -> None:
    note = noted_answer(home)
    seal, _, rest = note.read_bytes().partition(b"\0")
    note.write_bytes(seal + b"\0all is well\n\0" + rest.partition(b"\0")[2])
    assert "all is well" not in tank("install").out
    assert len(walks) == 1


@pytest.mark.parametrize("bad", [b"", b"\0", b"\xff\xff", b"a" * 64, b"x\0y\0" * 1000])
def test_a_damaged_note_is_none(
    tank: Any, standing: Path, home: Path, walks: list[list[str]], bad: bytes
) -> None:
    note = noted_answer(home)
    note.write_bytes(bad)
    assert tank("install").exit_code == 0
    assert len(walks) == 1
    assert tank("install").exit_code == 0
    assert len(walks) == 1  # it was noted anew


def test_files_as_new_as_the_state_are_too_new_to_tell(
    tank: Any, standing: Path, walks: list[list[str]]
) -> None:
    state = (standing / ".tank/state.json").stat()
    os.utime(standing / SKILL, ns=(state.st_mtime_ns, state.st_mtime_ns))
    assert tank("install").exit_code == 0
    (standing / SKILL).write_bytes(b"x" * (standing / SKILL).stat().st_size)
    os.utime(standing / SKILL, ns=(state.st_mtime_ns, state.st_mtime_ns))
    assert tank("install", "--json").error_code == "local-changes"
    assert tank("install").exit_code != 0


def test_a_consent_is_not_noted_as_an_answer_without_it(
    tank: Any, standing: Path, walks: list[list[str]], home: Path
) -> None:
    shutil.rmtree(home / ".cache/tank/settled")
    for options in (["--overwrite"], ["--accept-flagged"], ["--accept-publisher"], ["--agent", "agents"]):
        assert tank("install", *options).exit_code == 0
    assert not (home / ".cache/tank/settled").exists()


def test_what_is_installed_anew_is_noted_at_once(
    tank: Any, standing: Path, walks: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    observed = settled.observed

    def aged(root: str, *rest: Any) -> str | None:
        age(Path(root))
        return observed(root, *rest)

    monkeypatch.setattr(settled, "observed", aged)
    shutil.rmtree(standing / ".tank")
    shutil.rmtree(standing / ".agents")
    assert tank("ci").exit_code == 0
    assert tank("install").exit_code == 0
    assert walks == [["ci"]]


def test_a_manifest_that_changes_while_it_is_installed_is_not_noted(
    tank: Any, standing: Path, walks: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tank_cli.installer import flow

    carry_out = flow.carry_out

    def disturbed(*arguments: Any) -> None:
        carry_out(*arguments)
        value = json.loads((standing / "skills.json").read_text())
        (standing / "skills.json").write_text(json.dumps({**value, "permissions": {}}))

    monkeypatch.setattr(flow, "carry_out", disturbed)
    shutil.rmtree(standing / ".tank")
    assert tank("ci").exit_code == 0
    assert tank("install").exit_code == 0
    assert walks == [["ci"], ["install"]]


def test_verify_hashes_whatever_was_noted(tank: Any, standing: Path) -> None:
    replace_in_place_keeping_everything(standing / SKILL)
    assert tank("verify", "--json").error_code == "installed-files-differ"


def replace_in_place_keeping_everything(path: Path) -> None:
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"x" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.skipif(sys.platform != "linux", reason="counts what this platform opens")
def test_it_opens_the_files_that_decide_and_no_installed_one(standing: Path, home: Path) -> None:
    opened: list[str] = []
    counting = [True]  # a hook cannot be taken away again
    sys.addaudithook(
        lambda event, given: opened.append(str(given[0])) if event == "open" and counting else None
    )
    assert settled.answer(dict(os.environ), str(standing)) is not None
    counting.clear()
    told = [path for path in opened if path.startswith(str(standing.parent))]
    assert sorted(Path(path).name for path in told)[-5:] == [
        "root.json",
        "skills.json",
        "skills.lock",
        "state.json",
        "verified.json",
    ]
    assert len(told) == 8  # and config.json, cache.key, the note
    assert not any("/skills/notes/" in path for path in told)
