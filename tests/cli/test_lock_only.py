"""`--lock-only`: everything is decided and checked as ever, and the lock is all that is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.project_documents import lock_of, manifest
from tests.support.registry_double import RegistryDouble

GIT = {"subprocess": ["git"]}


def test_lock_only_resolves_checks_and_writes_the_lock_and_downloads_nothing(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities=GIT)
    manifest(project, skills={"@acme/notes": "^1.0.0"})
    result = tank("install", "--lock-only")
    assert (result.exit_code, result.out.splitlines()[-1]) == (0, "1 skill locked.")
    assert not any("/blobs/" in request for request in trusted.requests)
    assert not (project / ".tank/skills").exists()
    assert tank("ci").exit_code == 0
    assert tank("verify").exit_code == 0


def test_lock_only_holds_the_budget(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["rm"]})
    manifest(project, skills={"@acme/notes": "^1.0.0"})
    assert tank("install", "--lock-only", "--json").error_code == "permission-budget"
    assert not (project / "skills.lock").exists()


def test_add_lock_only_writes_manifest_and_lock(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes", "--lock-only").exit_code == 0
    assert json.loads((project / "skills.json").read_text())["skills"] == {"@acme/notes": "^1.0.0"}
    assert "@acme/notes" in lock_of(project)["skills"]
    assert not (project / ".agents").exists()
