"""A change to a project happens, or leaves no trace."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli.config import load
from tank_cli.extract import extract
from tank_cli.journal import Journal
from tank_cli.project_files import UnsafeProjectError
from tank_cli.transaction import ProjectBusyError, Transaction, exclusive
from tank_core.archive import ArchiveEntry
from tests.support.snapshot import snapshot

_FILES = (ArchiveEntry("SKILL.md", b"new"), ArchiveEntry("scripts/run.sh", b"#!/bin/sh\n", True))


def begun(root: Path) -> Transaction:
    return Transaction(root, root, Journal(root.parent / "journal"))


def write_new(target: Path) -> None:
    extract(_FILES, target)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one installed skill, a manifest, and a lock."""
    root = tmp_path / "project"
    (root / ".tank/skills/old").mkdir(parents=True)
    (root / ".tank/skills/old/SKILL.md").write_text("old")
    (root / "skills.lock").write_text("old lock")
    return root


def change(transaction: Transaction, root: Path) -> None:
    transaction.stage("old", write_new)
    transaction.stage("fresh", write_new)
    transaction.put("old")
    transaction.put("fresh")
    transaction.link(root / ".agents/skills/fresh", root / ".tank/skills/fresh")
    transaction.copy(root / ".cursor/skills/fresh", root / ".tank/skills/fresh")
    transaction.write(root / "skills.json", b"{}")
    transaction.write(root / "skills.lock", b"new lock")


def test_a_change_that_succeeds_is_there(root: Path) -> None:
    with begun(root) as transaction:
        change(transaction, root)
    assert (root / ".tank/skills/old/SKILL.md").read_bytes() == b"new"
    assert (root / ".agents/skills/fresh/scripts/run.sh").stat().st_mode & 0o111
    assert (root / "skills.lock").read_bytes() == b"new lock"
    assert not (root / ".tank/tmp").exists()


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_a_change_that_fails_at_its_end_leaves_no_trace(root: Path, failure: type[BaseException]) -> None:
    before = snapshot(root)
    with pytest.raises(failure):
        change_and_fail(root, failure)
    assert snapshot(root) == before


def change_and_fail(root: Path, failure: Callable[[], BaseException]) -> None:
    with begun(root) as transaction:
        change(transaction, root)
        transaction.drop_tree("old")
        raise failure()


@pytest.fixture
def other_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """No directory and no link that was there before can be renamed, as in a container's lower layer."""
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if ".tank/tmp" not in str(self) and (self.is_symlink() or self.is_dir()):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)


@pytest.mark.usefixtures("other_layer")
def test_what_cannot_be_renamed_is_copied_away(root: Path) -> None:
    (root / ".agents/skills").mkdir(parents=True)
    (root / ".agents/skills/gone").symlink_to("../../.tank/skills/gone")
    with begun(root) as transaction:
        change(transaction, root)
        transaction.take_away(root / ".agents/skills/gone")
    assert (root / ".tank/skills/old/SKILL.md").read_bytes() == b"new"
    assert not (root / ".agents/skills/gone").is_symlink()
    assert not (root / ".tank/tmp").exists()


_REMOVING: tuple[tuple[Any, str], ...] = (
    (os, "unlink"),
    (os, "rmdir"),
    (os, "symlink"),
    (Path, "unlink"),
    (shutil, "copy2"),
)


def take_all_away(root: Path) -> None:
    with begun(root) as transaction:
        transaction.drop_tree("old")
        transaction.take_away(root / "link")
        raise KeyboardInterrupt


@pytest.mark.usefixtures("other_layer")
@pytest.mark.parametrize("at", range(8))
def test_what_was_copied_away_is_put_back_whenever_it_ends(
    root: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    (root / ".tank/skills/old/link").symlink_to("SKILL.md")
    (root / "link").symlink_to("nowhere")
    before = snapshot(root)
    seen = iter(range(100))

    def ends(event: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **named: object) -> object:
            if next(seen) == at:
                raise KeyboardInterrupt
            return event(*arguments, **named)

        return run

    with monkeypatch.context() as patched:
        for module, name in _REMOVING:
            patched.setattr(module, name, ends(getattr(module, name)))
        with pytest.raises(KeyboardInterrupt):
            take_all_away(root)
    assert snapshot(root) == before


def test_extraction_never_writes_into_an_existing_directory(root: Path) -> None:
    with begun(root) as transaction:
        transaction.stage("x", write_new)
        with pytest.raises(FileExistsError):
            transaction.stage("x", write_new)


def test_a_failed_first_change_leaves_not_even_a_directory(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="stop"):
        change_and_fail(tmp_path, lambda: OSError("stop"))
    assert not list(tmp_path.iterdir())


def test_a_second_tank_is_turned_away_and_then_let_in(root: Path, tmp_path: Path) -> None:
    config = load({"HOME": str(tmp_path / "home")})
    with exclusive(root, config), pytest.raises(ProjectBusyError), exclusive(root, config):
        pass
    with exclusive(root, config):
        pass


@pytest.mark.skipif(os.name == "nt", reason="a folder has no lock there")
def test_a_second_tank_with_another_home_is_turned_away_as_well_and_nothing_is_left(
    root: Path, tmp_path: Path
) -> None:
    one, other = (load({"HOME": str(tmp_path), "TANK_HOME": str(tmp_path / name)}) for name in ("a", "b"))
    before = snapshot(root)
    with exclusive(root, one), pytest.raises(ProjectBusyError), exclusive(root, other):
        pass
    with exclusive(root, other):
        pass
    assert snapshot(root) == before


@pytest.mark.skipif(os.name == "nt", reason="a folder has no lock there")
def test_a_file_system_that_locks_no_folders_keeps_nobody_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    real = fcntl.flock

    def only_what_is_writable(descriptor: int, how: int) -> None:
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "not open for writing")
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", only_what_is_writable)
    config = load({"HOME": str(tmp_path / "home")})
    with exclusive(root, config), pytest.raises(ProjectBusyError), exclusive(root, config):
        pass


def test_what_a_killed_process_left_is_cleared(root: Path) -> None:
    (root / ".tank/tmp/dead").mkdir(parents=True)
    with begun(root):
        assert not (root / ".tank/tmp/dead").exists()


@pytest.mark.parametrize("name", [".tank", ".tank/skills", ".tank/tmp"])
def test_a_linked_directory_of_ours_is_refused(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "p", tmp_path / "outside"
    outside.mkdir()
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(outside)
    with pytest.raises(UnsafeProjectError), begun(root):
        pass
    assert not list(outside.iterdir())
