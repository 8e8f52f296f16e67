"""Files that are replaced whole: their names, and who may reach what is made for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tank_cli import atomic
from tests.support.registry_double import RegistryDouble


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "🎉" * 63], ids=["ascii", "two-bytes", "four-bytes"])
def test_a_name_as_long_as_the_file_system_takes_is_written(tmp_path: Path, name: str) -> None:
    atomic.write(tmp_path / name, b"first")
    atomic.write(tmp_path / name, b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"second")]


@pytest.fixture
def open_umask() -> Iterator[None]:
    """That of some containers, where whatever is made may be written by everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="needs modes")
@pytest.mark.usefixtures("open_umask")
def test_nobody_else_may_write_into_what_tank_keeps_of_its_own_whatever_the_umask(
    tank: Any, trusted: RegistryDouble, home: Path
) -> None:
    """Who could would choose whom this user trusts, and what the next command undoes."""
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    for base in (".config", ".cache", ".local"):
        assert (home / base).stat().st_mode & 0o777 == 0o700, base


@pytest.mark.skipif(os.name == "nt", reason="needs modes")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_who_may_read_and_write_a_projects_files_stays_as_it_is(
    tank: Any, trusted: RegistryDouble, project: Path, mode: int
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    trusted.publish("@acme/notes", "2.0.0")
    for name in ("skills.json", "skills.lock"):
        (project / name).chmod(mode)
    assert tank("add", "@acme/notes@^2").exit_code == 0
    for name in ("skills.json", "skills.lock"):
        assert (project / name).stat().st_mode & 0o777 == mode, name
