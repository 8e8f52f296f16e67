"""Runs Analyze, and the scans of rescans, in a child process: limited, without our environment, killed when late.

The stage that parses untrusted code most deeply must not be able to take the
server down. The child limits itself (``analyze_child``); this side bounds its
time and what it may answer. A child that ends in any other way than with one JSON
document is a failure of ours, which the state machine retries.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.local.wiring import PROJECT
from tank_core.entities import JsonObject

_TIMEOUT_SECONDS = 290.0  # under the state's own 300, so that the child is gone before the retry
_MAX_ANSWER_BYTES = 256 * 1024  # Step Functions' own limit
_LONGEST_WORDS = 400


class AnalysisProcessError(Exception):
    """The child did not bring a result."""


@dataclass(slots=True)
class AnalysisProcess:
    """Starts one child per analysis.

    Attributes:
        data: the data folder.
        public_url: where clients reach this registry.
        semgrep: the program that the child runs.
        rules: the folder of the detection rules; "" is the one that ships.
        step: ``analyze`` of a publish, or ``scan`` of a rescan.
    """

    data: Path
    public_url: str
    semgrep: Path
    rules: str = ""
    step: str = "analyze"
    _children: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, document: JsonObject) -> object:
        """Returns the stage's outcome.

        Raises:
            AnalysisProcessError: the child failed, was late, or was stopped.
        """
        with tempfile.TemporaryDirectory(prefix="tank-analyze-") as home, tempfile.TemporaryFile() as answer:
            returncode = self._run(json.dumps(document).encode(), home, answer)
            answer.seek(0)
            said = answer.read(_MAX_ANSWER_BYTES + 1)
        if returncode or len(said) > _MAX_ANSWER_BYTES:
            words = said[-_LONGEST_WORDS:].decode("utf-8", "replace").strip()
            raise AnalysisProcessError(f"the analysis ended with status {returncode}: {words}")
        return json.loads(said)

    def stop(self) -> None:
        """Kills the children that still run."""
        with self._lock:
            for child in self._children:
                _kill_group(child)

    def _run(self, document: bytes, home: str, answer: IO[bytes]) -> int:
        words = ["--data", str(self.data), "--public-url", self.public_url, "--semgrep", str(self.semgrep)]
        words += ["--rules", self.rules, "--step", self.step]
        child = subprocess.Popen(
            [sys.executable, "-m", "infra.local.analyze_child", *words],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": home, "TMPDIR": home},
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with self._lock:
            self._children.add(child)
        try:
            child.communicate(document, timeout=_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as exc:
            raise AnalysisProcessError(f"the analysis took longer than {_TIMEOUT_SECONDS:.0f} s") from exc
        finally:
            _kill_group(child)
            child.communicate()
            with self._lock:
                self._children.discard(child)
        return child.returncode


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kills the child and what it started; nothing happens when all of them are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
