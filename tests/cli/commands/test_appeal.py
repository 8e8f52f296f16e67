"""`tank appeal`: what is sent, and what is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tank_cli.publishing.prepare import prepare
from tests.cli.conftest import Tank
from tests.support.registry_double import RegistryDouble

APPEAL: dict[str, Any] = {
    "appeal_id": "01JAPPEAL",
    "name": "@acme/notes",
    "version": "1.0.0",
    "digest": "sha256:" + "a" * 64,
    "integrity": "sha512-" + "A" * 86 + "==",
    "rule_id": "some-rule",
    "file": "SKILL.md",
    "line": 7,
    "appellant": "jo",
    "reason": "It is an example.",
    "filed_at": 1_750_000_000,
    "state": "open",
    "decided_by": "",
    "decided_at": None,
    "decision": "",
    "expires_at": None,
    "waiver_digest": "",
    "revoked_by": "",
    "revoked_at": None,
    "revocation": "",
}
GRANTED = APPEAL | {
    "state": "granted",
    "decided_by": "reviewer",
    "decided_at": 1_750_000_001,
    "decision": "It only quotes it.",
    "expires_at": 1_757_776_001,
    "waiver_digest": "sha256:" + "c" * 64,
}
FILE = ("appeal", "file", "@acme/notes@1.0.0", "--rule", "some-rule", "--file", "SKILL.md", "--line", "7")


@pytest.fixture
def member(trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> RegistryDouble:
    """A registry that is trusted and logged in to."""
    monkeypatch.setenv("TANK_TOKEN", "tank_abc")
    return trusted


def accepting(
    registry: RegistryDouble, method: str, path: str, answer: dict[str, Any]
) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def respond(body: bytes, _: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        asked.append(json.loads(body))
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    registry.routes[(method, path)] = respond
    return asked


def test_an_appeal_names_the_bytes_of_the_folder_that_would_be_published(
    tank: Tank, member: RegistryDouble, project: Path
) -> None:
    folder = project / "notes"
    folder.mkdir()
    (folder / "skills.json").write_text('{"name": "@acme/notes", "version": "1.0.0"}')
    (folder / "SKILL.md").write_text("---\nname: notes\ndescription: Notes.\n---\n")
    asked = accepting(member, "POST", "/v1/appeals", APPEAL)
    filed = tank(*FILE, "--folder", folder, "--reason", "It is an example.")
    assert filed.exit_code == 0, filed.err
    assert asked[0]["rule_id"] == "some-rule"
    assert (asked[0]["file"], asked[0]["line"]) == ("SKILL.md", 7)
    package = prepare(folder)
    assert (asked[0]["digest"], asked[0]["integrity"]) == (package.digest, package.integrity)
    assert "01JAPPEAL" in filed.out


def test_a_folder_of_another_version_is_not_what_was_meant(
    tank: Tank, member: RegistryDouble, project: Path
) -> None:
    folder = project / "notes"
    folder.mkdir()
    (folder / "skills.json").write_text('{"name": "@acme/notes", "version": "1.0.1"}')
    (folder / "SKILL.md").write_text("---\nname: notes\ndescription: Notes.\n---\n")
    refused = tank(*FILE, "--folder", folder, "--reason", "x", "--json")
    assert (refused.exit_code, refused.error_code) == (2, "usage")


def test_without_a_folder_the_published_bytes_are_meant(tank: Tank, member: RegistryDouble) -> None:
    stored = member.publish("@acme/notes", "1.0.0")
    member.answer_json("GET", "/v1/skills/acme/notes/versions/1.0.0", asdict(stored))
    asked = accepting(member, "POST", "/v1/appeals", APPEAL)
    assert tank(*FILE, "--reason", "It is an example.").exit_code == 0
    assert (asked[0]["digest"], asked[0]["integrity"]) == (stored.digest, stored.integrity)


def test_the_list_of_a_version_and_of_what_waits(tank: Tank, member: RegistryDouble) -> None:
    member.answer_json("GET", "/v1/appeals", {"items": [APPEAL], "cursor": ""})
    assert "some-rule in SKILL.md:7" in tank("appeal", "list").out
    assert tank("appeal", "list", "@acme/notes@1.0.0", "--json").document == {"items": [APPEAL]}
    assert "name=%40acme%2Fnotes&version=1.0.0" in member.requests[-1]


def test_a_grant_says_until_when_and_a_decline_does_not(tank: Tank, member: RegistryDouble) -> None:
    asked = accepting(member, "PUT", "/v1/appeals/01JAPPEAL/decision", GRANTED)
    granted = tank("appeal", "grant", "01JAPPEAL", "--reason", "It only quotes it.", "--days", "30")
    assert granted.exit_code == 0, granted.err
    assert "2025-09-13" in granted.out
    tank("appeal", "decline", "01JAPPEAL", "--reason", "The code runs it.")
    assert asked == [
        {"granted": True, "reason": "It only quotes it.", "days": 30},
        {"granted": False, "reason": "The code runs it."},
    ]


@pytest.mark.parametrize("days", ["0", "366"])
def test_a_waiver_ends_within_a_year(tank: Tank, member: RegistryDouble, days: str) -> None:
    assert tank("appeal", "grant", "01JAPPEAL", "--reason", "x", "--days", days).exit_code == 2


def test_a_revocation_is_sent_and_told(tank: Tank, member: RegistryDouble) -> None:
    revoked = GRANTED | {"revoked_by": "reviewer", "revoked_at": 1_750_000_002, "revocation": "It is run."}
    asked = accepting(member, "PUT", "/v1/appeals/01JAPPEAL/revocation", revoked)
    told = tank("appeal", "revoke", "01JAPPEAL", "--reason", "It is run.")
    assert asked == [{"reason": "It is run."}]
    assert "granted, revoked" in told.out


def test_show_tells_everything(tank: Tank, member: RegistryDouble) -> None:
    member.answer_json("GET", "/v1/appeals/01JAPPEAL", GRANTED)
    out = tank("appeal", "show", "01JAPPEAL").out
    for text in ("@acme/notes@1.0.0", "some-rule in SKILL.md:7", "It is an example.", "It only quotes it."):
        assert text in out
