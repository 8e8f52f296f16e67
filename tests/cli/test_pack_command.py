"""`tank pack`: what is shown, and where the archive goes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tank_core.archive import read_archive
from tests.support.columns import too_wide
from tests.support.publishing_documents import write_skill
from tests.support.snapshot import snapshot


@pytest.fixture
def skill(project: Path) -> Path:
    folder = write_skill(project / "notes")
    manifest = json.loads((folder / "skills.json").read_text()) | {"capabilities": {"subprocess": ["git"]}}
    (folder / "skills.json").write_text(json.dumps(manifest))
    (folder / ".env").write_text("SECRET=1")
    (folder / "run.sh").write_text("git status\n")
    (folder / "run.sh").chmod(0o755)
    return folder


def test_the_document_says_of_the_file_what_is_true_of_it(tank: Any, skill: Path, project: Path) -> None:
    document = tank("pack", skill, "--json").document
    archive = (project / "acme-notes-1.0.0.tar.gz").read_bytes()
    assert document["path"] == str(project / "acme-notes-1.0.0.tar.gz")
    assert document["digest"] == f"sha256:{hashlib.sha256(archive).hexdigest()}"
    assert document["size_bytes"] == len(archive)
    assert document["capabilities"]["subprocess"] == ["git"]
    entries = read_archive(archive)
    assert document["files"] == [
        {"path": e.path, "size_bytes": len(e.data), "executable": e.executable} for e in entries
    ]
    assert [e.path for e in entries] == ["SKILL.md", "run.sh", "skills.json"]


def test_the_text_names_files_permissions_sizes_and_digests_in_80_columns(tank: Any, skill: Path) -> None:
    result = tank("pack", skill)
    assert result.exit_code == 0
    assert too_wide(result.out) == []
    for word in ("run.sh", "subprocess", "git", "unpacked", "sha512-", "sha256:", "acme-notes-1.0.0.tar.gz"):
        assert word in result.out


def test_a_dry_run_shows_the_same_and_writes_nothing(tank: Any, skill: Path, project: Path) -> None:
    before = snapshot(project)
    shown = tank("pack", skill, "--dry-run", "--json").document
    assert snapshot(project) == before
    assert shown.pop("path") is None
    written = tank("pack", skill, "--json").document
    del written["path"]
    assert shown == written


def test_packing_twice_in_the_skills_own_folder_gives_the_same_package(
    tank: Any, skill: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(skill)
    first, second = (tank("pack", "--json").document for _ in range(2))
    assert first == second
    assert first["path"] == str(project / "acme-notes-1.0.0.tar.gz")


def test_an_archive_is_not_written_into_what_is_packed(tank: Any, skill: Path) -> None:
    before = snapshot(skill)
    result = tank("pack", skill, "--output", skill / "out.tar.gz", "--json")
    assert (result.exit_code, result.error_code) == (2, "output-in-skill")
    assert snapshot(skill) == before


def test_output_names_the_file_and_replaces_an_older_one(tank: Any, skill: Path, project: Path) -> None:
    (project / "out.tar.gz").write_text("older")
    assert tank("pack", skill, "--output", "out.tar.gz").exit_code == 0
    assert read_archive((project / "out.tar.gz").read_bytes())


def test_a_place_that_cannot_be_written_is_said_to_be_one(tank: Any, skill: Path, project: Path) -> None:
    (project / "file").write_text("")
    result = tank("pack", skill, "--output", "file/out.tar.gz", "--json")
    assert (result.exit_code, result.error_code) == (1, "output-not-writable")


def test_what_cannot_be_published_cannot_be_packed(tank: Any, skill: Path, project: Path) -> None:
    (skill / "SKILL.md").write_text("---\nname: other\ndescription: d\n---\n")
    result = tank("pack", skill, "--json")
    assert (result.exit_code, result.error_code) == (1, "not-publishable")
    assert not list(project.glob("*.tar.gz"))
