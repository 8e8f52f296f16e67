"""Completion: what each shell is told, and what is offered at TAB without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tank_cli.table import COMMANDS
from tests.support.publishing_documents import write_skill
from tests.support.registry_double import RegistryDouble

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def used(tank: Any, trusted: RegistryDouble, project: Path) -> RegistryDouble:
    """A project that names notes, which needs text."""
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "*"})
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    trusted.requests.clear()
    return trusted


def offered(tank: Any, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """Returns the values that PowerShell would offer for the last word."""
    *typed, word = words
    monkeypatch.setenv("_TANK_COMPLETE", "powershell_complete")
    monkeypatch.setenv("_TANK_COMPLETE_ARGUMENTS", "\n".join(typed))
    monkeypatch.setenv("_TANK_COMPLETE_WORD", word)
    result = tank()
    monkeypatch.delenv("_TANK_COMPLETE")
    assert (result.exit_code, result.err) == (0, "")
    return [line.partition("\t")[0] for line in result.out.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_gets_its_code(tank: Any, home: Path, shell: str) -> None:
    result = tank("completion", shell)
    assert result.exit_code == 0
    assert f"{shell}_complete" in result.out
    assert tank("completion", shell, "--json").document["source"].strip() in result.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["remove", ""], ["@acme/notes"]),
        (["rm", "@ac"], ["@acme/notes"]),
        (["update", ""], ["@acme/notes", "@acme/text"]),
        (["update", "@acme/text", ""], ["@acme/notes"]),
        (["why", "@acme/t"], ["@acme/text"]),
        (["why", "@other"], []),
        (["diff", "@acme/t"], ["@acme/text"]),
        (["info", "@acme/n"], ["@acme/notes"]),
        (["config", "set", "reg"], ["registry"]),
        (["remove", "-g", ""], []),
        (["install", "--agent", "cl"], ["claude"]),
        (["unin"], []),
        (["unl"], ["unlink"]),
        (["org", "cr"], ["create"]),
        (["completion", "p"], ["powershell"]),
        (["install", "--dry"], ["--dry-run"]),
    ],
)
def test_what_is_offered(
    tank: Any,
    used: RegistryDouble,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    expected: list[str],
) -> None:
    assert [value for value in offered(tank, monkeypatch, *words) if value != "cline"] == expected
    assert used.requests == []


def test_linked_skills_are_offered_to_unlink(
    tank: Any, used: RegistryDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tank("link", write_skill(tmp_path / "copy")).exit_code == 0
    assert offered(tank, monkeypatch, "unlink", "@") == ["@acme/notes"]


def test_every_command_is_offered_and_none_is_imported(
    tank: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("tank_cli.commands.")]:
        monkeypatch.delitem(sys.modules, name)
    assert offered(tank, monkeypatch, "") == list(COMMANDS)
    assert not [name for name in sys.modules if name.startswith("tank_cli.commands.")]


@pytest.mark.parametrize("content", ["<<<<<<<", "{}", None])
def test_a_damaged_lock_offers_nothing_and_says_nothing(
    tank: Any, used: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    (project / "skills.lock").unlink()
    if content is not None:
        (project / "skills.lock").write_text(content)
    assert offered(tank, monkeypatch, "why", "") == []


def test_powershell_is_offered_quoted_names_and_no_files(
    tank: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tank("completion", "powershell").out
    assert "StartsWith('@')" in source
    assert source.count("{") == source.count("}")
    assert "%(" not in source
    assert offered(tank, monkeypatch, "pack", "") == []  # a folder: the shell's own business


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_real_bash_completes_a_name_after_its_at_sign(
    tank: Any, used: RegistryDouble, project: Path, tmp_path: Path, home: Path
) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(tank("completion", "bash").out)
    program = tmp_path / "bin" / "tank"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tank_cli "$@"\n')
    program.chmod(0o755)
    typed = (
        f'source "{script}"; case "$COMP_WORDBREAKS" in *@*) exit 3;; esac; '
        "COMP_WORDS=(tank remove @ac); COMP_CWORD=2; _tank_completion tank; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT / 'cli'}:{ROOT}",
        "HOME": str(home),
    }
    result = subprocess.run(
        [str(shutil.which("bash")), "-c", typed],
        env=environment,
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stdout) == (0, "@acme/notes\n"), result.stderr
