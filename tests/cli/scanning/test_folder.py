"""Nothing in a folder hides a file from a scan, and what cannot be read is a finding."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tank_cli.scanning import folder as module
from tank_cli.scanning.folder import TooMuchToScanError, listing, read
from tank_core.archive import DEFAULT_LIMITS
from tank_core.findings import Severity


def paths_read(folder: Path) -> list[str]:
    return [entry.path for entry in read(listing(folder).items).entries]


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"in {path}\n")


def test_every_file_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    names = [
        ".env",
        ".gitignore",
        ".semgrepignore",
        ".tankignore",
        "__pycache__/a.pyc",
        "node_modules/a/index.js",
        "tests/.hidden/a.py",
    ]
    write(tmp_path, *names)
    (tmp_path / ".gitignore").write_text("*\n")
    assert paths_read(tmp_path) == sorted(names)


def test_git_s_own_folder_is_left_out_and_said(tmp_path: Path) -> None:
    write(tmp_path, ".git/HEAD", ".git/hooks/post-checkout", "one/SKILL.md", "one/.git/HEAD", "run.py")
    found = listing(tmp_path)
    assert [item.path for item in found.items] == ["one/SKILL.md", "run.py"]
    assert found.repositories == (".git", "one/.git")


def test_a_git_folder_anywhere_else_is_read_like_any_other(tmp_path: Path) -> None:
    write(tmp_path, "SKILL.md", "assets/.git/run.sh", "assets/.gitmodules", "assets/SKILL.md")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/.git").write_text("a file, as in a submodule\n")
    assert paths_read(tmp_path) == [
        "SKILL.md",
        "assets/.git/run.sh",
        "assets/.gitmodules",
        "assets/SKILL.md",
        "scripts/.git",
    ]


@pytest.mark.parametrize(
    ("target", "severity"),
    [
        ("other.md", Severity.INFO),
        ("sub/../other.md", Severity.INFO),
        ("../beside.md", Severity.MEDIUM),
        ("sub/../../beside", Severity.MEDIUM),
        (".git/config", Severity.MEDIUM),
        ("/etc/passwd", Severity.HIGH),
    ],
)
def test_a_link_is_a_finding_and_is_not_followed(tmp_path: Path, target: str, severity: Severity) -> None:
    folder = tmp_path / "skill"
    write(folder, "other.md")
    (folder / "a.md").symlink_to(target)
    found = read(listing(folder).items)
    assert [entry.path for entry in found.entries] == ["other.md"]
    assert [(f.file, f.rule_id, f.severity) for f in found.findings] == [("a.md", "link-in-folder", severity)]
    assert target in found.findings[0].evidence


def test_a_linked_folder_is_not_walked_into(tmp_path: Path) -> None:
    write(tmp_path, "skill/a.md", "beside/b.md")
    (tmp_path / "skill/loop").symlink_to(".")
    (tmp_path / "skill/out").symlink_to("../beside")
    found = read(listing(tmp_path / "skill").items)
    assert [entry.path for entry in found.entries] == ["a.md"]
    assert [finding.file for finding in found.findings] == ["loop", "out"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "data")
    assert [finding.rule_id for finding in read(listing(tmp_path).items).findings] == ["unread-file"]


def test_a_file_above_the_limit_is_a_finding_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(DEFAULT_LIMITS.file_bytes + 1)
    found = read(listing(tmp_path).items)
    assert [entry.path for entry in found.entries] == ["a.md"]
    assert [(f.file, f.rule_id, f.severity) for f in found.findings] == [
        ("large.bin", "unread-file", Severity.HIGH)
    ]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "sub/b.md")
    (tmp_path / "a.md").chmod(0)
    (tmp_path / "sub").chmod(0)
    try:
        found = read(listing(tmp_path).items)
    finally:
        (tmp_path / "sub").chmod(0o755)
    assert [finding.file for finding in found.findings] == ["a.md", "sub"]


def test_what_the_system_does_not_give_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    write(tmp_path, "a.md")
    items = listing(tmp_path).items
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "Permission denied" in read(items).findings[0].evidence
    monkeypatch.setattr(os, "scandir", refuse)
    assert [f.rule_id for f in read(listing(tmp_path).items).findings] == ["unread-file"]


def test_too_many_files_are_refused_before_any_is_read(tmp_path: Path) -> None:
    for number in range(DEFAULT_LIMITS.files + 1):
        (tmp_path / str(number)).touch()
    items = listing(tmp_path).items
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(TooMuchToScanError, match=f"{DEFAULT_LIMITS.files + 1} files"):
        read(items)


def test_too_many_bytes_are_refused_before_any_is_read(tmp_path: Path) -> None:
    for number in range(5):
        with (tmp_path / str(number)).open("wb") as file:
            file.truncate(DEFAULT_LIMITS.file_bytes)
    with pytest.raises(TooMuchToScanError, match="bytes together"):
        read(listing(tmp_path).items)


def test_an_endless_listing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a", "b", "c")
    monkeypatch.setattr(module, "_MAX_LISTED", 2)
    with pytest.raises(TooMuchToScanError, match="more than 2"):
        listing(tmp_path)


def test_a_name_that_is_no_text_is_read_under_an_escaped_name(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"a\xff.py")).write_text("print()\n")
    except OSError:
        pytest.skip("this file system keeps no such name")
    assert paths_read(tmp_path) == ["a\\xff.py"]


def test_a_tree_deeper_than_python_recurses_is_read_to_its_end(tmp_path: Path) -> None:
    depth = 1200
    folders = [tmp_path]
    for _ in range(depth):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "run.sh").write_text("true\n")
    try:
        assert paths_read(tmp_path) == ["d/" * depth + "run.sh"]
    finally:  # whoever cleans up after tests does recurse
        (folders[-1] / "run.sh").unlink()
        for folder in reversed(folders[1:]):
            folder.rmdir()
