"""``kill -9``, or a full disk, at any moment: the project is as it was, or as it was to be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tank_cli.journal import Journal, Scope, Step
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot

# Python tells an audit hook of every file that is opened, moved, made or removed, before it happens.
_KILLED = """
import os, signal, sys
mode, at, seen = sys.argv.pop(1), int(sys.argv.pop(1)), 0
MADE = {"open", "os.mkdir", "os.symlink", "os.link"}
WATCHED = {"open", "os.rename", "os.mkdir", "os.symlink", "os.link", "os.remove", "os.rmdir", "os.chmod"}
def watch(event, arguments):
    global seen
    if event not in WATCHED or (event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)):
        return
    seen += 1
    if mode == "kill" and seen == at:
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "full" and seen >= at and event in MADE:
        raise OSError(28, "No space left on device")
from tank_cli.main import main
sys.addaudithook(watch)
code = main(sys.argv[1:])
print(seen, file=sys.stderr)
sys.exit(code)
"""
_STRIDE = int(os.environ.get("TANK_KILL_STRIDE", "12"))  # 1 tries every moment: make test-crash


def run(at: int, *arguments: str, mode: str = "kill") -> subprocess.CompletedProcess[str]:
    """Runs ``tank`` in a process of its own that kills itself at a moment, or finds the disk full from then on."""
    command = [sys.executable, "-c", _KILLED, mode, str(at), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def seen(project: Path) -> dict[str, Any]:
    """Returns what a person or an agent sees of a project: all but the room for changes under way."""
    found = snapshot(project)
    return {path: content for path, content in found.items() if not path.startswith(".tank/tmp")}


@pytest.mark.parametrize("first", [1, 1 + _STRIDE // 2])
def test_a_killed_update_is_undone_or_complete(
    tank: Any, trusted: RegistryDouble, project: Path, first: int
) -> None:
    trusted.publish("@acme/old", "1.0.0", files={"scripts/a.sh": b"1"})
    trusted.publish("@acme/gone", "1.0.0")
    assert tank("add", "@acme/old", "@acme/gone").exit_code == 0
    trusted.publish("@acme/old", "1.1.0", files={"scripts/b.sh": b"2"}, skills={"@acme/new": "*"})
    trusted.publish("@acme/new", "1.0.0")
    before = seen(project)
    killed = 0
    for at in range(first, 2000, _STRIDE):
        ended = run(at, "add", "@acme/old@^1.1")
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        killed += 1
        assert tank("list", "--json").exit_code == 0  # a command that only reads puts it right as well
        found = seen(project)
        if found != before:  # then it was complete, but for what is cleared away afterwards
            assert (
                json.loads((project / "skills.lock").read_text())["skills"]["@acme/old"]["version"] == "1.1.0"
            )
            assert tank("verify").exit_code == 0
            restore(tank, before, project)
    else:
        raise AssertionError("it never ended")
    assert killed > 3
    assert tank("verify").exit_code == 0
    assert not (project / ".tank/tmp").exists()


def restore(tank: Any, before: dict[str, Any], project: Path) -> None:
    """Brings the project back to where it was, as a person would."""
    assert tank("add", "@acme/old@1.0.0", "--exact").exit_code == 0
    manifest = json.loads((project / "skills.json").read_text())
    manifest["skills"]["@acme/old"] = "^1.0.0"
    (project / "skills.json").write_text(json.dumps(manifest, indent=2) + "\n")
    assert tank("install").exit_code == 0
    assert seen(project) == before


def test_a_disk_that_is_full_from_any_moment_on_leaves_the_project_as_it_was(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/old", "1.0.0")
    assert tank("add", "@acme/old").exit_code == 0
    trusted.publish("@acme/old", "1.1.0", skills={"@acme/new": "*"})
    trusted.publish("@acme/new", "1.0.0")
    before = seen(project)
    for at in range(3, 2000, _STRIDE):
        ended = run(at, "add", "@acme/old@^1.1", mode="full")
        if ended.returncode == 0:
            break
        assert ended.returncode not in (0, -signal.SIGKILL)
        assert "Traceback" not in ended.stderr
        assert seen(project) == before
    else:
        raise AssertionError("it never ended")
    assert tank("verify").exit_code == 0


def test_a_first_install_that_was_killed_leaves_nothing(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    before = seen(project)
    for at in range(1, 2000, _STRIDE):
        ended = run(at, "add", "@acme/notes")
        if ended.returncode == 0 or (project / "skills.lock").exists():
            return
        tank("list")
        assert seen(project) == before
    raise AssertionError("it never ended")


def journal_of(tmp_path: Path, steps: Sequence[Sequence[str]], places: Sequence[Path]) -> Journal:
    journal = Journal(tmp_path / "journals" / "one")
    journal.begin(Scope(places[0] / ".tank" / "tmp", tuple(places)))
    for step, *paths in steps:
        journal.note(Step(step), *paths)
    return journal


def test_a_journal_undoes_nothing_outside_of_its_places(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    (outside / "kept").mkdir(parents=True)
    (outside / "file").write_text("mine")
    steps = [
        ("wrote", str(outside / "file"), ""),
        ("wrote", str(project / ".." / "outside" / "file"), ""),
        ("copied", str(outside / "kept")),
        ("moved", str(project / "x"), str(outside / "kept")),
        ("made", str(outside / "kept")),
    ]
    journal_of(tmp_path, steps, [project]).undo()
    assert (outside / "file").read_text() == "mine"
    assert (outside / "kept").is_dir()


def test_a_step_whose_note_was_not_finished_was_not_taken(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "file").write_text("mine")
    journal = journal_of(tmp_path, [], [project])
    with journal.path.open("ab") as file:
        file.write(json.dumps(["wrote", str(project / "file"), ""]).encode())
    journal.undo()
    assert (project / "file").read_text() == "mine"
    assert not journal.path.exists()


@pytest.mark.parametrize(
    "text", [b"", b"x", b"[]\n", b'["a"]\n[]\n', b"\xff\n", b'{"a": 1}\n[1]\n', b"[[[\n"]
)
def test_a_damaged_journal_undoes_nothing_and_keeps_nobody_from_working(tmp_path: Path, text: bytes) -> None:
    journal = Journal(tmp_path / "journal")
    journal.path.write_bytes(text)
    journal.undo()
    assert not journal.path.exists()


def test_undoing_may_be_broken_off_and_repeated(tmp_path: Path) -> None:
    project = tmp_path / "project"
    staging = project / ".tank" / "tmp"
    (staging / "old").mkdir(parents=True)
    (project / "tree").mkdir()
    (project / "tree" / "new").write_text("new")
    (staging / "old" / "1").mkdir()
    (staging / "old" / "1" / "mine").write_text("mine")
    (staging / "new").mkdir()
    steps = [
        ("moved", str(project / "tree"), str(staging / "old" / "1")),
        ("moved", str(staging / "new" / "tree"), str(project / "tree")),
    ]
    journal = journal_of(tmp_path, steps, [project])
    text = journal.path.read_bytes()
    journal.undo()
    assert (project / "tree" / "mine").read_text() == "mine"
    journal.path.with_suffix(".undone").write_bytes(text)
    (staging / "new").mkdir(parents=True)  # the room was being removed
    journal.undo()
    assert (project / "tree" / "mine").read_text() == "mine"
