"""Every route, through the running application; ``ApiClient`` checks each answer against the document."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from chalicelib.api.route import Access, Route
from chalicelib.api.routes import ROUTES
from chalicelib.services import keys, publish_progress, uploads
from chalicelib.services.authentication import hash_of
from tank_core.publish import Rejection, Stage
from tests.support.api_client import ApiClient
from tests.support.scene import Scene, announcement
from tests.support.signatures import a_signature

TOOL = "/v1/skills/acme/tool"
V1 = f"{TOOL}/versions/1.0.0"


APPEAL: dict[str, Any] = {
    "name": "@acme/tool",
    "version": "1.0.0",
    "digest": "sha256:" + "a" * 64,
    "integrity": "sha512-" + "A" * 86 + "==",
    "rule_id": "curl-pipe-shell",
    "file": "SKILL.md",
    "line": 7,
    "reason": "It is an example.",
}


def publish_body(data: bytes = b"an archive", **changes: Any) -> dict[str, Any]:
    body = asdict(announcement(data)) | changes
    for key in ("bundle_digest", "bundle_size_bytes"):
        body.pop(key)
    return body


def begin(api: ApiClient, registry: Scene) -> str:
    reply = api("POST", "/v1/publishes", publish_body(), secret=registry.secret("ada"))
    assert reply.status == 201
    return str(reply.json["publish_id"])


def upload(registry: Scene, publish_id: str) -> None:
    key = keys.incoming_archive(publish_id)
    stored = registry.world.blobs.put(key, b"an archive", if_absent=True)
    uploads.object_created(registry.ports, key, stored.version_id)


def test_health_asks_no_store(api: ApiClient) -> None:
    assert api("GET", "/v1/health").json == {"status": "ok", "registry": "https://registry.example"}


def test_whoami_shows_rights_and_organisations(api: ApiClient, registry: Scene) -> None:
    seen = api("GET", "/v1/whoami", secret=registry.secret("ada")).json
    assert seen["publisher"]["publisher_id"] == "ada"
    assert seen["orgs"] == [{"org": "acme", "role": "owner"}]
    assert "secret" not in seen["token"]
    assert "secret_sha256" not in seen["token"]


def test_a_publish_from_announcement_to_published(api: ApiClient, registry: Scene) -> None:
    secret = registry.secret("ada")
    begun = api("POST", "/v1/publishes", publish_body(), secret=secret)
    assert begun.status == 201
    assert begun.json["upload"]["method"] == "PUT"
    publish_id = begun.json["publish_id"]
    assert begun.json["status_url"] == f"https://registry.example/v1/publishes/{publish_id}"
    assert api("GET", f"/v1/publishes/{publish_id}", secret=secret).json["state"] == "reserved"
    upload(registry, publish_id)
    again = api("POST", "/v1/publishes", publish_body(), secret=secret)
    assert (again.status, again.json["state"], again.json["upload"]) == (200, "running", None)
    for stage in Stage:
        publish_progress.stage_started(registry.ports, publish_id, stage)
        publish_progress.stage_passed(registry.ports, publish_id, stage, f"{stage} is fine")
    status = api("GET", f"/v1/publishes/{publish_id}", secret=secret).json
    assert status["state"] == "published"
    assert [s["summary"] for s in status["stages"]] == [f"{stage} is fine" for stage in Stage]


def test_the_result_of_a_publish_names_what_was_published(api: ApiClient, registry: Scene) -> None:
    stored = registry.publish()
    publish_progress.stage_passed(registry.ports, stored.publish_id, Stage.STORE, "stored")
    status = api("GET", f"/v1/publishes/{stored.publish_id}", secret=registry.secret("ada")).json
    assert status["result"]["digest"] == stored.digest
    body = publish_body(digest=stored.digest, integrity=stored.integrity)
    again = api("POST", "/v1/publishes", body, secret=registry.secret("ada"))
    assert (again.status, again.json["state"], again.json["already"]) == (200, "published", True)
    conflict = api("POST", "/v1/publishes", publish_body(), secret=registry.secret("ada"))
    assert (conflict.status, conflict.json["code"]) == (409, "version-conflict")


def test_a_version_tells_who_signed_it_and_nothing_when_nobody_did(api: ApiClient, registry: Scene) -> None:
    registry.publish()
    assert api("GET", V1).json["signature"] == {}
    signature = a_signature("ada").to_json()
    registry.publish(version="1.1.0", bundle_digest="sha256:" + "b" * 64, signature=signature)
    assert api("GET", f"{TOOL}/versions/1.1.0").json["signature"] == signature


def test_a_version_that_contradicts_itself_about_its_signature_is_not_told(
    api: ApiClient, registry: Scene
) -> None:
    registry.publish(bundle_digest="sha256:" + "b" * 64)
    reply = api("GET", V1)
    assert (reply.status, reply.json["code"]) == (500, "internal-error")


def test_a_refusal_is_shown_with_every_problem(api: ApiClient, registry: Scene) -> None:
    publish_id = begin(api, registry)
    upload(registry, publish_id)
    rejection = Rejection(Stage.SIGN, "bundle-refused", "w", "y", "f")
    publish_progress.reject(registry.ports, publish_id, rejection)
    status = api("GET", f"/v1/publishes/{publish_id}", secret=registry.secret("ada")).json
    assert status["rejection"] == rejection.to_json()


def test_a_failure_can_be_driven_again(api: ApiClient, registry: Scene) -> None:
    secret, publish_id = registry.secret("ada"), begin(api, registry)
    refused = api("POST", f"/v1/publishes/{publish_id}/redrive", secret=secret)
    assert (refused.status, refused.json["code"]) == (409, "not-redrivable")
    upload(registry, publish_id)
    publish_progress.fail(registry.ports, publish_id, "the store was away")
    assert api("GET", f"/v1/publishes/{publish_id}", secret=secret).json["failure"] == "the store was away"
    driven = api("POST", f"/v1/publishes/{publish_id}/redrive", secret=secret)
    assert (driven.status, driven.json["state"], driven.json["redrives"]) == (202, "running", 1)


def test_tokens_are_made_listed_and_revoked(api: ApiClient, registry: Scene) -> None:
    secret = registry.secret("ada")
    asked = {"scopes": ["publish"], "skills": ["@acme/tool"], "description": "ci", "ttl_seconds": 3600}
    made = api("POST", "/v1/tokens", asked, secret=secret)
    assert made.status == 201
    assert made.headers["Cache-Control"] == "private, no-store"
    token_id = made.json["token"]["token_id"]
    listed = api("GET", "/v1/tokens", secret=secret)
    assert token_id in [token["token_id"] for token in listed.json["items"]]
    assert made.json["secret"] not in listed.text
    assert api("DELETE", f"/v1/tokens/{token_id}", secret=secret).status == 204
    assert api("GET", "/v1/whoami", secret=made.json["secret"]).status == 401


def test_organisations_and_members(api: ApiClient, registry: Scene) -> None:
    secret = registry.secret("ada")
    assert api("POST", "/v1/orgs", {"org": "new-org"}, secret=secret).status == 201
    taken = api("POST", "/v1/orgs", {"org": "new-org"}, secret=registry.secret("mallory"))
    assert (taken.status, taken.json["code"]) == (409, "org-exists")
    member = "/v1/orgs/new-org/members/grace"
    put = api("PUT", member, {"role": "publisher"}, secret=secret)
    assert put.json["members"] == {"ada": "owner", "grace": "publisher"}
    assert api("DELETE", member, secret=secret).json["members"] == {"ada": "owner"}
    last = api("DELETE", "/v1/orgs/new-org/members/ada", secret=secret)
    assert (last.status, last.json["code"]) == (409, "last-owner")
    assert api("GET", "/v1/orgs/new-org", secret=secret).json["org"] == "new-org"
    assert api("GET", "/v1/orgs/missing", secret=secret).json["code"] == "org-not-found"


def test_an_admin_creates_publishers(api: ApiClient, registry: Scene) -> None:
    asked = {"publisher_id": "acme-ci", "verified": True}
    made = api("POST", "/v1/publishers", asked, secret=registry.admin_secret)
    assert made.status == 201
    assert made.json["publisher"]["verified"] is True
    assert api("GET", "/v1/whoami", secret=made.json["secret"]).status == 200
    assert api("POST", "/v1/publishers", asked, secret=registry.secret("ada")).status == 403


def test_search_finds_the_exact_name_first_and_pages(api: ApiClient, registry: Scene) -> None:
    for name in ("@acme/tool-extra", "@acme/tool"):
        registry.publish(name)
    first = api("GET", "/v1/search?q=tool&limit=1").json
    assert [hit["name"] for hit in first["items"]] == ["@acme/tool"]
    assert first["items"][0]["verdict"] == "pass_with_notes"
    second = api("GET", f"/v1/search?q=tool&limit=1&cursor={first['cursor']}").json
    assert [hit["name"] for hit in second["items"]] == ["@acme/tool-extra"]
    assert second["cursor"] == ""
    assert api("GET", "/v1/search?cursor=forged").json["code"] == "invalid-cursor"


def test_a_skill_and_its_version_findings_audit_and_events(api: ApiClient, registry: Scene) -> None:
    stored = registry.publish()
    assert api("GET", TOOL).json["latest"] == "1.0.0"
    assert api("GET", V1).json["integrity"] == stored.integrity
    assert api("GET", f"{V1}/findings").json["findings"][0]["rule_id"] == "curl-pipe-shell"
    audit = api("GET", f"{V1}/audit").json
    assert audit["items"] == [{"points": -0.5, "reason": "one note"}]
    assert audit["attestation_digest"] == stored.attestation_digest
    assert [event["action"] for event in api("GET", f"{TOOL}/events").json["items"]] == ["publish"]


def test_a_version_with_build_metadata_is_found_under_its_encoded_path(
    api: ApiClient, registry: Scene
) -> None:
    registry.publish(version="1.0.0+build.1")
    for path in (f"{TOOL}/versions/1.0.0%2Bbuild.1", f"{TOOL}/versions/1.0.0+build.1"):
        assert api("GET", path).json["version"] == "1.0.0+build.1"


@pytest.mark.parametrize("leaf", ["", "/findings", "/audit"])
def test_every_read_route_refuses_a_withdrawn_version(api: ApiClient, registry: Scene, leaf: str) -> None:
    registry.publish()
    down = api("PUT", f"{V1}/takedown", {"reason": "steals tokens"}, secret=registry.admin_secret)
    assert down.json["availability"] == "withdrawn"
    reply = api("GET", V1 + leaf)
    assert (reply.status, reply.json["code"], reply.json["why"]) == (
        410,
        "version-withdrawn",
        "steals tokens",
    )
    (line,) = api("GET", TOOL).json["versions"]
    assert (line["availability_reason"], line["audit_score"], line["verdict"]) == (
        "steals tokens",
        None,
        None,
    )


def test_yank_and_deprecation_are_set_and_taken_back(api: ApiClient, registry: Scene) -> None:
    registry.publish()
    secret = registry.secret("ada")
    assert api("PUT", f"{V1}/yank", {"reason": "x"}, secret=secret).json["availability"] == "yanked"
    assert api("DELETE", f"{V1}/yank", secret=secret).json["availability"] == "available"
    said = api("PUT", f"{V1}/deprecation", {"message": "use 2"}, secret=secret)
    assert said.json["deprecation"] == "use 2"
    assert api("DELETE", f"{V1}/deprecation", secret=secret).json["deprecation"] == ""
    assert api("PUT", f"{V1}/takedown", {"reason": "x"}, secret=secret).status == 403


def test_what_does_not_exist_is_404(api: ApiClient, registry: Scene) -> None:
    registry.publish()
    assert api("GET", "/v1/skills/acme/none").json["code"] == "skill-not-found"
    assert api("GET", f"{TOOL}/versions/9.9.9").json["code"] == "version-not-found"
    missing = api("GET", "/v1/publishes/none", secret=registry.secret("ada"))
    assert missing.json["code"] == "publish-not-found"


def concrete(route: Route) -> str:
    values = {
        "org": "acme",
        "name": "tool",
        "version": "1.0.0",
        "token": "t",
        "publisher": "p",
        "publish": "x",
        "binding": "b",
        "appeal": "a",
    }
    return route.path.format(**values)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.access is Access.TOKEN], ids=lambda r: r.operation)
def test_a_protected_route_answers_nobody_without_a_token(api: ApiClient, route: Route) -> None:
    reply = api(route.method, concrete(route), {} if route.request else None)
    assert (reply.status, reply.json["code"]) == (401, "not-authenticated")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="tank"'


@pytest.mark.parametrize(
    "route",
    [
        r
        for r in ROUTES
        if r.method != "GET" and r.operation not in {"createToken", "revokeToken", "createTicket"}
    ],
    ids=lambda r: r.operation,
)
def test_a_token_without_scopes_changes_nothing(api: ApiClient, registry: Scene, route: Route) -> None:
    registry.publish()
    bodies: dict[str, Any] = {
        "beginPublish": publish_body(),
        "createOrg": {"org": "new"},
        "setMember": {"role": "owner"},
        "createPublisher": {"publisher_id": "x"},
        "deprecateVersion": {"message": "x"},
        "addBinding": {
            "binding": {"publisher": "ada", "issuer": "https://i.example", "subject": "a@b.example"}
        },
        "setTokenRule": {"forbidden": True},
        "fileAppeal": APPEAL,
        "decideAppeal": {"granted": False, "reason": "x"},
    }
    body = bodies.get(route.operation, {"reason": "x"}) if route.request else None
    path = concrete(route)
    if "{publish}" in route.path:
        path = path.replace("/x", f"/{next(iter(registry.world.publishes.attempts))}")
    if "members" in path:
        path = path.replace("/p", "/grace")
    reply = api(route.method, path, body, secret=secret_without_scopes(registry))
    assert (reply.status, reply.json["code"]) == (403, "forbidden")


def secret_without_scopes(registry: Scene) -> str:
    secret = registry.secret("ada")
    token = next(t for t in registry.world.accounts.tokens.values() if t.secret_sha256 == hash_of(secret))
    registry.world.accounts.tokens[token.token_id] = replace(token, scopes=())
    return secret
