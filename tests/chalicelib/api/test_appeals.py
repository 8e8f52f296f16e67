"""Appeals over HTTP; ``ApiClient`` checks each answer against the document."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chalicelib.api.test_routes import APPEAL, V1
from tests.support.api_client import ApiClient
from tests.support.scene import Scene


def of_published(registry: Scene) -> dict[str, Any]:
    stored = registry.publish()
    return APPEAL | {"digest": stored.digest, "integrity": stored.integrity}


def test_an_appeal_from_filing_to_revocation(api: ApiClient, registry: Scene) -> None:
    body, ada, admin = of_published(registry), registry.secret("ada"), registry.admin_secret
    filed = api("POST", "/v1/appeals", body, secret=ada)
    assert (filed.status, filed.json["state"]) == (201, "open")
    path = f"/v1/appeals/{filed.json['appeal_id']}"
    assert api("GET", "/v1/appeals", secret=admin).json["items"] == [filed.json]
    granted = api(
        "PUT",
        f"{path}/decision",
        {"granted": True, "reason": "It documents the attack.", "days": 30},
        secret=admin,
    ).json
    assert (granted["state"], granted["decided_by"]) == ("granted", registry.admin.publisher_id)
    assert api("GET", "/v1/appeals", secret=admin).json["items"] == []
    assert api("GET", path, secret=ada).json == granted
    listed = api("GET", "/v1/appeals?name=@acme/tool&version=1.0.0", secret=ada).json
    assert listed["items"] == [granted]
    version = api("GET", V1).json
    assert [w["digest"] for w in version["waivers"]] == [granted["waiver_digest"]]
    assert version["unwaived_verdict"] is None
    revoked = api("PUT", f"{path}/revocation", {"reason": "It does more."}, secret=admin).json
    assert revoked["revocation"] == "It does more."
    assert api("GET", V1).json["waivers"][0]["revoked_at"] == revoked["revoked_at"]
    actions = [e["action"] for e in api("GET", "/v1/skills/acme/tool/events").json["items"]]
    assert actions == ["waiver_revoke", "waiver_grant", "appeal_file", "publish"]


def test_a_waived_finding_is_listed_with_its_severity_and_marked_while_the_waiver_lasts(
    api: ApiClient, registry: Scene
) -> None:
    appeal_id = api("POST", "/v1/appeals", of_published(registry), secret=registry.secret("ada")).json[
        "appeal_id"
    ]
    before = api("GET", f"{V1}/findings").json["findings"]
    assert before[0]["waived"] is None
    decision = {"granted": True, "reason": "It documents the attack.", "days": 1}
    api("PUT", f"/v1/appeals/{appeal_id}/decision", decision, secret=registry.admin_secret)
    marked = api("GET", f"{V1}/findings").json["findings"]
    assert marked[0]["waived"]["reason"] == "It documents the attack."
    assert [{**f, "waived": None} for f in marked] == before
    registry.world.clock.move(24 * 3600)
    assert api("GET", f"{V1}/findings").json["findings"] == before


@pytest.mark.parametrize(
    "decision",
    [
        {"granted": True, "reason": "It never ends."},
        {"granted": True, "reason": "It lasts too long.", "days": 366},
        {"granted": True, "days": 30, "reason": ""},
        {"granted": False, "reason": "A refusal has no end.", "days": 30},
    ],
)
def test_a_decision_that_is_none_is_refused(
    api: ApiClient, registry: Scene, decision: dict[str, Any]
) -> None:
    filed = api("POST", "/v1/appeals", APPEAL, secret=registry.secret("ada")).json
    reply = api("PUT", f"/v1/appeals/{filed['appeal_id']}/decision", decision, secret=registry.admin_secret)
    assert (reply.status, reply.json["code"]) == (400, "invalid-request")


def test_problems_are_told_by_their_codes(api: ApiClient, registry: Scene) -> None:
    secret = registry.secret("ada")
    bad = api("POST", "/v1/appeals", APPEAL | {"reason": "\x1b[2K"}, secret=secret)
    assert (bad.status, bad.json["code"]) == (422, "invalid-appeal")
    assert api("GET", "/v1/appeals/nothing", secret=secret).json["code"] == "appeal-not-found"
    assert api("GET", "/v1/appeals", secret=secret).json["code"] == "forbidden"
