"""A change to a project happens, or leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
