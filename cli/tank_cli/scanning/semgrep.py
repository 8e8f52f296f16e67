"""Runs semgrep as a child with limits; what its answer means is decided in ``tank_core.analysis.semgrep``."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tank_cli.config import Config
from tank_core.analysis import semgrep
from tank_core.analysis.scanner import PatternMatch, ScannerError
from tank_core.errors import TankError

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
            fix="pipx install semgrep, or set TANK_SEMGREP to its path",
        )
    return Path(found).absolute()


class ChildScanner:
    """Implements ``PatternScanner`` with a child process in an empty directory.

    Args:
        executable: the semgrep program.
    """

    def __init__(self, executable: Path) -> None:
        self._executable = executable

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
            result = self._run(folder, home)
        return semgrep.parse_output(result.stdout, result.returncode, names)

    def _run(self, folder: Path, home: Path) -> subprocess.CompletedProcess[bytes]:
        variables = semgrep.environment(home)
        # Its own directory comes first: pip puts pysemgrep beside the program.
        variables["PATH"] = os.pathsep.join((str(self._executable.parent), variables["PATH"]))
        try:
            return subprocess.run(
                semgrep.command(self._executable),
                cwd=folder,
                env=variables,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ScannerError(f"semgrep did not finish: {error}") from error
