"""Samples given to a warm scanner in another process, one after the other.

The scanner gets each skill as a folder with a neutral name: what the corpus thinks of
it must not be read from a path.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from benchmarks.scan.outcome import Outcome
from benchmarks.scan.samples import Sample

PROJECT = Path(__file__).resolve().parents[2]
PEER_PYTHON = PROJECT / ".venv-cisco" / "bin" / "python"
OWN = (sys.executable, "-m", "benchmarks.scan.own_worker")
PEER = (str(PEER_PYTHON), "-m", "benchmarks.scan.peer_worker")
_SECONDS_PER_SKILL = 180


@dataclass(frozen=True, slots=True)
class Measured:
    """An outcome and what it cost: seconds by the wall clock, peak memory of the process and its child."""

    outcome: Outcome
    seconds: float
    peak_bytes: int


def measured(command: Sequence[str], samples: Sequence[Sample]) -> Mapping[Sample, Measured]:
    """Returns what the scanner behind a command says of each sample; the first answer is not counted."""
    with tempfile.TemporaryDirectory(prefix="tank-bench-") as folder, _Worker(command) as worker:
        found = {}
        for number, sample in enumerate(samples):
            skill = Path(folder) / f"{number:05d}" / _skill_name(sample)
            _write(skill, sample)
            if not number:
                worker.ask(skill)  # warm from here on
            found[sample] = worker.ask(skill)
        return found


class _Worker:
    """The scanner's process; one that dies or hangs is an error of the skill it had, and starts again."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> _Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def ask(self, skill: Path) -> Measured:
        """Returns the answer for one folder."""
        process = self._process = self._process or self._started()
        assert process.stdin  # noqa: S101  # both are pipes
        assert process.stdout  # noqa: S101
        try:
            process.stdin.write(f"{skill}\n")
            process.stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                line = process.stdout.readline() if selector.select(_SECONDS_PER_SKILL) else ""
        except BrokenPipeError:
            line = ""
        if not line:
            self._end()
            return Measured(Outcome(error="the scanner died or ran out of time"), _SECONDS_PER_SKILL, 0)
        return _measured(json.loads(line))

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command,
            cwd=PROJECT,
            env={"PYTHONPATH": f"{PROJECT / 'cli'}:{PROJECT}", "PATH": "/usr/bin:/bin", **_semgrep()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _semgrep() -> dict[str, str]:
    return {name: os.environ[name] for name in ("TANK_SEMGREP", "HOME") if name in os.environ}


def _measured(answer: Mapping[str, Any]) -> Measured:
    outcome = Outcome(
        bool(answer.get("blocked")),
        bool(answer.get("flagged")),
        bool(answer.get("medium")),
        answer.get("error", ""),
    )
    return Measured(outcome, float(answer["seconds"]), int(answer["peak_bytes"]))


def _skill_name(sample: Sample) -> str:
    """Returns the name in SKILL.md, which the format wants to be the folder's."""
    for line in sample.files.get("SKILL.md", b"").decode(errors="replace").splitlines()[:10]:
        key, _, value = line.partition(":")
        name = value.strip().strip("\"'")
        if key == "name" and name and len(name) <= 64 and PurePosixPath(name).name == name != "..":
            return name
    return "skill"


def _write(skill: Path, sample: Sample) -> None:
    for path, data in sample.files.items():
        target = skill / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
