"""`tank why`: the paths to a skill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.registry_double import RegistryDouble


def test_why_shows_every_path_and_walks_no_circle_twice(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/base", "1.0.0")
    trusted.publish("@acme/text", "1.0.0", skills={"@acme/notes": "^1.0.0", "@acme/base": "~1.0.0"})
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/apart", "1.0.0")
    assert tank("add", "@acme/notes", "@acme/text@1", "@acme/apart").exit_code == 0
    assert tank("why", "@acme/base").out.splitlines() == [
        "skills.json → @acme/notes ^1.0.0 → @acme/text ^1.0.0 → @acme/base ~1.0.0",
        "skills.json → @acme/text 1 → @acme/base ~1.0.0",
    ]
    assert len(tank("why", "@acme/base", "--json").document["paths"]) == 2


def test_why_of_a_skill_that_is_not_locked_is_an_error(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    assert tank("install").exit_code == 0
    result = tank("why", "@acme/nothing", "--json")
    assert (result.exit_code, result.error_code) == (3, "not-in-project")
