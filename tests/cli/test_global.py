"""`--global`: the project in the home directory, and the words that lead to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.registry_double import RegistryDouble


def test_a_refusal_of_the_global_budget_names_its_file(
    tank: Any, trusted: RegistryDouble, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["git"]})
    result = tank("add", "--global", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (7, "permission-budget")
    assert f'to \\"permissions\\" in {home}/.local/share/tank/global/skills.json' in result.out


def test_the_fix_for_a_missing_global_lock_is_a_global_install(tank: Any, trusted: RegistryDouble) -> None:
    assert "tank install --global" in tank("list", "--global").err
