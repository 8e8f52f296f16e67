"""Running a program and measuring it, and servers that end with the run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LONGEST_SECONDS = 180  # of one run; the slowest tool needs a tenth
LAUNCHER = Path(__file__).resolve().parent / "launch.py"


@dataclass(frozen=True)
class Measured:
    """One run. ``peak_bytes``: the largest resident set of the program or of any child that it waited for."""

    seconds: float
    peak_bytes: int


class FailedRunError(Exception):
    """A measured program did not do its work, so that its time would mean nothing."""


def run(command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str]) -> Measured:
    """Runs a program to its end.

    Raises:
        FailedRunError: it failed, or did not end in time; with the last of what it said.
    """
    report = cwd.parent / f"{cwd.name}.measured"
    launcher = [sys.executable, "-S", "-E", "-s", LAUNCHER, report, *command]
    with tempfile.TemporaryFile(dir=cwd.parent) as output:
        child = subprocess.Popen(
            [str(word) for word in launcher],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = child.wait(_LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            code = child.wait()
        if code != 0:
            output.seek(0)
            said = output.read()[-2_000:].decode(errors="replace")
            raise FailedRunError(f"{command} ended with {code}:\n{said}")
    return measured(report.read_text(encoding="utf-8"))


def measured(report: str) -> Measured:
    """Returns what the launcher reports."""
    value = json.loads(report)
    return Measured(float(value["seconds"]), int(value["peak_kib"]) * 1024)


@contextlib.contextmanager
def serving(command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """Runs one of our servers, which prints its port as a line of JSON; gives the port, and ends it."""
    with background(command, cwd=cwd, environment=environment, output=subprocess.PIPE) as server:
        line = server.stdout.readline() if server.stdout else b""
        if not line:
            raise FailedRunError(f"{command} did not start")
        yield int(json.loads(line)["port"])


@contextlib.contextmanager
def background(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str], output: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program beside this one, and ends it and its children, by their session, with the block."""
    server = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL if output == subprocess.DEVNULL else None,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        if server.stdout is not None:
            server.stdout.close()
