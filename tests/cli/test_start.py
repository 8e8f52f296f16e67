"""Start-up: what is imported, and when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CLI = Path(__file__).resolve().parents[2]
HEAVY = {"httpx", "pydantic", "rich", "sigstore", "cryptography", "yaml", "nab_resolver"}


def imported_by(*arguments: str) -> set[str]:
    """Returns the top-level modules that a run of `tank` has loaded at its end."""
    program = (
        "import sys\nfrom tank_cli.main import main\n"
        f"main({list(arguments)!r})\n"
        "print('\\nMODULES', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {"PYTHONPATH": f"{CLI / 'cli'}:{CLI}", "HOME": "/nonexistent", "PATH": ""}
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return set(result.stdout.rpartition("MODULES ")[2].split())


def test_version_answers_before_click_is_imported() -> None:
    loaded = imported_by("--version")
    assert "click" not in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    "arguments", [["--help"], ["install", "--help"], ["publish", "--help"], ["nonsense"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not imported_by(*arguments) & HEAVY
