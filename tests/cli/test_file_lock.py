"""The lock on a file: who waits, how long, and what a killed holder leaves."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tank_cli.config import load
from tank_cli.file_lock import LockTimeoutError, waiting_for
from tank_cli.transaction import exclusive
from tests.support.registry_double import RegistryDouble

CLI = Path(__file__).resolve().parents[2]


def test_whoever_waits_too_long_is_told_which_lock_it_is(tmp_path: Path) -> None:
    times = iter([0.0, 1.0, 2.0, 31.0])
    slept: list[float] = []
    path = tmp_path / "a" / "lock"
    late = waiting_for(path, seconds=30, clock=lambda: next(times), sleep=slept.append)
    with waiting_for(path, seconds=30), pytest.raises(LockTimeoutError) as caught, late:
        pytest.fail("two hold the lock")
    assert str(path) in caught.value.what
    assert len(slept) == 2


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), waiting_for(tmp_path / "lock", seconds=0):
        raise ZeroDivisionError
    with waiting_for(tmp_path / "lock", seconds=0):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\nfrom tank_cli.file_lock import waiting_for\n"
        "with waiting_for(pathlib.Path(sys.argv[1]), seconds=0):\n print('held', flush=True)\n sys.stdin.read()"
    )
    environment = {"PYTHONPATH": f"{CLI / 'cli'}:{CLI}"}
    command = [sys.executable, "-c", program, str(tmp_path / "lock")]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LockTimeoutError), waiting_for(tmp_path / "lock", seconds=0):
            pytest.fail("two hold the lock")
        process.kill()
        process.wait(10)
    with waiting_for(tmp_path / "lock", seconds=0):
        pass


@pytest.mark.skipif(os.name == "nt", reason="locks otherwise")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told_and_nobody_is_waited_for(
    tank: Any, trusted: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    trusted.publish("@acme/notes", "1.0.0")
    monkeypatch.setattr(fcntl, "flock", refuse)
    told = tank("add", "@acme/notes")
    assert told.exit_code == 1
    assert os.strerror(number) in told.told
    assert "Use a folder on another one" in told.told
    with pytest.raises(OSError, match=os.strerror(number)) as raised, exclusive(project, load(os.environ)):
        pytest.fail("it began without a lock")
    assert "/.local/share/tank/busy/" in str(raised.value.filename)
