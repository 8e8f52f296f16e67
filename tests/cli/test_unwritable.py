"""A cache that takes nothing is a help less, and no failure; a home that takes nothing is one in words."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble

NOTES = "@acme/notes"


@pytest.fixture(params=["copy", "hardlink"])
def without_cache(
    request: pytest.FixtureRequest, trusted: RegistryDouble, home: Path, monkeypatch: pytest.MonkeyPatch
) -> RegistryDouble:
    """A machine whose cache cannot be written, also by the superuser: a file is where its folder should be."""
    monkeypatch.setenv("TANK_LINK_MODE", request.param)
    trusted.publish(NOTES, "1.0.0")
    shutil.rmtree(home / ".cache/tank", ignore_errors=True)
    (home / ".cache").mkdir(exist_ok=True)
    (home / ".cache/tank").write_text("in the way")
    return trusted


def test_an_install_works_without_a_cache_and_says_so_once(
    tank: Any, without_cache: RegistryDouble, project: Path
) -> None:
    told = tank("add", NOTES)
    assert told.exit_code == 0, told.err
    assert told.err.count("Nothing could be kept in") == 1
    assert (project / ".agents/skills/notes/SKILL.md").is_file()
    assert tank("verify").exit_code == 0
    assert tank("install", "--lock-only").exit_code == 0
    without_cache.publish(NOTES, "1.1.0")
    assert tank("update").exit_code == 0
    assert tank("ci", "--json").document["skills"] == {NOTES: "1.1.0"}
    for command in ("audit", "outdated", "list"):
        assert tank(command).exit_code == 0


def test_what_is_not_kept_is_verified_all_the_same(
    tank: Any, without_cache: RegistryDouble, project: Path
) -> None:
    archive = next(path for path in without_cache.objects if path.startswith("/blobs/"))
    without_cache.objects[archive] += b"x"
    refused = tank("add", NOTES, "--json")
    assert (refused.exit_code, refused.error_code) == (6, "blob-mismatch")
    assert not (project / ".tank").exists()


def test_a_home_that_cannot_be_written_is_told(tank: Any, trusted: RegistryDouble, home: Path) -> None:
    trusted.publish(NOTES, "1.0.0")
    shutil.rmtree(home / ".local", ignore_errors=True)
    (home / ".local").write_text("in the way")
    told = tank("add", NOTES, "--json")
    assert (told.exit_code, told.error_code) == (1, "system-refused")
    assert "TANK_HOME" in told.out
