"""Runs semgrep as a child with limits; what its answer means is decided in ``tank_core.analysis.semgrep``."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tank_cli.config import Config
from tank_core.analysis import semgrep
from tank_core.analysis.scanner import PatternMatch, ScannerError
from tank_core.errors import TankError

CHECKED_VERSION = "1.182.0"  # of semgrep; what Tank's rules and samples are tested with
_TIMEOUT_SECONDS = 120  # a package of the largest allowed size takes about a quarter of it


class SemgrepMissingError(TankError):
    """There is no semgrep on this machine."""

    code = "semgrep-missing"


def find(config: Config) -> Path:
    """Returns the semgrep program: ``TANK_SEMGREP``, else the one on PATH.

    Raises:
        SemgrepMissingError: semgrep-missing.
    """
    found = shutil.which(config.semgrep or "semgrep", path=config.search_path)
    if found is None:
        where = f"TANK_SEMGREP is {config.semgrep}, and there is" if config.semgrep else "There is"
        raise SemgrepMissingError(
            f"{where} no semgrep here.",
            why="Most of Tank's rules are patterns that semgrep matches; without it a scan would be half a scan.",
            fix=f"pipx install semgrep=={CHECKED_VERSION}, or set TANK_SEMGREP to its path",
        )
    return Path(found).absolute()


class ChildScanner:
    """Implements ``PatternScanner`` with a child process in an empty directory.

    Args:
        executable: the semgrep program.
    """

    def __init__(self, executable: Path, *, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        self._executable = executable
        self._timeout_seconds = timeout_seconds
        self.version = ""
        """What semgrep calls itself in its last answer; "" as long as it was not needed."""

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        """Returns every match, sorted.

        Raises:
            ScannerError: anything but a complete result.
        """
        if not files:
            return ()
        names = semgrep.layout(files)
        with tempfile.TemporaryDirectory(prefix="tank-scan-") as place:
            folder, home = Path(place, "work"), Path(place, "home")
            (folder / semgrep.TARGETS_NAME).mkdir(parents=True)
            home.mkdir()
            (folder / semgrep.RULES_NAME).write_bytes(rules)
            for path, name in names.items():
                (folder / semgrep.TARGETS_NAME / name).write_bytes(files[path])
            answer = Path(place, "answer")
            returncode = self._run(folder, home, answer)
            with answer.open("rb") as file:
                stdout = file.read(semgrep.MAX_OUTPUT_BYTES + 1)
        matches = semgrep.parse_output(stdout, returncode, names)
        self.version = str(json.loads(stdout).get("version", ""))
        return matches

    def _run(self, folder: Path, home: Path, answer: Path) -> int:
        """Runs semgrep, its output into a file, and returns its exit status."""
        variables = semgrep.environment(home)
        # Its own directory comes first: pip puts pysemgrep beside the program.
        variables["PATH"] = os.pathsep.join((str(self._executable.parent), variables["PATH"]))
        with answer.open("wb") as stdout:
            try:
                child = subprocess.Popen(
                    semgrep.command(self._executable),
                    cwd=folder,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise ScannerError(f"semgrep could not be started: {error.strerror}") from error
            try:
                return child.wait(timeout=self._timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise ScannerError(f"semgrep ran longer than {self._timeout_seconds} seconds") from error
            finally:
                _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends whatever is left of the child and of what it started, and reaps it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()
