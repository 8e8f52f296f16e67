"""Keys of issuers: fetched rarely, with limits, from nowhere but their own address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.adapters.oidc import HttpsKeySet, key_sets, well_known_key_sources
from chalicelib.adapters.oidc.key_sets import CachedKeys, parsed_key_set
from chalicelib.ports.errors import PortError
from tests.support.build_tokens import KEY_ID, Issuer, key_set, rsa_jwk
from tests.support.memory_time import MemoryClock


def test_keys_are_fetched_once_in_ten_minutes() -> None:
    issuer, clock = Issuer(), MemoryClock()
    keys = CachedKeys(issuer, clock.now)
    for _ in range(3):
        assert keys.key(KEY_ID)
    clock.move(599)
    assert keys.key(KEY_ID)
    assert issuer.fetched == 1
    clock.move(1)
    assert keys.key(KEY_ID)
    assert issuer.fetched == 2


def test_a_key_that_the_issuer_took_back_is_gone_with_the_next_fetch() -> None:
    issuer, clock = Issuer(), MemoryClock()
    keys = CachedKeys(issuer, clock.now)
    assert keys.key(KEY_ID)
    issuer.document = key_set(rsa_jwk("key-9"))
    clock.move(600)
    assert keys.key(KEY_ID) is None


def test_an_unknown_key_is_looked_for_again_once_a_minute() -> None:
    issuer, clock = Issuer(), MemoryClock()
    keys = CachedKeys(issuer, clock.now)
    for number in range(50):
        assert keys.key(f"invented-{number}") is None
    assert issuer.fetched == 1
    issuer.document = key_set(rsa_jwk("rotated"))
    clock.move(60)
    assert keys.key("rotated")
    assert issuer.fetched == 2


def test_after_a_failure_the_issuer_has_a_moment_of_peace() -> None:
    issuer, clock = Issuer(failure=PortError("away")), MemoryClock()
    keys = CachedKeys(issuer, clock.now)
    for _ in range(20):
        with pytest.raises(PortError):
            keys.key(KEY_ID)
    assert issuer.fetched == 1
    issuer.failure = None
    clock.move(5)
    assert keys.key(KEY_ID)


def test_keys_that_are_too_old_do_not_count_while_the_issuer_is_away() -> None:
    issuer, clock = Issuer(), MemoryClock()
    keys = CachedKeys(issuer, clock.now)
    assert keys.key(KEY_ID)
    issuer.failure = PortError("away")
    clock.move(600)
    with pytest.raises(PortError):
        keys.key(KEY_ID)


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [], "keys": []}', key_set(rsa_jwk(), rsa_jwk())],
    ids=["empty", "list", "no-keys", "keys-are-an-object", "keys-twice", "one-id-twice"],
)
def test_what_is_no_key_set_has_no_keys(document: bytes) -> None:
    with pytest.raises(PortError):
        parsed_key_set(document)


def test_keys_without_an_id_are_passed_over() -> None:
    assert parsed_key_set(b'{"keys": [{"kty": "RSA"}, 7, {"kid": "a"}]}') == {"a": {"kid": "a"}}


@pytest.mark.parametrize(
    "url", ["http://issuer.example/keys", "file:///etc/passwd", "ftp://127.0.0.1/", "keys"]
)
def test_a_key_set_comes_over_https(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HttpsKeySet(url)


def test_the_well_known_key_sets_are_those_of_the_code_hosts() -> None:
    assert sorted(well_known_key_sources()) == [
        "https://gitlab.com",
        "https://token.actions.githubusercontent.com",
    ]


class Answers(BaseHTTPRequestHandler):
    """One path per way in which a server can answer."""

    released: threading.Event

    def do_GET(self) -> None:
        status = {"/redirect": 302, "/broken": 500}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/keys")
        self.end_headers()
        if self.path == "/keys":
            self.wfile.write(key_set(rsa_jwk()))
        if self.path == "/endless":
            self._write_much()
        if self.path == "/silent":
            self.released.wait(10)

    def _write_much(self) -> None:
        try:
            for _ in range(64):
                self.wfile.write(b" " * key_sets.MAX_KEY_SET_BYTES)
        except OSError:  # the reader had enough
            return

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def answering() -> Iterator[str]:
    Answers.released = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            Answers.released.set()
            server.shutdown()
            thread.join()


def test_a_key_set_is_fetched_from_its_address() -> None:
    with answering() as url:
        assert list(parsed_key_set(HttpsKeySet(f"{url}/keys")())) == [KEY_ID]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("redirect", "HTTPError"),
        ("broken", "HTTPError"),
        ("endless", "more than"),
        ("silent", "TimeoutError"),
    ],
)
def test_an_address_that_answers_otherwise_gives_no_keys(
    path: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sets, "_TIMEOUT_SECONDS", 0.2)
    with answering() as url, pytest.raises(PortError, match=why):
        HttpsKeySet(f"{url}/{path}")()


def test_a_key_set_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dripping:
        def read1(self, size: int, /) -> bytes:
            return b" "

    times = iter([1.0, 2.0, 3.0, 99.0])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    with pytest.raises(PortError, match="too slowly"):
        key_sets._read(Dripping(), 10.0)


def test_an_address_where_nobody_listens_gives_no_keys() -> None:
    with answering() as url:
        pass
    with pytest.raises(PortError):
        HttpsKeySet(f"{url}/keys")()
