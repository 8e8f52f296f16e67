"""A skills.json that another user owns, such as one that somebody left in /tmp, is nobody else's project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have other owners there")


@pytest.fixture
def below(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below a project, as the working directory of somebody who does not own that."""
    (project / "skills.json").write_text('{"permissions": {"subprocess": true}, "skills": {}}')
    folder = project / "mine"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(project).st_uid + 1)
    return folder


@pytest.mark.parametrize("command", ["install", "ci", "list", "audit", "permissions", "doctor"])
def test_a_project_of_another_user_is_refused_with_what_lets_it_in(
    tank: Any, below: Path, project: Path, command: str
) -> None:
    told = tank(command, "--json")
    assert (told.exit_code, told.error_code) == (7, "foreign-project")
    assert f"tank config set safe-projects {project}" in told.out
    assert not (project / ".tank").exists()


def test_a_project_that_was_called_safe_is_one_and_no_other(tank: Any, below: Path, project: Path) -> None:
    done = tank("config", "set", "safe-projects", f"/elsewhere{os.pathsep}{project}")
    assert (done.exit_code, done.err) == (0, "")
    assert tank("list", "--json").error_code == "no-lock"
    assert tank("config", "get", "safe-projects").out == f"/elsewhere{os.pathsep}{project}\n"
    assert tank("config", "set", "safe-projects", str(project.parent)).exit_code == 0
    assert tank("config", "ls").exit_code == 0
    refused = tank("list", "--json")
    assert refused.error_code == "foreign-project"
    assert f"safe-projects {project.parent}{os.pathsep}{project}" in refused.out


def test_the_superuser_works_in_everybodys(tank: Any, below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert tank("list", "--json").error_code == "no-lock"
