"""The store of unpacked packages: shared, believed only when hashed, and not reachable by an edit in a project."""

from __future__ import annotations

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tank_cli import store as stores
from tank_cli.config import InvalidConfigError, load
from tank_cli.installer.package import Package
from tank_cli.store import AUTO, COPY, HARDLINK, REFLINK, TreeStore
from tank_cli.tree import hash_of, read_tree
from tank_core.archive import ArchiveEntry, tree_hash
from tests.support.registry_double import RegistryDouble

FILES = (
    ArchiveEntry("SKILL.md", b"text"),
    ArchiveEntry("a/b/c.md", b"deep"),
    ArchiveEntry("scripts/run.sh", b"#!/bin/sh\n", True),
)
TREE = tree_hash(FILES)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "trees"


def entry(root: Path) -> Path:
    return root / TREE.removeprefix("sha256:")


def placed(store: TreeStore, target: Path) -> Path:
    facts = store.facts(TREE)
    assert facts is not None
    store.place(TREE, facts, target)
    assert hash_of(read_tree(target)) == TREE
    return target


def test_an_entry_is_linked_into_projects_read_only_with_its_executable_bits(
    root: Path, tmp_path: Path
) -> None:
    store = TreeStore(root, HARDLINK)
    assert store.facts(TREE) is None
    store.add(TREE, FILES)
    one, other = placed(store, tmp_path / "one"), placed(store, tmp_path / "other")
    assert (one / "SKILL.md").samefile(other / "SKILL.md")
    assert (one / "SKILL.md").stat().st_mode & 0o777 == 0o444
    assert (one / "scripts/run.sh").stat().st_mode & 0o777 == 0o555


def test_what_may_not_be_linked_is_copied_and_may_be_edited(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    store = TreeStore(root, HARDLINK)
    store.add(TREE, FILES)
    monkeypatch.setattr(os, "link", refuse)
    one = placed(store, tmp_path / "one")
    assert (one / "SKILL.md").stat().st_mode & 0o777 == 0o644
    (one / "SKILL.md").write_bytes(b"mine")
    assert placed(store, tmp_path / "other").joinpath("SKILL.md").read_bytes() == b"text"


def test_a_full_disk_is_an_error_and_no_reason_to_copy(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    store = TreeStore(root, HARDLINK)
    store.add(TREE, FILES)
    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OSError, match="no space"):
        placed(store, tmp_path / "one")


def test_a_reflink_is_a_file_of_its_own_wherever_it_works(root: Path, tmp_path: Path) -> None:
    store = TreeStore(root, REFLINK)
    store.add(TREE, FILES)
    one = placed(store, tmp_path / "one")  # reflinked or, where the file system has none, copied
    assert not (one / "SKILL.md").samefile(entry(root) / "SKILL.md")
    assert os.access(one / "scripts/run.sh", os.X_OK)
    (one / "SKILL.md").write_bytes(b"mine")
    assert store.facts(TREE) is not None


@pytest.mark.parametrize("damage", ["changed", "added", "missing", "mode", "link"])
def test_a_damaged_entry_is_absent_and_taken_away(root: Path, damage: str) -> None:
    store = TreeStore(root, HARDLINK)
    store.add(TREE, FILES)
    place = entry(root) / "SKILL.md"
    if damage in ("changed", "missing", "link"):
        place.unlink()
    {
        "changed": lambda: place.write_bytes(b"evil"),
        "added": lambda: (entry(root) / "more").write_bytes(b""),
        "missing": lambda: None,
        "mode": lambda: place.chmod(0o755),
        "link": lambda: place.symlink_to("/etc/passwd"),
    }[damage]()
    assert store.facts(TREE) is None
    assert list(root.iterdir()) == []
    store.add(TREE, FILES)
    assert store.facts(TREE) is not None


def test_many_writers_of_one_entry_leave_one_whole_entry(root: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: TreeStore(root, HARDLINK).add(TREE, FILES), range(32)))
    assert list(root.iterdir()) == [entry(root)]
    assert TreeStore(root, HARDLINK).facts(TREE) is not None


def test_a_writer_that_was_killed_leaves_no_entry_and_its_rest_goes_when_it_is_old(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TreeStore(root, HARDLINK)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        patched.setattr(stores.shutil, "rmtree", lambda *_, **__: None)  # a killed process cleans nothing up
        with pytest.raises(KeyboardInterrupt):
            store.add(TREE, FILES)
    assert store.facts(TREE) is None
    (left,) = root.iterdir()
    other = (*FILES, ArchiveEntry("z", b""))
    store.add(tree_hash(other), other)
    assert left.exists()  # it may belong to a process that is still at work
    os.utime(left, (0, 0))
    store.add(TREE, FILES)
    assert not left.exists()


def test_the_superuser_whom_no_mode_stops_gets_copies(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert not TreeStore(root, AUTO).keeps
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert TreeStore(root, AUTO).keeps
    assert not TreeStore(root, COPY).keeps


@pytest.mark.parametrize("name", ["sha256:../../x", "md5:" + "0" * 64, ""])
def test_what_is_no_tree_hash_never_becomes_a_path(root: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a tree hash"):
        TreeStore(root, HARDLINK).add(name, FILES)


def test_an_unknown_mode_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidConfigError) as raised:
        load({"HOME": "/nonexistent", "TANK_LINK_MODE": "symlink"})
    assert "auto, reflink, hardlink, copy" in raised.value.fix


def test_two_projects_share_files_and_a_damaged_one_is_made_again_without_the_network(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_LINK_MODE", "hardlink")
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    second = project.parent / "second"
    second.mkdir()
    for name in ("skills.json", "skills.lock"):
        (second / name).write_bytes((project / name).read_bytes())
    monkeypatch.chdir(second)
    trusted.requests.clear()
    assert tank("ci").exit_code == 0
    shared = second / ".tank/skills/notes/SKILL.md"
    assert shared.samefile(project / ".tank/skills/notes/SKILL.md")
    shared.chmod(0o644)
    shared.write_bytes(b"evil")  # as a person who insists does, or the superuser
    assert tank("verify", "--json").error_code == "installed-files-differ"
    assert tank("ci", "--overwrite").exit_code == 0
    assert tank("verify").exit_code == 0
    assert trusted.requests == []
    assert not shared.samefile(project / ".tank/skills/notes/SKILL.md")


def poison(path: Path) -> None:
    """Puts other bytes in the place of a file of the cache, which is read-only."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(b"EVIL " + data)
    path.chmod(0o444)


def test_a_restored_cache_on_a_machine_that_verified_nothing_is_not_believed(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_LINK_MODE", HARDLINK)
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    for folder in (".tank", ".agents"):
        shutil.rmtree(project / folder)
    (home / ".config/tank/cache.key").unlink()  # a fresh runner has none
    (tree,) = (home / ".cache/tank/trees").iterdir()
    poison(tree / "SKILL.md")
    assert tank("ci").exit_code == 0
    assert not (project / ".tank/skills/notes/SKILL.md").read_bytes().startswith(b"EVIL")
    assert tank("verify").exit_code == 0


def test_nothing_but_its_own_leftovers_is_cleared_out_of_the_store(root: Path) -> None:
    mine = root / ".ssh"
    mine.mkdir(parents=True)
    os.utime(mine, (0, 0))
    TreeStore(root, HARDLINK).add(TREE, FILES)
    assert mine.exists()


@pytest.mark.parametrize("what", ["store", "entry"])
def test_a_link_in_a_restored_cache_leads_tank_nowhere(root: Path, tmp_path: Path, what: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    left = elsewhere / f".{'0' * 16}"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    place = root if what == "store" else entry(root)
    place.parent.mkdir(parents=True, exist_ok=True)
    TreeStore(elsewhere / "real", HARDLINK).add(TREE, FILES)
    place.symlink_to(elsewhere if what == "store" else entry(elsewhere / "real"))
    store = TreeStore(root, HARDLINK)
    assert store.facts(TREE) is None
    assert not store.add(TREE, FILES)
    assert left.exists()
    Package.unpacked(FILES).kept(store, FILES, lambda: FILES).write(tmp_path / "project")
    assert hash_of(read_tree(tmp_path / "project")) == TREE


def test_another_users_store_is_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TreeStore(root, HARDLINK).add(TREE, FILES)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    store = TreeStore(root, HARDLINK)
    assert store.facts(TREE) is None
    assert not store.add(TREE, FILES)


def test_a_file_that_somebody_may_write_is_copied_and_not_linked(root: Path, tmp_path: Path) -> None:
    store = TreeStore(root, HARDLINK)
    store.add(TREE, FILES)
    (entry(root) / "SKILL.md").chmod(0o644)  # as an archive of the cache without modes restores it
    one = placed(store, tmp_path / "one")
    (one / "SKILL.md").write_bytes(b"mine")
    assert store.facts(TREE) is not None
