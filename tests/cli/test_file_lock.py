"""The lock on a file: who waits, how long, and what a killed holder leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tank_cli.file_lock import LockTimeoutError, waiting_for

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
