"""Finds the programs that the embedded registry runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


class NoSemgrepError(Exception):
    """Without semgrep nothing can be analyzed, so nothing could be published."""


def find_semgrep(environment: Mapping[str, str], project: Path) -> Path:
    """Returns semgrep: of ``TANK_SEMGREP``, else beside the project, else of ``PATH``.

    Raises:
        NoSemgrepError: it is at none of them; says how to install it.
    """
    named = environment.get("TANK_SEMGREP", "")
    beside = project / ".venv-semgrep" / "bin" / "semgrep"
    candidates = [Path(named)] if named else [beside]
    if not named and (found := shutil.which("semgrep", path=environment.get("PATH", ""))):
        candidates.append(Path(found))
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate.absolute()
    where = f"TANK_SEMGREP names {named}, which is no program" if named else "semgrep is not installed"
    raise NoSemgrepError(
        f"{where}. Install it: python3 -m venv .venv-semgrep && "
        ".venv-semgrep/bin/pip install --no-deps --require-hashes -r requirements/semgrep.txt"
    )
