"""Bindings, the rule on tokens, and tickets over HTTP."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from chalicelib.ports.errors import PortError
from chalicelib.settings import BINDING_DELAY_SECONDS
from tank_core.wire.bindings import MAX_ID_TOKEN_CHARACTERS
from tests.support.api_client import ApiClient
from tests.support.build_tokens import Issuer, github_claims, signed_token, verifier_over
from tests.support.identities import build_binding
from tests.support.scene import Scene, announcement

BINDINGS = "/v1/orgs/acme/bindings"
BUILD = {"binding": build_binding("grace").to_json()}


@pytest.fixture(autouse=True)
def issuer(registry: Scene) -> Issuer:
    made = Issuer()
    registry.ports = replace(registry.ports, id_tokens=verifier_over(made, registry.world.clock))
    return made


def test_an_owner_binds_a_build_and_everybody_can_see_it(api: ApiClient, registry: Scene) -> None:
    made = api("POST", BINDINGS, BUILD, secret=registry.secret("ada"))
    assert made.status == 201
    assert made.json["effective_at"] == made.json["added_at"] == registry.ports.clock.now()
    listed = api("GET", BINDINGS)
    assert listed.json["items"] == [made.json]
    assert listed.json["token_rule"] == {"forbidden": False, "until": None}
    assert listed.headers["Cache-Control"] == "no-cache"
    (binding,) = listed.json["items"]
    assert binding["binding"]["repository_id"] == "2002"


def test_announced_changes_are_listed_with_their_times_and_cancelled(api: ApiClient, registry: Scene) -> None:
    registry.publish()
    secret, now = registry.secret("ada"), registry.ports.clock.now()
    made = api("POST", BINDINGS, {**BUILD, "skill": "@acme/tool"}, secret=secret)
    assert made.json["effective_at"] == now + BINDING_DELAY_SECONDS
    events = api("GET", "/v1/orgs/acme/events").json["items"]
    assert [(e["action"], e["detail"]["effective_at"]) for e in events] == [
        ("binding_add", now + BINDING_DELAY_SECONDS)
    ]
    (of_skill, _) = api("GET", "/v1/skills/acme/tool/events").json["items"]
    assert of_skill["detail"]["binding"] == BUILD["binding"]
    gone = api("DELETE", f"{BINDINGS}/{made.json['binding_id']}", secret=secret)
    assert (gone.status, gone.json["items"]) == (200, [])
    again = api("DELETE", f"{BINDINGS}/{made.json['binding_id']}", secret=secret)
    assert (again.status, again.json["code"]) == (404, "binding-not-found")


def test_an_organisation_is_shown_with_the_former_owners_who_may_still_cancel(
    api: ApiClient, registry: Scene
) -> None:
    secret, member = registry.secret("ada"), "/v1/orgs/acme/members/grace"
    api("PUT", member, {"role": "owner"}, secret=secret)
    until = registry.ports.clock.now() + BINDING_DELAY_SECONDS
    assert api("DELETE", member, secret=secret).json["former_owners"] == {"grace": until}
    registry.publish()
    made = api("POST", BINDINGS, {"binding": build_binding().to_json()}, secret=secret).json
    gone = api("DELETE", f"{BINDINGS}/{made['binding_id']}", secret=registry.secret("grace"))
    assert (gone.status, gone.json["items"]) == (200, [])
    registry.world.clock.move(BINDING_DELAY_SECONDS)
    assert api("GET", "/v1/orgs/acme", secret=registry.secret("ada")).json["former_owners"] == {}


def test_an_announced_removal_is_shown_with_its_end(api: ApiClient, registry: Scene) -> None:
    secret = registry.secret("ada")
    made = api("POST", BINDINGS, BUILD, secret=secret).json
    registry.publish()
    left = api("DELETE", f"{BINDINGS}/{made['binding_id']}", secret=secret).json["items"]
    assert [b["ends_at"] for b in left] == [registry.ports.clock.now() + BINDING_DELAY_SECONDS]


def test_the_rule_on_tokens_is_set_and_its_end_is_announced(api: ApiClient, registry: Scene) -> None:
    secret, now = registry.secret("ada"), registry.ports.clock.now()
    early = api("PUT", "/v1/orgs/acme/token-rule", {"forbidden": True}, secret=secret)
    assert (early.status, early.json["code"]) == (409, "nobody-could-publish")
    api("POST", BINDINGS, BUILD, secret=secret)
    registry.publish()
    rule = "/v1/orgs/acme/token-rule"
    assert api("PUT", rule, {"forbidden": True}, secret=secret).json == {"forbidden": True, "until": None}
    allowed = api("PUT", rule, {"forbidden": False}, secret=secret)
    assert allowed.json == {"forbidden": True, "until": now + BINDING_DELAY_SECONDS}
    assert api("GET", BINDINGS).json["token_rule"] == allowed.json
    refused = api("POST", "/v1/publishes", publish_body(), secret=secret)
    assert (refused.status, refused.json["code"]) == (403, "tokens-forbidden")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"owner_id": "acme"}, "owner_id"),
        ({"repository_id": "0"}, "repository_id"),
        ({"workflow": "https://github.com/mallory/x/.github/workflows/release.yml"}, "workflow"),
        ({"refs": []}, "refs"),
        ({"refs": ["main"]}, "refs"),
        ({"triggers": ["pull_request_target"]}, "triggers"),
        ({"issuer": "token.actions.githubusercontent.com"}, "issuer"),
        ({"runner": "self-hosted"}, "runner"),
        ({"subject": "ada@acme.example"}, "owner_id"),
        ({"refs": [f"refs/heads/{'x' * 200}{n}" for n in range(32)]}, "binding"),
    ],
)
def test_a_binding_that_binds_nothing_or_too_much_is_refused(
    api: ApiClient, registry: Scene, changes: dict[str, Any], where: str
) -> None:
    asked = {"binding": BUILD["binding"] | changes}
    reply = api("POST", BINDINGS, asked, secret=registry.secret("ada"))
    assert (reply.status, reply.json["code"]) == (422, "invalid-binding")
    assert where in [problem["where"] for problem in reply.json["problems"]]
    assert api("GET", BINDINGS).json["items"] == []


def test_an_unknown_field_of_a_binding_is_refused(api: ApiClient, registry: Scene) -> None:
    asked = {"binding": {**BUILD["binding"], "actor": "ada"}}
    reply = api("POST", BINDINGS, asked, secret=registry.secret("ada"))
    assert (reply.status, reply.json["code"]) == (400, "invalid-request")


@pytest.mark.parametrize("path", [BINDINGS, "/v1/orgs/acme/events"])
def test_an_organisation_that_is_not_there_has_nothing_to_show(api: ApiClient, path: str) -> None:
    assert api("GET", path.replace("acme", "nobody")).json["code"] == "org-not-found"
    assert api("GET", path.replace("acme", "No body")).json["code"] == "invalid-name"


def publish_body() -> dict[str, Any]:
    body = asdict(announcement())
    return {key: value for key, value in body.items() if not key.startswith("bundle")}


def test_a_build_publishes_without_any_stored_token(api: ApiClient, registry: Scene) -> None:
    api("POST", BINDINGS, BUILD, secret=registry.secret("ada"))
    asked = {"id_token": signed_token(github_claims(registry.world.clock)), "name": "@acme/tool"}
    given = api("POST", "/v1/tickets", asked)
    assert given.status == 201
    assert given.headers["Cache-Control"] == "private, no-store"
    assert given.json["publisher"] == "grace"
    assert given.json["expires_at"] == registry.ports.clock.now() + 900
    begun = api("POST", "/v1/publishes", publish_body(), secret=given.json["ticket"])
    assert begun.status == 201
    status = api("GET", f"/v1/publishes/{begun.json['publish_id']}", secret=given.json["ticket"])
    assert status.json["state"] == "reserved"
    other = api("POST", "/v1/publishes", publish_body() | {"version": "1.0.1"}, secret=given.json["ticket"])
    assert (other.status, other.json["code"]) == (403, "ticket-used")
    replayed = api("POST", "/v1/tickets", asked)
    assert (replayed.status, replayed.json["code"]) == (401, "id-token-refused")
    assert "replayed" in replayed.json["why"]


def test_a_refusal_lists_how_the_nearest_binding_differs(api: ApiClient, registry: Scene) -> None:
    api("POST", BINDINGS, BUILD, secret=registry.secret("ada"))
    claims = github_claims(registry.world.clock, ref="refs/heads/main", event_name="schedule")
    reply = api("POST", "/v1/tickets", {"id_token": signed_token(claims), "name": "@acme/tool"})
    assert (reply.status, reply.json["code"]) == (403, "no-binding")
    assert [problem["where"] for problem in reply.json["problems"]] == ["ref", "trigger"]


def test_a_refusal_never_repeats_the_token(api: ApiClient, registry: Scene) -> None:
    token = signed_token(github_claims(registry.world.clock, aud="sigstore"))
    reply = api("POST", "/v1/tickets", {"id_token": token, "name": "@acme/tool"})
    assert reply.json["code"] == "id-token-refused"
    assert token.rpartition(".")[2] not in reply.text


def test_an_oversized_token_is_refused_unread(api: ApiClient, issuer: Issuer) -> None:
    asked = {"id_token": "a" * (MAX_ID_TOKEN_CHARACTERS + 1), "name": "@acme/tool"}
    reply = api("POST", "/v1/tickets", asked)
    assert (reply.status, reply.json["code"]) == (400, "invalid-request")
    assert issuer.fetched == 0


def test_keys_that_cannot_be_had_are_tried_again_later(
    api: ApiClient, registry: Scene, issuer: Issuer
) -> None:
    issuer.failure = PortError("away")
    asked = {"id_token": signed_token(github_claims(registry.world.clock)), "name": "@acme/tool"}
    reply = api("POST", "/v1/tickets", asked)
    assert (reply.status, reply.json["code"]) == (503, "unavailable")


def test_exchanges_count_against_the_address(api: ApiClient, registry: Scene) -> None:
    registry.ports = replace(registry.ports, settings=replace(registry.ports.settings, requests_per_minute=2))
    replies = [api("POST", "/v1/tickets", {"id_token": "a", "name": "@acme/tool"}).status for _ in range(3)]
    assert replies == [401, 401, 429]
