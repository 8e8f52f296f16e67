"""The pattern scanner that runs the semgrep program as a limited child process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tank_core.analysis import semgrep
from tank_core.analysis.scanner import PatternMatch, ScannerError

if sys.platform == "linux":
    import resource

_MIB = 1024 * 1024


class SemgrepScanner:
    """Runs semgrep on files of its own naming, in an empty folder, with an empty environment."""

    def __init__(
        self,
        executable: Path,
        *,
        timeout_seconds: int = 120,
        max_memory_bytes: int = 4096 * _MIB,
        native: bool = True,
    ) -> None:
        """Takes the program to run and its limits.

        Args:
            executable: absolute path of ``semgrep``.
            timeout_seconds: for the whole scan, by the wall clock and in CPU time.
            max_memory_bytes: of address space, where the system can limit it (Linux).
            native: see ``tank_core.analysis.semgrep.command``.
        """
        self._executable = executable
        self._timeout_seconds = timeout_seconds
        self._max_memory_bytes = max_memory_bytes
        self._native = native

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        """Returns every match, sorted; see ``PatternScanner``."""
        if not files:
            return ()
        names = semgrep.layout(files)
        with tempfile.TemporaryDirectory(prefix="tank-scan-") as folder:
            work = Path(folder)
            (work / "home").mkdir()
            (work / semgrep.TARGETS_NAME).mkdir()
            (work / semgrep.RULES_NAME).write_bytes(rules)
            for path, name in names.items():
                (work / semgrep.TARGETS_NAME / name).write_bytes(files[path])
            returncode = self._run(work)
            with (work / "stdout").open("rb") as output:
                return semgrep.parse_output(output.read(semgrep.MAX_OUTPUT_BYTES + 1), returncode, names)

    def _run(self, work: Path) -> int:
        """Runs the program in ``work`` and returns its exit status.

        Raises:
            ScannerError: it could not be started, or ran out of time.
        """
        with (work / "stdout").open("wb") as stdout:
            try:
                child = subprocess.Popen(
                    semgrep.command(self._executable, native=self._native),
                    cwd=work,
                    env=semgrep.environment(work / "home"),
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise ScannerError(f"semgrep could not be started: {error.strerror}") from error
            try:
                self._limit(child.pid)
                return child.wait(timeout=self._timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise ScannerError(f"semgrep ran longer than {self._timeout_seconds} seconds") from error
            finally:
                _end(child)

    def _limit(self, pid: int) -> None:
        # Set from outside right after the start: preexec_fn is unsafe where the parent has threads.
        if sys.platform == "linux":
            for kind, limit in (
                (resource.RLIMIT_AS, self._max_memory_bytes),
                (resource.RLIMIT_CPU, self._timeout_seconds),
                (resource.RLIMIT_FSIZE, semgrep.MAX_OUTPUT_BYTES + 1),
                (resource.RLIMIT_CORE, 0),
            ):
                with contextlib.suppress(ProcessLookupError):
                    _lower(pid, kind, limit)


def _lower(pid: int, kind: int, limit: int) -> None:
    """Sets a limit of the child, or leaves a tighter one: raising what was inherited is not allowed."""
    _, inherited = resource.prlimit(pid, kind)
    tighter = limit if inherited == resource.RLIM_INFINITY else min(limit, inherited)
    resource.prlimit(pid, kind, (tighter, tighter))


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends the child's whole process group, if anything of it is left, and reaps it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
