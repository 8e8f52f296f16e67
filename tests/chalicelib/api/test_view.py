"""What every route has in common, through the running application."""

from __future__ import annotations

import pytest

from chalicelib.api.incoming import MAX_BODY_BYTES
from chalicelib.ports.errors import PortError
from chalicelib.settings import Settings
from tests.support.api_client import ApiClient
from tests.support.scene import Scene, scene

TOOL = "/v1/skills/acme/tool"


def test_an_error_says_what_why_and_how_to_mend_it(api: ApiClient) -> None:
    reply = api("GET", TOOL)
    problem = reply.json
    assert (problem["status"], problem["title"], problem["code"]) == (404, "Not Found", "skill-not-found")
    assert problem["type"] == "docs/errors.md#skill-not-found"
    assert problem["request_id"] == reply.headers["X-Request-Id"]
    assert problem["why"]
    assert problem["fix"]


def test_all_problems_of_a_body_are_reported_at_once(api: ApiClient, registry: Scene) -> None:
    body = {"scops": ["publish"], "skills": [1], "ttl_seconds": "60"}
    reply = api("POST", "/v1/tokens", body, secret=registry.secret("ada"))
    assert (reply.status, reply.json["code"]) == (400, "invalid-request")
    found = {problem["where"]: problem["fix"] for problem in reply.json["problems"]}
    assert set(found) == {"body: “scopes”", "body: “scops”", "body: “skills.0”", "body: “ttl_seconds”"}
    assert found["body: “scops”"] == "Did you mean “scopes”?"


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed-json"),
        (b'{"org": "a", "org": "b"}', "application/json", 400, "malformed-json"),
        (b"\xff", "application/json", 400, "malformed-json"),
        (b"[" * 100_000, "application/json", 400, "malformed-json"),
        (b"[]", "application/json", 400, "invalid-request"),
        (b'{"org": "novel"}', "text/plain", 415, "unsupported-media-type"),
        (b'{"org": "novel"}', "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b" " * (MAX_BODY_BYTES + 1), "application/json", 413, "body-too-large"),
        (b'{"org": "novel"}', "application/json; charset=utf-8", 201, None),
        (b'{"org": "novel"}', "Application/JSON", 201, None),
    ],
)
def test_a_body_is_checked_before_it_is_believed(
    api: ApiClient, registry: Scene, raw: bytes, content_type: str, status: int, code: str | None
) -> None:
    reply = api("POST", "/v1/orgs", raw=raw, secret=registry.secret("ada"), content_type=content_type)
    assert (reply.status, reply.json.get("code")) == (status, code)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "limit=x", "page=2", "q=a&q=b", "cursor=" + "x" * 2001]
)
def test_a_query_is_checked_too(api: ApiClient, query: str) -> None:
    reply = api("GET", f"/v1/search?{query}")
    assert (reply.status, reply.json["code"]) == (400, "invalid-request")


def test_an_unchanged_answer_is_304_without_a_body(api: ApiClient, registry: Scene) -> None:
    registry.publish()
    first = api("GET", TOOL)
    assert first.headers["Cache-Control"] == "no-cache"
    etag = first.headers["ETag"]
    for asked in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = api("GET", TOOL, if_none_match=asked)
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", etag)
    assert api("GET", TOOL, if_none_match='"other"').status == 200
    registry.publish(version="1.1.0")
    assert api("GET", TOOL, if_none_match=etag).status == 200


def test_head_has_the_headers_of_get_and_no_body(api: ApiClient, registry: Scene) -> None:
    registry.publish()
    head, got = api("HEAD", TOOL), api("GET", TOOL)
    assert (head.status, head.text, head.headers["ETag"]) == (200, "", got.headers["ETag"])
    missing = api("HEAD", "/v1/skills/acme/none")
    assert (missing.status, missing.text) == (404, "")


def test_a_method_that_a_path_does_not_take_is_a_problem_document(api: ApiClient) -> None:
    reply = api("DELETE", "/v1/health")
    assert (reply.status, reply.json["code"]) == (405, "method-not-allowed")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_an_unexpected_error_leaves_an_id_and_no_detail(
    api: ApiClient, registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(self: object, name: str) -> None:
        raise ValueError("secret detail")

    monkeypatch.setattr(type(registry.world.catalog), "skill", break_down)
    reply = api("GET", TOOL)
    assert (reply.status, reply.json["code"]) == (500, "internal-error")
    assert "secret detail" not in reply.text
    assert reply.headers["X-Request-Id"] in reply.json["fix"]
    (failure,) = api.log.failures
    assert str(failure) == "secret detail"
    assert api.log.lines[-1].request_id == reply.headers["X-Request-Id"]


def test_a_store_that_is_away_is_503(
    api: ApiClient, registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object, name: str) -> None:
        raise PortError("dynamodb: ProvisionedThroughputExceeded")

    monkeypatch.setattr(type(registry.world.catalog), "skill", away)
    reply = api("GET", TOOL)
    assert (reply.status, reply.json["code"]) == (503, "unavailable")
    assert "dynamodb" not in reply.text
    assert len(api.log.failures) == 1


def test_a_token_is_never_logged(api: ApiClient, registry: Scene) -> None:
    secret = registry.secret("ada")
    api("GET", "/v1/whoami", secret=secret)
    assert secret not in repr(api.log)
    (line,) = api.log.lines
    assert (line.method, line.route, line.status) == ("GET", "/v1/whoami", 200)
    assert line.caller.startswith("token:")


def test_a_bad_token_is_refused_on_a_public_route_too(api: ApiClient) -> None:
    assert api("GET", "/v1/search", secret="tank_" + "x" * 43).status == 401


@pytest.fixture
def narrow() -> ApiClient:
    return ApiClient(scene(Settings(public_url="https://registry.example", requests_per_minute=3)))


def test_every_answer_speaks_of_the_limit_and_too_many_are_429(narrow: ApiClient) -> None:
    remaining = [narrow("GET", "/v1/health").headers["RateLimit-Remaining"] for _ in range(3)]
    assert remaining == ["2", "1", "0"]
    refused = narrow("GET", "/v1/health")
    assert (refused.status, refused.json["code"]) == (429, "rate-limited")
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert refused.headers["RateLimit-Limit"] == "3"
    narrow.registry.world.clock.move(int(refused.headers["Retry-After"]))
    assert narrow("GET", "/v1/health").status == 200


def test_guessing_tokens_is_limited_by_address(narrow: ApiClient) -> None:
    replies = [narrow("GET", "/v1/whoami", secret="tank_" + f"{n}" * 43) for n in range(5)]
    assert [reply.status for reply in replies] == [401, 401, 401, 429, 429]


def test_a_token_has_a_limit_of_its_own(narrow: ApiClient) -> None:
    for _ in range(4):
        narrow("GET", "/v1/health")
    secret = narrow.registry.secret("ada")
    assert narrow("GET", "/v1/whoami", secret=secret).headers["RateLimit-Remaining"] == "2"
