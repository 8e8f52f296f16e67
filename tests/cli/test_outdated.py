"""`tank outdated`: locked, wanted, latest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.registry_double import RegistryDouble


def test_outdated_shows_locked_wanted_and_latest_of_what_is_behind(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/text", "1.0.0")
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "~1.0.0"})
    tank("add", "@acme/notes")
    quiet = tank("outdated")
    assert (quiet.exit_code, quiet.out) == (0, "")
    for version in ("1.0.1", "1.1.0", "2.0.0-rc.1"):
        trusted.publish("@acme/text", version)
    assert tank("outdated").out.splitlines()[1].split() == ["@acme/text", "1.0.0", "1.0.1", "1.1.0"]
    row = {"name": "@acme/text", "current": "1.0.0", "wanted": "1.0.1", "latest": "1.1.0"}
    assert tank("outdated", "--json").document == {"skills": [row]}
