"""Overrides in skills.json: what they change, what they do not, and where they are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tank_core.findings import Verdict
from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble

NOTES, TEXT = "@acme/notes", "@acme/text"


@pytest.fixture
def published(trusted: RegistryDouble) -> RegistryDouble:
    """A skill that asks for text 1, of which there is a 2."""
    for version in ("1.0.0", "1.5.0", "2.0.0", "2.1.0"):
        trusted.publish(TEXT, version)
    trusted.publish(NOTES, "1.0.0", skills={TEXT: "^1.0.0"})
    return trusted


def write(project: Path, **changes: Any) -> None:
    manifest = json.loads((project / "skills.json").read_bytes())
    manifest.pop("overrides", None)
    (project / "skills.json").write_text(json.dumps(manifest | {"skills": {NOTES: "^1.0.0"}} | changes))


def locked(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "skills.lock").read_bytes())["skills"]
    return found


def test_an_override_decides_and_the_lock_keeps_what_was_declared(
    tank: Any, published: RegistryDouble, project: Path
) -> None:
    write(project, overrides={TEXT: "~2.0.0"})
    told = tank("install")
    assert told.exit_code == 0
    assert "overridden: @acme/text 2.0.0: skills.json sets ~2.0.0; @acme/notes asks for ^1.0.0" in told.told
    assert locked(project)[TEXT]["version"] == "2.0.0"
    assert locked(project)[NOTES]["dependencies"] == {TEXT: "^1.0.0"}
    assert tank("ci").exit_code == 0
    assert tank("verify").exit_code == 0


def test_a_lock_fits_only_with_the_overrides_that_it_was_made_with(
    tank: Any, published: RegistryDouble, project: Path
) -> None:
    write(project)
    tank("install")
    assert locked(project)[TEXT]["version"] == "1.5.0"
    write(project, overrides={TEXT: "^2.0.0"})
    refused = tank("ci", "--json")
    assert (refused.exit_code, refused.error_code) == (9, "lock-out-of-date")
    (problem,) = refused.document["error"]["problems"]
    assert problem["what"] == "skills.json overrides it to ^2.0.0; skills.lock has 1.5.0."
    assert tank("install").exit_code == 0
    assert locked(project)[TEXT]["version"] == "2.1.0"
    write(project)
    assert tank("ci", "--json").error_code == "lock-out-of-date"
    tank("install")
    assert locked(project)[TEXT]["version"] == "1.5.0"


def test_an_override_that_the_lock_fits_already_moves_nothing(
    tank: Any, published: RegistryDouble, project: Path
) -> None:
    write(project)
    tank("install")
    before = (project / "skills.lock").read_bytes()
    write(project, overrides={TEXT: "1.5.0"})
    assert tank("install").exit_code == 0
    assert (project / "skills.lock").read_bytes() == before


def test_why_and_list_tell_it(tank: Any, published: RegistryDouble, project: Path) -> None:
    write(project, overrides={TEXT: "^2.0.0"})
    tank("install")
    assert "@acme/text ^1.0.0 (overridden: ^2.0.0)" in tank("why", TEXT).told
    ((first, second),) = tank("why", TEXT, "--json").document["paths"]
    assert (first["override"], second["override"]) == (None, "^2.0.0")
    listed = tank("list")
    assert "overridden:\n  @acme/text 2.1.0: skills.json sets ^2.0.0" in listed.out
    assert too_wide(listed.out) == []
    (one,) = tank("list", "--json").document["overrides"]
    assert one == {
        "name": TEXT,
        "version": "2.1.0",
        "range": "^2.0.0",
        "asked": {NOTES: "^1.0.0"},
        "against": [NOTES],
    }
    assert tank("install", "--json").document["overrides"] == [one]


def test_outdated_goes_by_the_override(tank: Any, published: RegistryDouble, project: Path) -> None:
    write(project, overrides={TEXT: "2.0.0"})
    tank("install")
    write(project, overrides={TEXT: "^2.0.0"})
    (row,) = tank("outdated", "--json").document["skills"]
    assert (row["current"], row["wanted"]) == ("2.0.0", "2.1.0")


def test_an_override_that_nothing_asks_for_is_said_to_have_no_effect(
    tank: Any, published: RegistryDouble, project: Path
) -> None:
    write(project, overrides={"@acme/gone": "^2.0.0"})
    told = tank("install")
    assert told.exit_code == 0
    assert "override without effect: nothing asks for @acme/gone" in told.told


def test_an_override_lets_nothing_in_that_a_check_keeps_out(
    tank: Any, published: RegistryDouble, project: Path
) -> None:
    published.publish(TEXT, "3.0.0", capabilities={"subprocess": ["curl"]})
    write(project, overrides={TEXT: "^3.0.0"})
    assert tank("install", "--json").error_code == "permission-budget"
    published.rescan(TEXT, "3.0.0", Verdict.FAIL, 1.0)
    refused = tank("install", "--json")
    assert (refused.exit_code, refused.error_code) == (9, "no-resolution")
    why = refused.document["error"]["why"]
    assert "@acme/notes 1.0.0 needs @acme/text, which skills.json overrides to ^3.0.0" in why
    assert "3.0.0 has the verdict fail" in why
    assert refused.document["error"]["fix"] == 'Remove "@acme/text" from "overrides" in skills.json.'


@pytest.mark.parametrize(
    ("overrides", "place"), [({NOTES: "^2.0.0"}, NOTES), ({"text": "^1.0.0"}, "text"), ([], "overrides")]
)
def test_what_says_two_things_or_nothing_is_refused(
    tank: Any, published: RegistryDouble, project: Path, overrides: Any, place: str
) -> None:
    write(project, overrides=overrides)
    refused = tank("install", "--json")
    assert refused.error_code == "invalid-manifest"
    assert place in refused.document["error"]["problems"][0]["where"]


def test_a_skill_may_override_nothing(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    (project / "skills.json").write_text(
        json.dumps({"name": NOTES, "version": "1.0.0", "description": "x", "overrides": {TEXT: "*"}})
    )
    (project / "SKILL.md").write_text("---\nname: notes\ndescription: x\n---\n")
    told = tank("publish", "--dry-run", "--json")
    assert told.exit_code != 0
    assert "only a project overrides what its skills ask for" in told.out
