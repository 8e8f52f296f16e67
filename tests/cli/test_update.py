"""`tank update` with names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.registry_double import RegistryDouble


def test_update_of_a_skill_that_the_project_does_not_use_is_an_error(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    result = tank("update", "@acme/nots", "--json")
    assert (result.exit_code, result.error_code) == (3, "not-in-project")
    assert tank("update", "@acme/notes").exit_code == 0
