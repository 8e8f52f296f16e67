"""HTTP: limits, retries, and where a token goes."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tank_cli.client.problems import registry_error
from tank_cli.client.transport import (
    Answer,
    AnswerUnreadableError,
    NetworkError,
    Request,
    ResponseTooLargeError,
    Transport,
    pause_seconds,
)
from tests.support.raw_server import listening
from tests.support.registry_double import RegistryDouble


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
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


@pytest.mark.parametrize("status", [400, 404, 501])
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


def test_a_body_that_drips_for_ever_is_given_up(registry: RegistryDouble) -> None:
    registry.objects["/slow"] = b"x" * 100_000
    times = iter(range(0, 10**6, 50))  # one look before, at the request, at the head, at the body
    with Transport(clock=lambda: float(next(times))) as transport, pytest.raises(NetworkError) as raised:
        transport.send(Request("GET", f"{registry.url}/slow", max_bytes=200_000))
    assert "did not end within 144 seconds" in raised.value.what
    assert len(registry.requests) == 1  # it would drip again


def packed(registry: RegistryDouble, body: bytes, encoding: str = "gzip") -> str:
    """Serves a body as packed; returns its URL."""
    registry.routes[("GET", "/packed")] = lambda _b, _h: (200, {"Content-Encoding": encoding}, body)
    return f"{registry.url}/packed"


def test_a_packed_body_is_unpacked(registry: RegistryDouble) -> None:
    body = bytes(range(256)) * 4000
    with Transport() as transport:
        request = Request("GET", packed(registry, gzip.compress(body)), max_bytes=len(body))
        assert transport.send(request).body == body


def test_a_body_that_packing_made_longer_is_read(registry: RegistryDouble) -> None:
    with Transport() as transport:
        assert transport.send(Request("GET", packed(registry, gzip.compress(b"x")), max_bytes=1)).body == b"x"


def test_a_small_answer_that_unpacks_to_much_costs_no_memory(registry: RegistryDouble) -> None:
    url = packed(registry, gzip.compress(bytes(64 << 20)))
    with Transport() as transport:
        tracemalloc.start()
        try:
            with pytest.raises(ResponseTooLargeError):
                transport.send(Request("GET", url, max_bytes=1000))
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
        finally:
            tracemalloc.stop()


def test_a_packed_answer_that_holds_nothing_ends(registry: RegistryDouble) -> None:
    nothing = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 1_000_000
    with Transport() as transport, pytest.raises(ResponseTooLargeError, match="larger than 1000 bytes"):
        transport.send(Request("GET", packed(registry, nothing), max_bytes=1000))


def test_packed_pieces_that_hold_nothing_are_seen_as_well(registry: RegistryDouble) -> None:
    body = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 100 + b"\x03\x00" + bytes(8)
    seen: list[bytes] = []
    with Transport() as transport:
        transport.send(Request("GET", packed(registry, body)), on_chunk=lambda: seen.append)
    assert set(seen) == {b""}


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd", "gzip, identity", "\x9b31m"])
def test_a_body_packed_as_nobody_asked_is_not_unpacked(registry: RegistryDouble, encoding: str) -> None:
    url = packed(registry, gzip.compress(gzip.compress(b"x")), encoding)
    with Transport() as transport, pytest.raises(AnswerUnreadableError) as raised:
        transport.send(Request("GET", url))
    assert "was not asked for" in raised.value.why
    assert raised.value.why.isprintable()


def test_a_damaged_packed_body_is_refused(registry: RegistryDouble) -> None:
    with Transport() as transport, pytest.raises(AnswerUnreadableError) as raised:
        transport.send(Request("GET", packed(registry, b"not packed")))
    assert "is damaged" in raised.value.why


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


@pytest.mark.parametrize(
    ("url", "headers"),
    [("https://t.example/\x00", {}), ("https://\u0661\x7f/", {}), ("http://127.0.0.1:9/", {"X": "\u00e9"})],
)
def test_what_cannot_be_sent_is_an_error_with_words(url: str, headers: dict[str, str]) -> None:
    with Transport(sleep=lambda _: None) as transport, pytest.raises(NetworkError) as raised:
        transport.send(Request("PUT", url, headers))
    assert "No request can be sent to" in raised.value.what
    assert raised.value.what.isprintable()


def test_retry_after_is_honoured_in_both_forms() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert pause_seconds(1, "7") == 7
    assert 3000 < pause_seconds(1, later) <= 3600


@pytest.mark.parametrize(
    "header", ["", "soon", "-3", f"Mon, 01 Jan {10**20} 00:00:00 GMT", f"Mon, 01 Jan 2027 00:00:00 +{10**14}"]
)
def test_without_a_usable_retry_after_pauses_grow(header: str) -> None:
    assert pause_seconds(1, header) < pause_seconds(2, header) < pause_seconds(3, header)


def test_a_longer_wait_than_a_person_has_is_not_waited(registry: RegistryDouble) -> None:
    waits: list[float] = []
    registry.routes[("GET", "/x")] = lambda _b, _h: (429, {"Retry-After": "3600"}, b"")
    with Transport(sleep=waits.append) as transport:
        assert transport.send(Request("GET", f"{registry.url}/x")).status == 429
    assert waits == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"problems": 1}', b"{", b'{"code": 5}', b"[" * 100_000]
)
def test_an_error_answer_of_any_shape_becomes_words(body: bytes) -> None:
    error = registry_error(
        Answer(404, {"content-type": "application/problem+json"}, body), "https://t.example"
    )
    assert (error.remote_code, error.http_status) == ("not-found", 404)
    assert error.what
    assert error.fix


def test_an_error_answer_is_no_longer_than_a_person_reads() -> None:
    listed = [{"where": "w", "what": "x" * 10_000, "fix": "f"}] * 10_000
    body = json.dumps({"detail": "d" * 1_000_000, "problems": listed}).encode()
    error = registry_error(Answer(422, {"content-type": "application/json"}, body), "https://t.example")
    assert (len(error.what), len(error.problems), len(error.problems[0].what)) == (2000, 200, 2000)


def test_a_packed_answer_that_ends_too_early_is_not_taken_for_whole(
    registry: RegistryDouble, transport: Transport
) -> None:
    packed = gzip.compress(b"text" * 100 + bytes(range(256)))
    registry.routes["GET", "/x"] = lambda _b, _h: (200, {"Content-Encoding": "gzip"}, packed[:-9])
    with pytest.raises(AnswerUnreadableError):
        transport.send(Request("GET", f"{registry.url}/x"))


def test_what_a_server_says_in_place_of_http_is_told_shortly(transport: Transport) -> None:
    with (
        listening(lambda peer, _: peer.sendall(b"x" * 60_000 + b"\r\n\r\n")) as (port, _heads),
        pytest.raises(NetworkError) as caught,
    ):
        transport.send(Request("GET", f"http://127.0.0.1:{port}/x", repeatable=False))
    assert len(caught.value.what) < 400


@pytest.mark.parametrize("before", [b"103 Early Hints", b"102 Processing", b"100 Continue"])
def test_what_is_said_before_the_answer_is_passed_over(transport: Transport, before: bytes) -> None:
    said = b"HTTP/1.1 " + before + b"\r\nLink: </x>; rel=preload\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with listening(lambda peer, _: peer.sendall(said * 3 + answer)) as (port, _heads):
        assert transport.send(Request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"


@pytest.mark.parametrize(("encoding", "pack"), [("", bytes), ("x-gzip", gzip.compress)])
def test_other_words_for_what_was_asked_for_are_understood(
    registry: RegistryDouble, transport: Transport, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    registry.routes["GET", "/x"] = lambda _b, _h: (200, {"Content-Encoding": encoding}, pack(b"text"))
    assert transport.send(Request("GET", f"{registry.url}/x")).body == b"text"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_with_where_it_leads(status: int) -> None:
    error = registry_error(Answer(status, {"location": "https://new.example/\x1b"}, b""), "https://t.example")
    assert "https://new.example/" in error.what
    assert error.what.isprintable()
    assert "tank trust" in error.fix
