"""HTTP: limits, retries, and where a token goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tank_cli.client.problems import registry_error
from tank_cli.client.transport import (
    Answer,
    NetworkError,
    Request,
    ResponseTooLargeError,
    Transport,
    pause_seconds,
)
from tests.support.registry_double import RegistryDouble


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_failure_is_tried_again(registry: RegistryDouble, status: int) -> None:
    waits: list[float] = []
    registry.overrides["/registry.json"] = [(status, b""), (status, b"")]
    with Transport(sleep=waits.append) as transport:
        answer = transport.send(Request("GET", f"{registry.url}/registry.json"))
    assert (answer.status, waits) == (200, [0.0, 0.0])


def test_attempts_are_bounded(registry: RegistryDouble) -> None:
    registry.overrides["/registry.json"] = [(503, b"")] * 9
    with Transport(sleep=lambda _: None) as transport:
        assert transport.send(Request("GET", f"{registry.url}/registry.json")).status == 503
    assert len(registry.requests) == 4


@pytest.mark.parametrize("status", [400, 404, 500])
def test_other_failures_are_answers(registry: RegistryDouble, status: int) -> None:
    registry.overrides["/registry.json"] = [(status, b"")]
    with Transport(sleep=lambda _: None) as transport:
        assert transport.send(Request("GET", f"{registry.url}/registry.json")).status == status


def test_a_request_that_must_not_be_repeated_is_sent_once(registry: RegistryDouble) -> None:
    registry.overrides["/v1/tokens"] = [(503, b""), (503, b"")]
    with Transport(sleep=lambda _: None) as transport:
        transport.send(Request("POST", f"{registry.url}/v1/tokens", repeatable=False))
    assert len(registry.requests) == 1


def test_a_body_above_its_limit_is_refused(registry: RegistryDouble) -> None:
    registry.objects["/big"] = b"x" * 11
    with Transport() as transport, pytest.raises(ResponseTooLargeError):
        transport.send(Request("GET", f"{registry.url}/big", max_bytes=10))


def test_a_retried_download_is_hashed_from_its_start(registry: RegistryDouble) -> None:
    registry.objects["/blob"] = b"right"
    registry.overrides["/blob"] = [(503, b"wrong")]
    seen: list[list[bytes]] = []

    def start() -> object:
        seen.append([])
        return seen[-1].append

    with Transport(sleep=lambda _: None) as transport:
        transport.send(Request("GET", f"{registry.url}/blob"), on_chunk=start)  # type: ignore[arg-type]
    assert seen == [[b"wrong"], [b"right"]]


def test_nobody_listening_is_a_network_error() -> None:
    with Transport(sleep=lambda _: None) as transport, pytest.raises(NetworkError):
        transport.send(Request("GET", "http://127.0.0.1:9/"))


def test_retry_after_is_honoured_in_both_forms() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert pause_seconds(1, "7") == 7
    assert 3000 < pause_seconds(1, later) <= 3600


@pytest.mark.parametrize("header", ["", "soon", "-3"])
def test_without_a_usable_retry_after_pauses_grow(header: str) -> None:
    assert pause_seconds(1, header) < pause_seconds(2, header) < pause_seconds(3, header)


def test_a_longer_wait_than_a_person_has_is_not_waited(registry: RegistryDouble) -> None:
    waits: list[float] = []
    registry.routes[("GET", "/x")] = lambda _b, _h: (429, {"Retry-After": "3600"}, b"")
    with Transport(sleep=waits.append) as transport:
        assert transport.send(Request("GET", f"{registry.url}/x")).status == 429
    assert waits == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"problems": 1}', b"{", b'{"code": 5}'])
def test_an_error_answer_of_any_shape_becomes_words(body: bytes) -> None:
    error = registry_error(
        Answer(404, {"content-type": "application/problem+json"}, body), "https://t.example"
    )
    assert (error.remote_code, error.http_status) == ("not-found", 404)
    assert error.what
    assert error.fix
