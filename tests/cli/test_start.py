"""Start-up: what is imported, and when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble

CLI = Path(__file__).resolve().parents[2]
HEAVY = {"httpx", "pydantic", "rich", "sigstore", "cryptography", "yaml", "nab_resolver"}


def imported_by(*arguments: str, home: Path | None = None, cwd: Path | None = None) -> set[str]:
    """Returns the top-level modules that a run of `tank` has loaded at its end."""
    program = (
        "import sys\nfrom tank_cli.main import main\n"
        f"code = main({list(arguments)!r})\n"
        f"assert code == {2 if arguments == ('nonsense',) else 0}, code\n"
        "print('\\nMODULES', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {"PYTHONPATH": f"{CLI / 'cli'}:{CLI}", "HOME": str(home or "/nonexistent"), "PATH": ""}
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=cwd,
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


def test_an_install_that_finds_everything_in_place_loads_no_http_and_no_cryptography(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    assert imported_by("install", home=home, cwd=project) & HEAVY == set()
