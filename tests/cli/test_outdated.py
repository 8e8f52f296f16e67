"""`tank outdated`: locked, wanted, latest, and what moving on would bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble

TEXT = "@acme/text"


def row_of(tank: Any) -> dict[str, Any]:
    (row,) = tank("outdated", "--json").document["skills"]
    return dict(row)


def test_outdated_shows_locked_wanted_and_latest_of_what_is_behind(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(TEXT, "1.0.0")
    trusted.publish("@acme/notes", "1.0.0", skills={TEXT: "~1.0.0"})
    tank("add", "@acme/notes")
    quiet = tank("outdated", "--exit-code")
    assert (quiet.exit_code, quiet.out) == (0, "")
    for version in ("1.0.1", "1.1.0", "2.0.0-rc.1"):
        trusted.publish(TEXT, version)
    assert tank("outdated").out.splitlines()[1].split() == [TEXT, "1.0.0", "1.0.1", "1.1.0", "none"]
    row = row_of(tank)
    assert {key: row[key] for key in ("name", "current", "wanted", "latest")} == {
        "name": TEXT,
        "current": "1.0.0",
        "wanted": "1.0.1",
        "latest": "1.1.0",
    }


def test_being_behind_is_no_failure_unless_a_script_asks(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(TEXT, "1.0.0")
    tank("add", TEXT)
    trusted.publish(TEXT, "1.0.1")
    assert tank("outdated").exit_code == 0
    told = tank("outdated", "--exit-code", "--json")
    assert (told.exit_code, len(told.document["skills"])) == (1, 1)


def test_new_permissions_are_those_beyond_the_locked_version_and_marked_beyond_the_budget(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(TEXT, "1.0.0", capabilities={"subprocess": ["git"]})
    tank("add", TEXT)
    trusted.publish(TEXT, "1.1.0", capabilities={"subprocess": ["git"], "filesystem": {"read": ["./a"]}})
    more = {"subprocess": ["curl", "git"], "network": {"outbound": ["api.example"]}}
    trusted.publish(TEXT, "2.0.0", capabilities=more)
    shown = tank("outdated")
    assert "1.1.0: filesystem.read ./a!;" in shown.told
    assert "2.0.0: network.outbound api.example, subprocess curl!" in shown.told
    assert '! more than "permissions" in skills.json allows' in shown.out
    assert too_wide(shown.out) == []
    moves = row_of(tank)["moves"]
    assert moves["wanted"]["new_permissions"] == {"filesystem": {"read": ["./a"]}}
    assert moves["latest"]["new_permissions"] == {
        "network": {"outbound": ["api.example"]},
        "subprocess": ["curl"],
    }
    assert moves["latest"]["over_budget"] == {"subprocess": ["curl"]}


def test_a_wider_pattern_is_a_new_permission_and_a_narrower_one_is_none(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(TEXT, "1.0.0", capabilities={"network": {"outbound": ["*.example:443"]}})
    (project / "skills.json").write_text('{"permissions": {"network": {"outbound": ["*"]}}, "skills": {}}')
    assert tank("add", TEXT).exit_code == 0
    trusted.publish(TEXT, "1.0.1", capabilities={"network": {"outbound": ["api.example:443"]}})
    trusted.publish(TEXT, "2.0.0", capabilities={"network": {"outbound": ["*.example"]}})
    moves = row_of(tank)["moves"]
    assert moves["wanted"]["new_permissions"] == {}
    assert moves["latest"]["new_permissions"] == {"network": {"outbound": ["*.example"]}}


def test_another_publisher_is_marked_and_named(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish(TEXT, "1.0.0", publisher="jo")
    tank("add", TEXT)
    trusted.publish(TEXT, "1.0.1", publisher="mallory")
    shown = tank("outdated")
    assert shown.out.splitlines()[1].split() == [TEXT, "1.0.0", "1.0.1*", "1.0.1*", "none"]
    text = "It is published by “mallory”; 1.0.0 was published by “jo”."
    assert f"@acme/text@1.0.1: {text}" in shown.told
    assert row_of(tank)["moves"]["wanted"]["publisher_changes"] == [text]


def test_without_a_network_the_kept_index_answers_and_its_age_is_told(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(TEXT, "1.0.0")
    trusted.publish(TEXT, "1.1.0")
    tank("add", f"{TEXT}@~1.0.0")
    assert tank("outdated", "--json").document["index"] == {
        "offline": False,
        "signed_at": None,
        "age_seconds": None,
        "expired": False,
    }
    trusted.requests.clear()
    told = tank("outdated", "--offline")
    assert (told.exit_code, trusted.requests) == (0, [])
    assert told.out.splitlines()[1].split()[:4] == [TEXT, "1.0.0", "1.0.0", "1.1.0"]
    assert "The registry was not asked. What follows is as the registry signed it" in told.told
    assert tank("outdated", "--offline", "--json").document["index"]["offline"] is True
