"""`tank binding` and `tank org tokens`: what is sent, and what is told."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tank_core.trusted_publishing import OrgBinding
from tank_core.tuf_layout import SIGNING_CONFIG_TARGET, TRUSTED_ROOT_TARGET
from tests.support.binding_documents import bindings_document, org_binding
from tests.support.identities import build_binding, person_binding
from tests.support.registry_double import RegistryDouble

FAR = 4_000_000_000  # 2096-10-02 07:06 UTC
ADD = (
    *("binding", "add", "@acme", "--publisher", "ada", "--github", "acme/skills"),
    *("--owner-id", "1001", "--repository-id", "2002", "--workflow", "release.yml"),
    *("--ref", "refs/tags/v*", "--trigger", "push", "--trigger", "workflow_dispatch"),
    *("--environment", "release"),
)


@pytest.fixture
def owner(trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> RegistryDouble:
    """A registry that is trusted and logged in to."""
    monkeypatch.setenv("TANK_TOKEN", "tank_abc")
    return trusted


def accepting(registry: RegistryDouble, added: OrgBinding) -> list[dict[str, Any]]:
    """Makes the registry accept a binding; returns the list that what was asked is appended to."""
    asked: list[dict[str, Any]] = []
    document = bindings_document(added)["items"][0]

    def answer(body: bytes, _: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        asked.append(json.loads(body))
        return 201, {"Content-Type": "application/json"}, json.dumps(document).encode()

    registry.routes[("POST", "/v1/orgs/acme/bindings")] = answer
    return asked


def test_add_sends_the_binding_that_builds_meet(tank: Any, owner: RegistryDouble) -> None:
    asked = accepting(owner, org_binding(build_binding()))
    result = tank(*ADD)
    assert result.exit_code == 0, result.err
    assert [(request["skill"], request["binding"]) for request in asked] == [
        ("", build_binding().to_json() | {"subject": "", "reusable_workflows": []})
    ]


def test_add_for_one_skill_names_it(tank: Any, owner: RegistryDouble) -> None:
    asked = accepting(owner, org_binding(person_binding(), skill="@acme/notes"))
    person = ("--issuer", "https://accounts.example", "--subject", "ada@acme.example")
    result = tank("binding", "add", "@acme/notes", "--publisher", "ada", *person)
    assert result.exit_code == 0, result.err
    assert asked[0]["skill"] == "@acme/notes"
    assert asked[0]["binding"]["subject"] == "ada@acme.example"


def test_add_tells_everything_that_is_bound_and_that_it_counts(tank: Any, owner: RegistryDouble) -> None:
    accepting(owner, org_binding(build_binding()))
    out = tank(*ADD).out
    for text in ("01J", "1001", "2002", "release.yml", "refs/tags/v*", "github-hosted", "It counts now."):
        assert text in out


def test_add_tells_from_when_it_counts_and_how_to_cancel_it(tank: Any, owner: RegistryDouble) -> None:
    accepting(owner, org_binding(build_binding(), effective_at=FAR))
    out = tank(*ADD).out
    assert "It counts from 2096-10-02 07:06 UTC on." in out
    assert "tank binding remove @acme 01J" in out


def test_add_warns_of_a_person_whom_nobody_can_be(tank: Any, owner: RegistryDouble) -> None:
    owner.sign_registry({TRUSTED_ROOT_TARGET: b"{}", SIGNING_CONFIG_TARGET: b"{}"}, sigstore="public")
    assert tank("trust", owner.url, "--fingerprint", owner.fingerprint).exit_code == 0
    asked = accepting(owner, org_binding(person_binding()))
    person = ("--issuer", "https://accounts.example", "--subject", "ada")
    result = tank("binding", "add", "@acme", "--publisher", "ada", *person)
    assert (result.exit_code, len(asked)) == (0, 1)
    assert "warning: the subject ada is no e-mail address" in result.err
    assert "warning: this registry's Sigstore knows no issuer https://accounts.example" in result.err


def test_what_binds_too_much_is_not_sent(tank: Any, owner: RegistryDouble) -> None:
    asked = accepting(owner, org_binding(build_binding()))
    result = tank(*ADD, "--trigger", "pull_request_target", "--json")
    assert (result.exit_code, result.error_code) == (1, "invalid-binding")
    assert asked == []


def test_ids_that_are_missing_come_with_the_command_that_finds_them(tank: Any, owner: RegistryDouble) -> None:
    result = tank("binding", "add", "@acme", "--publisher", "ada", "--github", "acme/skills", "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")
    assert "gh api repos/acme/skills" in result.document["error"]["fix"]


def test_list_needs_no_token_and_shows_what_waits(
    tank: Any, owner: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TANK_TOKEN")
    waiting = org_binding(person_binding(), skill="@acme/notes", effective_at=FAR)
    ending = org_binding(build_binding(), ends_at=FAR)
    document = bindings_document(waiting, ending, forbidden=True)
    owner.answer_json("GET", "/v1/orgs/acme/bindings", document)
    result = tank("binding", "list", "@acme")
    assert result.exit_code == 0, result.err
    assert "@acme/notes, from 2096-10-02 07:06 UTC on" in result.out
    assert "all skills of @acme without bindings of their own, now, until 2096-10-02" in result.out
    assert "tokens is forbidden" in result.out
    assert tank("binding", "list", "acme", "--json").document == document


def test_list_says_that_nobody_is_bound(tank: Any, owner: RegistryDouble) -> None:
    owner.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document())
    assert "@acme binds nobody" in tank("binding", "list", "@acme").out


@pytest.mark.parametrize(
    ("before", "rest", "words"),
    [
        (org_binding(build_binding()), (), "Removed 01J."),
        (
            org_binding(build_binding()),
            (org_binding(build_binding(), ends_at=FAR),),
            "01J ends 2096-10-02 07:06 UTC; until then it counts.",
        ),
        (
            org_binding(build_binding(), effective_at=FAR),
            (),
            "Cancelled 01J: it was announced, and never counted.",
        ),
    ],
    ids=["at once", "after the delay", "announced"],
)
def test_remove_tells_from_when_on_it_is_gone(
    tank: Any, owner: RegistryDouble, before: OrgBinding, rest: tuple[OrgBinding, ...], words: str
) -> None:
    owner.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document(before))
    owner.answer_json("DELETE", "/v1/orgs/acme/bindings/01J", bindings_document(*rest))
    result = tank("binding", "remove", "@acme", "01J")
    assert (result.exit_code, result.out) == (0, words + "\n")


@pytest.mark.parametrize(
    ("option", "answer", "words"),
    [
        ("--forbid", {"forbidden": True, "until": None}, "@acme forbids publishing with tokens."),
        ("--allow", {"forbidden": False, "until": None}, "@acme allows publishing with tokens."),
        ("--allow", {"forbidden": True, "until": FAR}, "tokens until 2096-10-02 07:06 UTC"),
    ],
    ids=["forbid", "allow", "allow after the delay"],
)
def test_the_rule_on_tokens_is_set_and_told(
    tank: Any, owner: RegistryDouble, option: str, answer: dict[str, Any], words: str
) -> None:
    asked: list[object] = []

    def put(body: bytes, _: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        asked.append(json.loads(body))
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    owner.routes[("PUT", "/v1/orgs/acme/token-rule")] = put
    owner.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document(org_binding(build_binding())))
    result = tank("org", "tokens", "@acme", option)
    assert result.exit_code == 0, result.err
    assert words in result.out
    assert ("release.yml as ada" in result.out) is (option == "--forbid")
    assert asked == [{"forbidden": option == "--forbid"}]


ORG = {"org": "acme", "created_at": 0, "members": {"ada": "owner"}}


def test_an_organisation_is_shown_with_its_rule_on_tokens_and_its_bindings(
    tank: Any, owner: RegistryDouble
) -> None:
    owner.answer_json("GET", "/v1/orgs/acme", ORG)
    waiting = org_binding(person_binding(), effective_at=FAR)
    document = bindings_document(org_binding(build_binding()), waiting, forbidden=True)
    owner.answer_json("GET", "/v1/orgs/acme/bindings", document)
    out = tank("org", "show", "acme").out
    assert "ada  owner" in out
    assert "@acme forbids publishing with tokens." in out
    assert "Bindings: 2, of which 1 only announced; see `tank binding list @acme`." in out
    shown = tank("org", "show", "acme", "--json").document
    assert (shown["bindings"], shown["token_rule"]) == (2, document["token_rule"])


def test_an_organisation_without_rules_is_shown_as_such(tank: Any, owner: RegistryDouble) -> None:
    owner.answer_json("GET", "/v1/orgs/acme", ORG)
    owner.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document())
    out = tank("org", "show", "acme").out
    assert out.endswith("@acme allows publishing with tokens.\n@acme has no bindings.\n")


def test_the_rule_on_tokens_has_no_default(tank: Any, owner: RegistryDouble) -> None:
    assert tank("org", "tokens", "acme").exit_code == 2


def test_far_is_far() -> None:
    assert time.time() < FAR
