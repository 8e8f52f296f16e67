"""`tank update` with names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tank_core.entities import Availability
from tests.support.registry_double import RegistryDouble


def test_update_of_a_skill_that_the_project_does_not_use_is_an_error(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    result = tank("update", "@acme/nots", "--json")
    assert (result.exit_code, result.error_code) == (3, "not-in-project")
    assert tank("update", "@acme/notes").exit_code == 0


def test_an_update_says_why_it_goes_back(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    trusted.publish("@acme/notes", "1.1.0")
    assert tank("add", "@acme/notes@^1.0.0").exit_code == 0
    trusted.change("@acme/notes", "1.1.0", availability=Availability.YANKED, availability_reason="slow")
    told = tank("update")
    assert "~ @acme/notes 1.1.0 → 1.0.0" in told.out
    expected = "@acme/notes goes back from 1.1.0 to 1.0.0: @acme/notes@1.1.0 was yanked (“slow”)."
    assert expected in told.told


def test_a_lower_version_that_was_asked_for_needs_no_reason(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    trusted.publish("@acme/notes", "1.1.0")
    assert tank("add", "@acme/notes").exit_code == 0
    told = tank("add", "@acme/notes@1.0.0")
    assert "~ @acme/notes 1.1.0 → 1.0.0" in told.out
    assert told.err == ""


def test_an_install_that_makes_links_alone_says_where(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    expected = "1 skill in place already.\nLinked in .claude/skills.\n"
    assert tank("install", "--agent", "claude").out == expected
    assert tank("install", "--agent", "claude").out == "1 skill in place already.\n"
