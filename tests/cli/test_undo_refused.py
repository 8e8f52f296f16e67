"""A machine that refuses something in the middle of a change, or while that is undone: nothing is forgotten."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli.config import load
from tank_cli.journal import Journal
from tank_cli.link import LinkPlan, apply_links
from tank_cli.transaction import NotUndoneError, Transaction, exclusive, undo_left
from tests.support.snapshot import snapshot


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one installed skill and a lock."""
    root = tmp_path / "project"
    (root / ".tank/skills/old").mkdir(parents=True)
    (root / ".tank/skills/old/SKILL.md").write_text("old")
    (root / "skills.lock").write_text("old lock")
    return root


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def refusing(number: int) -> Callable[..., Any]:
    def refuse(path: object, *_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number), str(path))

    return refuse


def change_and_stop(root: Path, journal: Journal) -> None:
    with Transaction(root, root, journal) as transaction:
        transaction.drop_tree("old")
        transaction.write(root / "skills.lock", b"new lock")
        raise KeyboardInterrupt


def change(root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Moves a tree out of the way and replaces the lock; from then on nothing can be renamed."""
    with Transaction(root, root, journal) as transaction:
        transaction.drop_tree("old")
        transaction.write(root / "skills.lock", b"new lock")
        monkeypatch.setattr(Path, "rename", refusing(number))
        monkeypatch.setattr(Path, "replace", refusing(number))
        raise KeyboardInterrupt


@pytest.mark.parametrize("number", [errno.EROFS, errno.EIO, errno.EACCES, errno.ENOSPC])
def test_what_cannot_be_undone_now_is_told_and_undone_by_the_next_command(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = snapshot(root)
    with monkeypatch.context() as machine, pytest.raises(NotUndoneError) as told:
        change(root, journal, machine, number)
    assert os.strerror(number) in told.value.what
    assert snapshot(root) != before
    assert journal.is_left
    journal.undo()
    assert snapshot(root) == before
    assert not journal.is_left


def test_a_project_that_is_not_put_back_yet_is_not_changed_and_can_be_read(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load({"HOME": str(tmp_path / "home")})
    before = snapshot(root)
    with monkeypatch.context() as machine:
        with pytest.raises(NotUndoneError), exclusive(root, config) as journal:
            change(root, journal, machine, errno.EROFS)
        with pytest.raises(NotUndoneError), exclusive(root, config):
            raise AssertionError("somebody began another change")
        undo_left(root, config)
    undo_left(root, config)
    assert snapshot(root) == before


def change_whose_place_is_taken(root: Path, journal: Journal) -> None:
    with Transaction(root, root, journal) as transaction:
        transaction.write(root / "skills.json", b"{}")
        (root / "skills.json").unlink()
        (root / "skills.json").mkdir()
        raise KeyboardInterrupt


def test_a_step_whose_place_was_taken_meanwhile_is_given_up(root: Path, journal: Journal) -> None:
    with pytest.raises(KeyboardInterrupt):
        change_whose_place_is_taken(root, journal)
    assert not journal.is_left
    assert (root / "skills.json").is_dir()


def test_a_note_that_was_written_in_part_is_written_to_its_end(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is nearly full takes a part of a line, and says so by its length alone."""
    before, write = snapshot(root), os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:7]))
    with pytest.raises(KeyboardInterrupt):
        change_and_stop(root, journal)
    assert snapshot(root) == before


@pytest.mark.parametrize("made", [1, 2])
def test_a_change_that_cannot_even_begin_leaves_nothing(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, made: int
) -> None:
    mkdir, seen = Path.mkdir, iter(range(1, 100))

    def full(self: Path, *arguments: Any, **named: Any) -> None:
        if root in self.parents and next(seen) >= made:
            raise OSError(errno.ENOSPC, "No space left on device", str(self))
        mkdir(self, *arguments, **named)

    before = snapshot(root)
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(OSError, match="No space left"), Transaction(root, root, journal):
        raise AssertionError("it began")
    assert snapshot(root) == before
    assert not journal.is_left


def test_a_change_that_cannot_be_made_true_is_undone_at_once(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(root)
    monkeypatch.setattr(Journal, "complete", refusing(errno.EIO))
    with pytest.raises(OSError, match="Input/output"), Transaction(root, root, journal) as transaction:
        transaction.drop_tree("old")
    assert snapshot(root) == before
    assert not journal.is_left


def test_a_link_that_fails_for_want_of_a_working_disk_is_no_reason_to_copy(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(root)
    plan = LinkPlan({".agents/skills/old": "old"}, (), ())
    monkeypatch.setattr(os, "symlink", refusing(errno.EIO))
    with pytest.raises(OSError, match="Input/output"), Transaction(root, root, journal) as transaction:
        apply_links(transaction, root, root / ".tank/skills", plan, {})
    assert snapshot(root) == before


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL])
def test_where_no_links_are_a_skill_is_copied(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    plan = LinkPlan({".agents/skills/old": "old"}, (), ())
    monkeypatch.setattr(os, "symlink", refusing(number))
    with Transaction(root, root, journal) as transaction:
        apply_links(transaction, root, root / ".tank/skills", plan, {})
    assert (root / ".agents/skills/old/SKILL.md").read_text() == "old"
