"""What goes into a package, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tank_cli.pack import NotASkillError, NotPackableError, collect, manifest_bytes
from tank_core.archive import ArchiveForbiddenEntryError, pack, read_archive


@pytest.fixture
def skill(tmp_path: Path) -> Path:
    for path in ("SKILL.md", "skills.json", "LICENSE", "scripts/run.sh", "docs/a.md", "docs/deep/b.md"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    (tmp_path / "scripts/run.sh").chmod(0o755)
    return tmp_path


def paths(skill: Path, files: list[str] | None = None) -> list[str]:
    return [entry.path for entry in collect(skill, files)]


def test_everything_ships_in_path_order_with_its_executable_bit(skill: Path) -> None:
    entries = collect(skill, None)
    assert [e.path for e in entries] == sorted(
        ["LICENSE", "SKILL.md", "docs/a.md", "docs/deep/b.md", "scripts/run.sh", "skills.json"]
    )
    assert {e.path for e in entries if e.executable} == {"scripts/run.sh"}


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "node_modules/x/i.js",
        "__pycache__/a.pyc",
        ".tank/x",
        ".env",
        ".env.local",
        "skills.lock",
    ],
)
def test_private_and_generated_files_never_ship(skill: Path, path: str) -> None:
    (skill / path).parent.mkdir(parents=True, exist_ok=True)
    (skill / path).write_text("secret")
    assert path not in paths(skill)


@pytest.mark.parametrize(
    ("files", "extra"),
    [
        ([], []),
        (["docs"], ["docs/a.md", "docs/deep/b.md"]),
        (["docs/"], ["docs/a.md", "docs/deep/b.md"]),
        (["docs/*.md"], ["docs/a.md"]),
        (["**/*.md"], ["docs/a.md", "docs/deep/b.md"]),
        (["./scripts/run.sh"], ["scripts/run.sh"]),
    ],
)
def test_files_names_what_ships_beside_what_always_does(
    skill: Path, files: list[str], extra: list[str]
) -> None:
    assert paths(skill, files) == sorted(["LICENSE", "SKILL.md", "skills.json", *extra])


def test_an_ignore_file_hides_nothing(skill: Path) -> None:
    (skill / ".gitignore").write_text("scripts/\n")
    (skill / ".tankignore").write_text("scripts/\n")
    assert "scripts/run.sh" in paths(skill)


def test_links_and_dead_patterns_are_refused_together(skill: Path) -> None:
    (skill / "docs/link.md").symlink_to("/etc/passwd")
    with pytest.raises(NotPackableError) as caught:
        collect(skill, ["docs", "nothing/*"])
    assert [problem.where for problem in caught.value.problems] == [
        "docs/link.md",
        "skills.json: files: nothing/*",
    ]


def test_a_link_to_a_folder_is_refused_and_not_followed(skill: Path) -> None:
    (skill / "linked").symlink_to(skill / "docs")
    with pytest.raises(NotPackableError):
        collect(skill, None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_device_is_refused_without_being_opened(skill: Path) -> None:
    os.mkfifo(skill / "pipe")
    with pytest.raises(NotPackableError):
        collect(skill, None)


def test_a_path_that_windows_cannot_keep_is_refused(skill: Path) -> None:
    (skill / "docs/aux.md").write_text("x")
    with pytest.raises(ArchiveForbiddenEntryError):
        collect(skill, None)


def test_what_is_collected_packs_and_reads_back(skill: Path) -> None:
    entries = collect(skill, None)
    assert read_archive(pack(entries)) == entries


def test_a_folder_without_manifest_is_no_skill(tmp_path: Path) -> None:
    with pytest.raises(NotASkillError):
        manifest_bytes(tmp_path)
