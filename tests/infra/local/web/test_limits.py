"""The limit on what the API does not count itself: the local Sigstore."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.services import rate_limiting
from chalicelib.settings import Settings
from infra.local.web.limits import limited
from infra.local.web.messages import Request, Response
from infra.local.web.site import Site
from infra.local.web.wsgi import application
from tests.support.embedded_server import running_server
from tests.support.scene import Scene, scene
from tests.support.wsgi import Answer, call

ENTRIES = "/sigstore/rekor-v1/api/v1/log/entries"
PER_MINUTE = Settings(public_url="").requests_per_minute


@dataclass
class Log:
    """An endpoint that counts what reaches it."""

    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.bodies.append(request.body.read())
        return Response(201)


@dataclass
class World:
    registry: Scene
    log: Log = field(default_factory=Log)

    def post(self, path: str = ENTRIES, **headers: str) -> Answer:
        endpoint = limited(self.log, self.registry.ports)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(application(Site(self.log, self.log, self.log, endpoint)), "POST", path, named, b"entry")


@pytest.fixture
def world() -> World:
    return World(scene(Settings(public_url="https://registry.example", requests_per_minute=2)))


def test_this_machine_too_is_refused_what_goes_over_the_limit_and_the_log_does_not_grow(world: World) -> None:
    assert [world.post().status for _ in range(4)] == [201, 201, 429, 429]
    assert world.log.bodies == [b"entry"] * 2


def test_a_refusal_says_when_to_come_again(world: World) -> None:
    refused = [world.post() for _ in range(3)][-1]
    problem = json.loads(refused.body)
    assert (refused.headers["content-type"], problem["code"]) == ("application/problem+json", "rate-limited")
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert refused.headers["ratelimit-limit"] == "2"
    world.registry.world.clock.move(int(refused.headers["retry-after"]))
    assert world.post().status == 201


def test_the_paths_at_the_root_are_counted_with_the_others(world: World) -> None:
    paths = ("/api/v2/signingCert", ENTRIES, "/api/v2/signingCert")
    assert [world.post(path).status for path in paths] == [201, 201, 429]


def test_a_token_does_not_buy_room_in_the_log(world: World) -> None:
    bearers = [f"Bearer {world.registry.secret('ada')}" for _ in range(3)]
    assert [world.post(authorization=bearer).status for bearer in bearers] == [201, 201, 429]


def test_an_address_has_one_allowance_for_the_log_and_the_api(world: World) -> None:
    for _ in range(2):
        rate_limiting.take(world.registry.ports, rate_limiting.address_caller("127.0.0.1"))
    assert world.post().status == 429


def test_a_running_registry_counts_its_sigstore(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        # Twice the limit and one more: a new minute may begin on the way.
        answers = (server.client.post(ENTRIES, content=b"{}") for _ in range(2 * PER_MINUTE + 1))
        refused = next((answer for answer in answers if answer.status_code == 429), None)
        assert refused is not None
        assert refused.json()["code"] == "rate-limited"
        assert server.client.get("/v1/whoami").status_code == 200  # a token's count is its own
