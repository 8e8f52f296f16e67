"""Verified packages between the verification of the first and the writing of the last."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from tank_cli.installer.package import Package
from tank_cli.store import HARDLINK, TreeStore
from tank_cli.tree import hash_of, read_tree
from tank_core.archive import ArchiveEntry
from tests.support.verifying import NAME, VerifyingScene


@pytest.fixture
def store(tmp_path: Path) -> TreeStore:
    return TreeStore(tmp_path / "trees", HARDLINK)


def held_entries() -> int:
    gc.collect()
    return sum(isinstance(value, ArchiveEntry) for value in gc.get_objects())


def test_what_was_verified_waits_in_the_store_and_not_in_memory(
    scene: VerifyingScene, store: TreeStore, tmp_path: Path
) -> None:
    skill, before = scene.publish(), held_entries()
    ((_, package),) = scene.verifier(store=store).packages({NAME: skill})
    assert held_entries() == before
    shutil.rmtree(tmp_path / "cache")
    package.write(tmp_path / "project")
    assert hash_of(read_tree(tmp_path / "project")) == skill.tree_hash


def test_where_nothing_is_kept_it_waits_in_memory(scene: VerifyingScene, tmp_path: Path) -> None:
    skill = scene.publish()
    ((_, package),) = scene.verifier().packages({NAME: skill})
    package.write(tmp_path / "project")
    assert hash_of(read_tree(tmp_path / "project")) == skill.tree_hash


@pytest.mark.parametrize("is_warm", [False, True])
def test_what_is_cleared_away_before_it_is_written_is_verified_once_more(
    scene: VerifyingScene, store: TreeStore, tmp_path: Path, is_warm: bool
) -> None:
    skill = scene.publish()
    for _ in range(1 + is_warm):
        ((_, package),) = scene.verifier(store=store).packages({NAME: skill})
    shutil.rmtree(tmp_path / "trees")
    package.write(tmp_path / "project")
    assert hash_of(read_tree(tmp_path / "project")) == skill.tree_hash


def test_half_of_what_was_cleared_away_is_not_left_beside_the_rest(store: TreeStore, tmp_path: Path) -> None:
    files = (ArchiveEntry("SKILL.md", b"one"), ArchiveEntry("more.md", b"two"))
    package = Package.unpacked(files)
    kept = package.kept(store, files, lambda: files)
    (tmp_path / "trees" / package.tree_hash.partition(":")[2] / "more.md").unlink()
    kept.write(tmp_path / "project")
    assert hash_of(read_tree(tmp_path / "project")) == package.tree_hash
