"""Downloads that break off are gone on with, and nothing else is."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tank_cli.client.blobs import BlobMismatchError, BlobStore
from tank_cli.client.transport import NetworkError, Request, Transport
from tests.support.raw_server import listening

CONTENT = bytes(range(256)) * 1024  # 256 KiB
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
Talk = Callable[[socket.socket, bytes], None]


@pytest.fixture(autouse=True)
def _no_proxies(home: Path) -> None:
    """The variables of whoever runs the tests do not count."""


def start_of(head: bytes) -> int | None:
    found = re.search(rb"\r\nrange: bytes=(\d+)-\r\n", head, re.IGNORECASE)
    return int(found[1]) if found else None


def breaking(pieces: int, *, knows_ranges: bool = True, shift: int = 0) -> Talk:
    """Returns what sends at most so many bytes of the content per connection, and then hangs up."""

    def talk(peer: socket.socket, head: bytes) -> None:
        start = start_of(head) if knows_ranges else None
        first = start or 0
        status = b"200 OK"
        told = b""
        if start is not None:
            status = b"206 Partial Content"
            told = b"Content-Range: bytes %d-%d/%d\r\n" % (start + shift, len(CONTENT) - 1, len(CONTENT))
        length = len(CONTENT) - first
        peer.sendall(b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n" % (status, told, length))
        peer.sendall(CONTENT[first : first + pieces])

    return talk


def download(port: int) -> bytes:
    with Transport(sleep=lambda _: None) as transport:
        blobs = BlobStore(transport, f"http://127.0.0.1:{port}")
        return blobs.get(DIGEST, max_bytes=len(CONTENT), what="the archive")


def test_a_download_goes_on_where_it_broke_off_as_often_as_it_gets_on() -> None:
    with listening(breaking(40_000)) as (port, heads):
        assert download(port) == CONTENT
    assert [start_of(head) for head in heads] == [None, *range(40_000, len(CONTENT), 40_000)]


def test_a_server_without_ranges_is_asked_for_everything_again_and_not_for_ever() -> None:
    with listening(breaking(40_000, knows_ranges=False)) as (port, heads), pytest.raises(NetworkError):
        download(port)
    assert len(heads) <= 6


def test_another_part_than_the_one_asked_for_is_not_taken() -> None:
    with listening(breaking(40_000, shift=1)) as (port, heads), pytest.raises(NetworkError):
        download(port)
    assert len(heads) <= 8


def test_parts_of_something_else_are_noticed() -> None:
    def talk(peer: socket.socket, head: bytes) -> None:
        start = start_of(head)
        if start is None:
            return breaking(40_000)(peer, head)
        rest = b"x" * (len(CONTENT) - start)
        told = b"Content-Range: bytes %d-%d/%d" % (start, len(CONTENT) - 1, len(CONTENT))
        peer.sendall(b"HTTP/1.1 206 -\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (told, len(rest), rest))
        return None

    with listening(talk) as (port, _), pytest.raises(BlobMismatchError):
        download(port)


def test_what_is_not_named_by_its_digest_begins_anew() -> None:
    with (
        listening(breaking(40_000)) as (port, heads),
        Transport(sleep=lambda _: None) as transport,
        pytest.raises(NetworkError),
    ):
        transport.send(Request("GET", f"http://127.0.0.1:{port}/v1/search"))
    assert [start_of(head) for head in heads] == [None] * 4
