"""`tank owner`: rights in npm's words, on what the registry knows of organisations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble

ORG = {"org": "acme", "created_at": 1, "members": {"jo": "publisher", "zoe": "owner", "ann": "publisher"}}


@pytest.fixture
def registry_of_acme(trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> RegistryDouble:
    monkeypatch.setenv("TANK_TOKEN", "tank_abc")
    trusted.answer_json("GET", "/v1/orgs/acme", ORG)
    trusted.requests.clear()
    return trusted


@pytest.fixture
def changes(registry_of_acme: RegistryDouble) -> list[tuple[str, Any]]:
    """What the registry was asked to change about jo."""
    asked: list[tuple[str, Any]] = []

    def noted(method: str) -> Any:
        def route(body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
            assert headers["Authorization"] == "Bearer tank_abc"
            asked.append((method, json.loads(body) if body else None))
            return 204, {}, b""

        return route

    for method in ("PUT", "DELETE"):
        registry_of_acme.routes[method, "/v1/orgs/acme/members/jo"] = noted(method)
    return asked


@pytest.mark.parametrize("scope", ["@acme", "@acme/notes", "acme"])
def test_ls_lists_owners_first_and_says_what_the_right_is_on(
    tank: Any, registry_of_acme: RegistryDouble, scope: str
) -> None:
    told = tank("owner", "ls", scope)
    assert [line.split() for line in told.out.splitlines()] == [
        ["zoe", "owner"],
        ["ann", "publisher"],
        ["jo", "publisher"],
    ]
    assert "every skill of @acme" in told.err
    document = tank("owner", "ls", scope, "--json").document
    assert document["owners"][0] == {"publisher": "zoe", "role": "owner"}


def test_add_and_rm_change_the_member(tank: Any, changes: list[tuple[str, Any]]) -> None:
    assert tank("owner", "add", "jo", "@acme").exit_code == 0
    assert tank("owner", "add", "jo", "@acme", "--role", "owner").exit_code == 0
    told = tank("owner", "rm", "jo", "@acme", "--json")
    assert told.document == {"org": "acme", "publisher": "jo", "role": None}
    assert changes == [("PUT", {"role": "publisher"}), ("PUT", {"role": "owner"}), ("DELETE", None)]


@pytest.mark.parametrize("verb", ["add", "rm"])
def test_a_right_on_one_skill_is_refused_with_the_command_that_means_all(
    tank: Any, registry_of_acme: RegistryDouble, changes: list[tuple[str, Any]], verb: str
) -> None:
    refused = tank("owner", verb, "jo", "@acme/notes", "--json")
    assert (refused.exit_code, refused.error_code) == (7, "org-wide-right")
    assert f"tank owner {verb} jo @acme" in refused.document["error"]["fix"]
    assert (changes, registry_of_acme.requests) == ([], [])


@pytest.mark.parametrize(("answer", "exit_code", "changed"), [("y\n", 0, 1), ("\n", 7, 0)])
def test_at_a_terminal_it_asks(
    tank: Any,
    changes: list[tuple[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    exit_code: int,
    changed: int,
) -> None:
    monkeypatch.setattr("tank_cli.context.Context.interactive", True)
    monkeypatch.setattr("click.confirm", lambda *_, **__: answer == "y\n")
    assert tank("owner", "add", "jo", "@acme/notes").exit_code == exit_code
    assert len(changes) == changed


def test_without_a_token_nothing_is_asked(tank: Any, trusted: RegistryDouble) -> None:
    trusted.requests.clear()
    refused = tank("owner", "add", "jo", "@acme", "--json")
    assert (refused.exit_code, refused.error_code, trusted.requests) == (4, "not-logged-in", [])
