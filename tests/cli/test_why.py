"""`tank why`: the paths to a skill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.registry_double import RegistryDouble


def test_why_shows_every_path_and_ends_in_a_circle(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/text", "1.0.0", skills={"@acme/notes": "^1.0.0"})
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/apart", "1.0.0")
    assert tank("add", "@acme/notes", "@acme/text@1", "@acme/apart").exit_code == 0
    assert tank("why", "@acme/text").out.splitlines() == [
        "skills.json → @acme/notes ^1.0.0 → @acme/text ^1.0.0",
        "skills.json → @acme/text 1",
    ]
    assert len(tank("why", "@acme/text", "--json").document["paths"]) == 2
    assert tank("why", "@acme/nothing", "--json").error_code == "not-in-project"
