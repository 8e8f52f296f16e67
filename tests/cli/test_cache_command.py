"""`tank cache`: what is there, what is damaged, what may go, and what never goes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tank_cli.cache import Cache
from tank_cli.cache_upkeep import age_seconds
from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot

OLD = time.time() - 40 * 86_400
STRAY = b"nobody names this"
STRAY_DIGEST = f"sha256:{hashlib.sha256(STRAY).hexdigest()}"


@pytest.fixture
def cache_dir(tank: Any, trusted: RegistryDouble, home: Path) -> Path:
    """The cache after one install: archive, attestation, index document, one verification; and one stray blob."""
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    folder = home / ".cache/tank"
    Cache(folder).add_blob(STRAY_DIGEST, STRAY)
    return folder


def blobs(cache_dir: Path) -> set[str]:
    return {path.name for path in (cache_dir / "blobs").rglob("*") if path.is_file()}


def make_old(path: Path) -> None:
    os.utime(path, (OLD, OLD))


def stray(cache_dir: Path) -> Path:
    (path,) = (path for path in cache_dir.rglob(STRAY_DIGEST[7:]))
    return path


def test_ls_says_what_needs_each_entry(tank: Any, cache_dir: Path, trusted: RegistryDouble) -> None:
    document = tank("cache", "ls", "--json").document
    uses = sorted(str(entry["use"]) for entry in document["entries"])
    assert uses == ["", "@acme/notes@1.0.0", "@acme/notes@1.0.0", "index of @acme/notes"]
    assert document["groups"]["unreferenced"] == {"entries": 1, "size_bytes": len(STRAY)}
    assert (
        document["groups"]["note"]["entries"] == 3
    )  # what was verified, the next install finds, and is to be hashed
    assert document["projects"] == 1
    kept = [path for path in cache_dir.rglob("*") if path.is_file() and path.parent.name != "busy"]
    assert document["size_bytes"] == sum(path.stat().st_size for path in kept)
    shown = tank("cache", "ls", "--long").out
    assert "index of @acme/notes" in shown
    assert too_wide(shown) == []


def test_ls_of_a_machine_without_a_cache(tank: Any, home: Path) -> None:
    assert tank("cache", "ls", "--json").document["entries"] == []
    assert not (home / ".cache").exists()


def test_verify_names_and_removes_what_is_damaged_and_nothing_else(tank: Any, cache_dir: Path) -> None:
    assert tank("cache", "verify").out == "4 entries are what their names say.\n"
    stray(cache_dir).write_bytes(b"other")
    before = blobs(cache_dir)
    kept = tank("cache", "verify", "--keep", "--json")
    assert (kept.exit_code, kept.error_code) == (6, "cache-damaged")
    assert blobs(cache_dir) == before
    result = tank("cache", "verify", "--json")
    assert [problem["where"] for problem in result.document["error"]["problems"]] == [STRAY_DIGEST]
    assert blobs(cache_dir) == before - {STRAY_DIGEST[7:]}
    assert tank("cache", "verify").exit_code == 0


def test_clean_takes_what_nothing_needs_when_it_is_old(tank: Any, cache_dir: Path) -> None:
    before = blobs(cache_dir)
    assert tank("cache", "clean").exit_code == 0
    assert blobs(cache_dir) == before  # a running install may just have fetched it
    make_old(stray(cache_dir))
    assert tank("cache", "clean", "--dry-run", "--json").document["entries"] == 1
    assert blobs(cache_dir) == before
    document = tank("cache", "clean", "--json").document
    assert (document["entries"], document["size_bytes"]) == (1, len(STRAY))
    assert blobs(cache_dir) == before - {STRAY_DIGEST[7:]}


def test_what_a_vanished_project_needed_may_go(tank: Any, cache_dir: Path, project: Path) -> None:
    (project / "skills.lock").unlink()
    for path in cache_dir.rglob("*"):
        make_old(path)
    assert tank("cache", "clean", "--json").document["entries"] == 3


def test_older_than_limits_what_goes(tank: Any, cache_dir: Path) -> None:
    make_old(stray(cache_dir))
    assert tank("cache", "clean", "--older-than", "8w", "--json").document["entries"] == 0
    assert tank("cache", "clean", "--all", "--older-than", "30d", "--json").document["entries"] == 1


def test_all_takes_everything_that_tank_made_and_the_next_install_fetches_it_again(
    tank: Any, cache_dir: Path, trusted: RegistryDouble, project: Path
) -> None:
    (cache_dir / "blobs" / "mine.txt").write_text("mine")
    (cache_dir / "verified" / "mine.txt").write_text("mine")
    (cache_dir / "mine.txt").write_text("mine")
    assert tank("cache", "clean", "--all").exit_code == 0
    left = {path.name for path in cache_dir.rglob("*") if path.is_file() and path.parent.name != "busy"}
    assert left == {"mine.txt"}
    assert len(list(cache_dir.rglob("mine.txt"))) == 3
    shutil.rmtree(project / ".tank")
    assert tank("ci").exit_code == 0
    assert tank("verify").exit_code == 0


def test_a_download_that_was_broken_off_is_seen_and_cleaned(tank: Any, cache_dir: Path) -> None:
    partial = stray(cache_dir).with_name(f".{'a' * 64}.{'b' * 12}")
    partial.write_bytes(b"half")
    assert tank("cache", "ls", "--json").document["groups"]["partial"]["entries"] == 1
    make_old(partial)
    tank("cache", "clean")
    assert not partial.exists()


def test_a_link_among_the_entries_is_neither_followed_nor_removed(
    tank: Any, cache_dir: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / ("c" * 64)).write_text("mine")
    (cache_dir / "blobs" / "cc").symlink_to(outside)
    assert tank("cache", "clean", "--all").exit_code == 0
    assert (outside / ("c" * 64)).exists()


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 2_592_000), ("12h", 43_200), ("5m", 300), ("1w", 604_800)]
)
def test_an_age_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert age_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "30 d", "1y"])
def test_what_is_no_age_is_a_usage_error(tank: Any, text: str, home: Path) -> None:
    result = tank("cache", "clean", f"--older-than={text}", "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")


def test_a_project_is_noted_once_and_a_dry_run_notes_none(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    notes = home / ".local/share/tank/projects"
    assert tank("add", "@acme/notes", "--dry-run").exit_code == 0
    assert not notes.exists()
    assert tank("add", "@acme/notes").exit_code == 0
    before = snapshot(notes)
    assert list(before.values()) == [os.fsencode(project)]
    assert tank("install").exit_code == 0
    assert snapshot(notes) == before


def test_a_damaged_list_of_projects_is_passed_over(tank: Any, cache_dir: Path, home: Path) -> None:
    notes = home / ".local/share/tank/projects"
    (notes / "a").write_bytes(b"\xff\x00relative")
    (notes / "b").mkdir()
    (notes / "c").write_text(json.dumps("/nowhere"))
    assert tank("cache", "ls", "--json").document["projects"] == 1


def test_clean_says_of_what_nothing_needs_that_it_stays_while_it_is_fresh(tank: Any, cache_dir: Path) -> None:
    result = tank("cache", "clean")
    assert result.out == "Removed 0 entries, 0 B.\n"
    assert "1 more that nothing needs stay for an hour" in result.told
    make_old(stray(cache_dir))
    assert tank("cache", "clean").err == ""
