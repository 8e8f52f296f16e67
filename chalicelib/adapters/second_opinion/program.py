"""An opinion from a program on this machine: it is given a folder, and prints SARIF or findings.

The program runs as a limited child: its own process group, killed when it is late;
no environment, no input, no error output, a copy of the package that is thrown away.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from chalicelib.adapters import child_limits
from tank_core.archive import ArchiveEntry
from tank_core.second_opinion import MAX_BYTES, Opinion, OpinionError, parse_opinion

_MIB = 1024 * 1024
_MAX_MEMORY_BYTES = 4096 * _MIB


class ProgramOpinion:
    """Runs ``<program> <folder>`` and reads its standard output."""

    def __init__(self, program: Path, *, timeout_seconds: float) -> None:
        """Takes an absolute path, and how long one package may take by the clock."""
        self._program = program
        self._timeout_seconds = timeout_seconds

    @property
    def source(self) -> str:
        """What readers of findings see."""
        return "program"

    def ask(self, entries: Sequence[ArchiveEntry]) -> Opinion:
        """See ``SecondOpinion.ask``."""
        with tempfile.TemporaryDirectory(prefix="tank-opinion-") as work:
            folder, output = Path(work).resolve() / "package", Path(work) / "stdout"
            folder.mkdir()
            for entry in entries:
                _write(folder, entry)
            returncode = self._run(folder, output)
            with output.open("rb") as stream:
                said = stream.read(MAX_BYTES + 1)
        if returncode:
            raise OpinionError(f"the program ended with status {returncode}")
        if len(said) > MAX_BYTES:
            raise OpinionError(f"it has more than {MAX_BYTES} bytes")
        return parse_opinion(said, self.source, root=str(folder))

    def _run(self, folder: Path, output: Path) -> int:
        with output.open("wb") as stdout:
            try:
                child = subprocess.Popen(
                    [str(self._program), str(folder)],
                    cwd=folder,
                    env={},
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise OpinionError(f"the program could not be started: {error.strerror}") from error
            try:
                child_limits.limit(
                    child.pid,
                    memory_bytes=_MAX_MEMORY_BYTES,
                    cpu_seconds=int(self._timeout_seconds) + 1,
                    file_bytes=MAX_BYTES + 1,
                )
                return child.wait(timeout=self._timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise OpinionError(f"the program took longer than {self._timeout_seconds:g} s") from error
            finally:
                child_limits.end(child)


def _write(folder: Path, entry: ArchiveEntry) -> None:
    """Writes a file of the package, whose path the archive policy let through; looked at once more here."""
    path = PurePosixPath(entry.path)
    if path.is_absolute() or ".." in path.parts:
        raise OpinionError("a path leads out of the package")
    target = folder.joinpath(*path.parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(entry.data)
