"""What `tank` does when the shell around it is not as usual: no reader, no stdout, no directory."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble

_TANK = f"{shlex.quote(sys.executable)} -m tank_cli"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process imports, the ones that it starts import as well."""
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join(str(Path(place).resolve()) for place in sys.path if place)
    )


def shell(line: str, folder: Path) -> tuple[int, str]:
    """Runs a line of shell in a folder; returns its exit code and what it said on stderr."""
    done = subprocess.run(["/bin/sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_an_error_that_nobody_reads_is_no_stack_of_files(project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "tank_cli", "list", "--json"]
    done = subprocess.run(command, cwd=project, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_without_stdout_the_exit_code_answers(project: Path) -> None:
    code, told = shell(f"{_TANK} list --json >&-", project)
    assert code == 9
    assert "Traceback" not in told


def test_a_directory_that_is_gone_is_told(project: Path) -> None:
    for command in ("list", "install"):
        code, told = shell(f"mkdir gone; cd gone; rmdir ../gone; {_TANK} {command}", project)
        assert (code, "The working directory is gone." in told) == (2, True), command


def test_a_file_where_the_agents_folder_belongs_is_told(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    (project / ".agents").write_text("mine")
    refused = tank("add", "@acme/notes", "--json")
    assert (refused.exit_code, refused.error_code) == (1, "link-occupied")
    assert (project / ".agents").read_text() == "mine"
    assert not (project / "skills.lock").exists()


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.EIO, "disk"),
        (errno.ESTALE, "disk"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ENAMETOOLONG, "shorter path"),
        (errno.EISDIR, "Move it away"),
        (errno.EBUSY, "End that program"),
        (errno.ENOMEM, "memory"),
    ],
)
def test_what_the_machine_refuses_is_told_as_that_and_not_as_a_defect(
    tank: Any, home: Path, project: Path, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number), str(project / "skills.json"))

    monkeypatch.setattr("tank_cli.atomic.write", refuse)
    told = tank("init")
    assert told.exit_code == 1
    assert "error[system-refused]" in told.err
    assert os.strerror(number) in told.told
    assert "defect" not in told.told
    assert word in told.told


@pytest.mark.parametrize(
    ("refused", "word"), [(MemoryError(), "memory"), (RuntimeError("can't start new thread"), "ulimit -u")]
)
def test_memory_and_threads_that_are_refused_are_no_defect_and_no_fault_of_the_registry(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Exception,
    word: str,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise refused

    trusted.publish("@acme/notes", "1.0.0")
    monkeypatch.setattr("tank_cli.client.metadata_fetcher.MetadataFetcher.download_bytes", refuse)
    told = tank("add", "@acme/notes")
    assert told.exit_code == 1
    assert "error[system-refused]" in told.err
    assert word in told.told


def test_a_full_disk_is_told_with_the_file_that_has_no_room(
    tank: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")  # as a write does: without a name

    monkeypatch.setattr(os, "fsync", full)
    assert f"{project / 'skills.json'}: No space left on device" in tank("init").told


def test_a_full_disk_under_a_skill_is_told_with_the_file_that_has_no_room(
    tank: Any, trusted: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    trusted.publish("@acme/notes", "1.0.0")
    monkeypatch.setattr("tank_cli.extract._write_all", full)
    assert "/new/notes/SKILL.md: No space left on device" in tank("add", "@acme/notes").told
