"""A lock that does not fit skills.json any more: who tells of it says so, and nothing is hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.project_documents import manifest
from tests.support.registry_double import RegistryDouble

NOTES, TEXT = "@acme/notes", "@acme/text"


@pytest.fixture
def edited(tank: Any, trusted: RegistryDouble, project: Path) -> RegistryDouble:
    """A project that locked notes and text, and names text in another range and other in their place since."""
    trusted.answer_json("GET", "/v1/health", {"status": "ok", "registry": trusted.url})
    trusted.publish(NOTES, "1.0.0")
    trusted.publish(TEXT, "1.0.0")
    assert tank("add", NOTES, TEXT).exit_code == 0
    manifest(project, skills={TEXT: "^2.0.0", "@acme/other": "^1.0.0"})
    return trusted


@pytest.mark.parametrize("command", ["list", "outdated", "audit", "vendor", "permissions", f"why {TEXT}"])
def test_it_is_warned_of(tank: Any, edited: RegistryDouble, command: str) -> None:
    result = tank(*command.split())
    assert result.exit_code == 0
    assert result.told.count("skills.lock does not fit skills.json: @acme/") == 1
    assert "And 2 more. Fix: tank install" in result.told


def test_a_lock_that_fits_is_not(tank: Any, edited: RegistryDouble, project: Path) -> None:
    manifest(project, skills={TEXT: "^1.0.0", NOTES: "*"})
    for command in (["list"], ["outdated"], ["audit"], ["permissions"], ["why", TEXT]):
        assert "does not fit" not in tank(*command).told
    assert tank("list", "--json").document["misfits"] == []


def test_list_names_each_for_a_program(tank: Any, edited: RegistryDouble) -> None:
    assert tank("list", "--json").document["misfits"] == [
        {"name": "@acme/other", "what": "skills.json needs it; it is not in skills.lock."},
        {"name": TEXT, "what": "skills.json needs ^2.0.0; skills.lock has 1.0.0."},
        {"name": NOTES, "what": "It is in skills.lock, and nothing needs it."},
    ]


def test_why_says_that_nothing_needs_what_is_locked(tank: Any, edited: RegistryDouble) -> None:
    told = tank("why", NOTES)
    assert (told.exit_code, told.out) == (0, "")
    assert "@acme/notes is locked, and nothing needs it any more." in told.told


def test_doctor_names_it_and_an_install_mends_it(tank: Any, edited: RegistryDouble, project: Path) -> None:
    checks = {check["name"]: check for check in tank("doctor", "--json").document["checks"]}
    assert checks["lock"]["state"] == "bad"
    assert checks["lock"]["text"].endswith("And 2 more. Fix: tank install")
    manifest(project, skills={TEXT: "^1.0.0"})
    assert tank("install").exit_code == 0
    assert "lock" not in {check["name"] for check in tank("doctor", "--json").document["checks"]}
