"""Scanning on this machine: semgrep is found or asked for, and a failed scan is never a pass."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tank_cli.config import load
from tank_cli.scanning.scan import rule_set
from tank_cli.scanning.semgrep import ChildScanner, SemgrepMissingError, find
from tank_core.analysis.scanner import ScannerError

ROOT = Path(__file__).resolve().parents[2]
SEMGREP = ROOT / ".venv-semgrep/bin/semgrep"
FOUND = str(SEMGREP) if SEMGREP.exists() else shutil.which("semgrep")
needs_semgrep = pytest.mark.skipif(FOUND is None, reason="semgrep is not installed here")


def fake(tmp_path: Path, script: str) -> Path:
    path = tmp_path / "semgrep"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_rules_ship_with_the_command() -> None:
    assert len(rule_set().rules) > 20


def test_environment_wins_over_path(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    on_path, named = fake(tmp_path / "a", ""), fake(tmp_path, "")
    environment = {"HOME": str(tmp_path), "PATH": str(on_path.parent)}
    assert find(load(environment)) == on_path
    assert find(load(environment | {"TANK_SEMGREP": str(named)})) == named


def test_without_semgrep_the_hint_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SemgrepMissingError) as caught:
        find(load({"HOME": str(tmp_path), "PATH": str(tmp_path)}))
    assert "pipx install semgrep" in caught.value.fix


@pytest.mark.parametrize("script", ["exit 2", "exit 0", "echo nonsense", "echo '{}'"])
def test_anything_but_a_complete_answer_is_a_failed_scan(tmp_path: Path, script: str) -> None:
    with pytest.raises(ScannerError):
        ChildScanner(fake(tmp_path, script)).scan({"a.py": b"x = 1\n"}, b'{"rules": []}')


def test_a_failed_scan_does_not_pass_a_skill(
    tank: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tank("init", "--skill", "@acme/notes")
    (project / "notes/run.py").write_text("print(1)\n")
    monkeypatch.setenv("TANK_SEMGREP", str(fake(tmp_path, "exit 2")))
    result = tank("scan", "notes", "--json")
    assert (result.exit_code, result.error_code) == (1, "scan-failed")


@needs_semgrep
def test_a_malicious_skill_is_refused_with_8_and_an_honest_one_is_not(
    tank: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_SEMGREP", str(FOUND))
    bad = tank("scan", ROOT / "examples/malicious-weather", "--json")
    assert (bad.exit_code, bad.error_code) == (8, "malicious-package")
    good = tank("scan", ROOT / "examples/text-tools", "--json")
    assert good.exit_code == 0
    assert good.document["verdict"] == "pass"
