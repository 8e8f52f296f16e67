"""The pattern scanner that runs the semgrep program as a limited child process."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chalicelib.adapters import child_limits
from tank_core.analysis import semgrep
from tank_core.analysis.scanner import PatternMatch, ScannerError

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
                child_limits.limit(
                    child.pid,
                    memory_bytes=self._max_memory_bytes,
                    cpu_seconds=self._timeout_seconds,
                    file_bytes=semgrep.MAX_OUTPUT_BYTES + 1,
                )
                return child.wait(timeout=self._timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise ScannerError(f"semgrep ran longer than {self._timeout_seconds} seconds") from error
            finally:
                child_limits.end(child)
