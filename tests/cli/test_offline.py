"""Installing without the network, or with as little of it as will do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.support.registry_double import RegistryDouble

NOTES = "@acme/notes"
OTHER = "@acme/other"


def version(project: Path, name: str = NOTES) -> str:
    return str(json.loads((project / "skills.lock").read_text())["skills"][name]["version"])


def forget(project: Path) -> None:
    """Leaves what a fresh checkout without a lock has."""
    (project / "skills.lock").unlink()
    shutil.rmtree(project / ".tank")


def seen(tank: Any, registry: RegistryDouble) -> None:
    registry.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    registry.requests.clear()


def test_offline_resolves_and_installs_from_what_was_kept_and_asks_nobody(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    seen(tank, trusted)
    trusted.publish(NOTES, "1.1.0")
    forget(project)
    result = tank("install", "--offline")
    assert (result.exit_code, trusted.requests) == (0, [])
    assert version(project) == "1.0.0"
    assert "The index was not fetched anew. It is less than a minute old." in result.told


def test_offline_installs_a_lock_from_the_cache(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    seen(tank, trusted)
    shutil.rmtree(project / ".tank")
    assert tank("ci", "--offline").exit_code == 0
    assert trusted.requests == []
    assert tank("verify").exit_code == 0


def test_offline_says_what_is_missing(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    seen(tank, trusted)
    refused = tank("add", OTHER, "--offline", "--json")
    assert (refused.exit_code, refused.error_code, trusted.requests) == (5, "not-kept", [])
    shutil.rmtree(project / ".tank")
    (blob,) = (path for path in (Path.home() / ".cache" / "tank" / "blobs").rglob("*") if is_archive(path))
    blob.unlink()
    refused = tank("ci", "--offline", "--json")
    assert (refused.exit_code, refused.error_code, trusted.requests) == (5, "network-error", [])
    assert not (project / ".tank" / "skills").exists()


def is_archive(path: Path) -> bool:
    return path.is_file() and path.read_bytes()[:2] == b"\x1f\x8b"


def test_prefer_offline_asks_for_nothing_that_was_kept(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    seen(tank, trusted)
    trusted.publish(NOTES, "1.1.0")
    forget(project)
    assert tank("install", "--prefer-offline").exit_code == 0
    assert (version(project), trusted.requests) == ("1.0.0", [])


def test_prefer_offline_asks_for_what_was_not_kept(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    seen(tank, trusted)
    trusted.publish(OTHER, "2.0.0")
    assert tank("add", OTHER, "--prefer-offline").exit_code == 0
    assert version(project, OTHER) == "2.0.0"
    assert trusted.requests


def test_what_was_withdrawn_as_far_as_is_known_is_not_installed_offline(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    seen(tank, trusted)
    trusted.change(NOTES, "1.0.0", availability="withdrawn")
    assert tank("audit").exit_code == 8
    forget(project)
    assert tank("install", "--offline").exit_code == 8
