"""HTTP as it travels: connections, proxies, TLS, and servers that never come to an end."""

from __future__ import annotations

import base64
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tank_cli.client.transport import NetworkError, Request, ResponseTooLargeError, Transport
from tests.support.raw_server import listening, received_head
from tests.support.registry_double import RegistryDouble

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def _no_proxies(home: Path) -> None:
    """The variables of whoever runs the tests do not count."""


def endless(piece: bytes, start: bytes = b"") -> Callable[[socket.socket, bytes], None]:
    """Returns what sends a start, and then a piece for ever."""

    def talk(peer: socket.socket, _: bytes) -> None:
        peer.sendall(start)
        while True:
            peer.sendall(piece)

    return talk


def ticking(step: float) -> Callable[[], float]:
    """Returns a clock on which every look costs time."""
    looks = itertools.count()
    return lambda: next(looks) * step


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "],
    ids=["status line", "header", "trailer"],
)
def test_a_head_or_a_trailer_that_drips_is_given_up_in_the_time_of_a_body(start: bytes) -> None:
    sent = threading.Event()

    def talk(peer: socket.socket, _: bytes) -> None:
        peer.sendall(start)
        while not sent.is_set():
            peer.sendall(b"x")

    with listening(talk) as (port, heads), Transport(clock=ticking(40.0)) as transport:
        with pytest.raises(NetworkError, match="did not end within 120 seconds"):
            transport.send(Request("GET", f"http://127.0.0.1:{port}/", max_bytes=10))
        sent.set()
    assert (
        len([head for head in heads if head]) == 1
    )  # another connection may be opened, and nothing is asked on it


@pytest.mark.parametrize(
    "talk",
    [
        endless(b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(b"X: y\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
        endless(b"x" * 1000, b"HTTP/1.1 200 "),
        endless(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n"),
    ],
    ids=["continue", "trailers", "status line", "headers"],
)
def test_an_answer_of_framing_alone_is_given_up_whatever_the_clock_says(
    talk: Callable[[socket.socket, bytes], None],
) -> None:
    with (
        listening(talk) as (port, _),
        Transport(clock=lambda: 0.0, sleep=lambda _: None) as transport,
        pytest.raises(NetworkError),
    ):
        transport.send(Request("GET", f"http://127.0.0.1:{port}/", max_bytes=10))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"",
    ],
    ids=["length", "chunk", "last chunk", "early hints", "another protocol", "nothing"],
)
def test_an_answer_that_breaks_off_is_asked_for_again_and_then_an_error(answer: bytes) -> None:
    def talk(peer: socket.socket, _: bytes) -> None:
        peer.sendall(answer)

    with (
        listening(talk) as (port, heads),
        Transport(sleep=lambda _: None) as transport,
        pytest.raises(NetworkError),
    ):
        transport.send(Request("GET", f"http://127.0.0.1:{port}/"))
    assert len(heads) == 4


@pytest.mark.parametrize("kept", range(12, 40, 3))
def test_a_head_that_breaks_off_is_no_answer_without_a_body(kept: int) -> None:
    """Taken for one, it made a dropped connection look like somebody who changes what is downloaded."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"
    heads_before = iter([answer[:kept], b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])
    with (
        listening(lambda peer, _: peer.sendall(next(heads_before))) as (port, heads),
        Transport(sleep=lambda _: None) as transport,
    ):
        assert transport.send(Request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"
    assert len(heads) == 2


def test_a_body_without_a_length_is_bounded_as_well() -> None:
    with (
        listening(endless(b"x" * 4096, b"HTTP/1.1 200 OK\r\n\r\n")) as (port, _),
        Transport() as transport,
        pytest.raises(ResponseTooLargeError),
    ):
        transport.send(Request("GET", f"http://127.0.0.1:{port}/", max_bytes=100_000))


def test_connections_are_kept_and_a_closed_one_is_replaced_unasked(registry: RegistryDouble) -> None:
    connected: list[int] = []

    def talk(peer: socket.socket, _: bytes) -> None:
        connected.append(1)
        peer.sendall(OK)
        received_head(peer)
        peer.sendall(OK)  # and closes

    with listening(talk) as (port, _), Transport(sleep=_refuse_to_wait) as transport:
        for _ in range(2):
            assert transport.send(Request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"
        assert len(connected) == 1
        for _ in range(2):
            assert transport.send(Request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"
        assert len(connected) == 2


def test_a_connection_that_is_closed_just_then_is_replaced_only_where_sending_twice_does_no_harm() -> None:
    def talk(peer: socket.socket, _: bytes) -> None:
        peer.sendall(OK)
        if received_head(peer).startswith(b"GET"):  # and closes, although something was asked
            again.append("GET")

    again: list[str] = []
    with listening(talk) as (port, heads), Transport(sleep=_refuse_to_wait) as transport:
        url = f"http://127.0.0.1:{port}/"
        for _ in range(2):
            assert transport.send(Request("GET", url)).body == b"ok"
        assert (len(heads), again) == (2, ["GET"])
        with pytest.raises(NetworkError):
            transport.send(Request("POST", url, repeatable=False))
        assert len(heads) == 2


def _refuse_to_wait(_: float) -> None:
    raise AssertionError("nothing here is a failure")


def test_an_answer_that_was_not_read_to_its_end_costs_its_connection() -> None:
    def talk(peer: socket.socket, _: bytes) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 10_000)
        received_head(peer)  # the connection stays open until the client closes it

    with listening(talk) as (port, heads), Transport() as transport:
        for _ in range(2):
            with pytest.raises(ResponseTooLargeError):
                transport.send(Request("GET", f"http://127.0.0.1:{port}/", max_bytes=1))
        assert len(heads) == 2


def test_http_goes_to_the_proxy_with_the_whole_address_and_the_proxys_own_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening(lambda peer, _: peer.sendall(OK)) as (port, heads):
        monkeypatch.setenv("HTTP_PROXY", f"http://jo:p%40ss@127.0.0.1:{port}")
        with Transport() as transport:
            assert transport.send(Request("GET", "http://registry.invalid:81/x?y=1")).body == b"ok"
    assert heads[0].startswith(b"GET http://registry.invalid:81/x?y=1 HTTP/1.1\r\n")
    assert b"Host: registry.invalid:81\r\n" in heads[0]
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"jo:p@ss") in heads[0]


@pytest.mark.parametrize("excluded", ["127.0.0.1", "*", "other.invalid,127.0.0.1"])
def test_no_proxy_is_asked_for_whom_it_excludes(
    monkeypatch: pytest.MonkeyPatch, registry: RegistryDouble, excluded: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", excluded)
    with Transport(sleep=lambda _: None) as transport:
        assert transport.send(Request("GET", f"{registry.url}/registry.json")).status == 200


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "https://127.0.0.1:9"])
def test_a_proxy_of_a_kind_that_is_not_spoken_is_an_error_and_nothing_goes_around_it(
    monkeypatch: pytest.MonkeyPatch, registry: RegistryDouble, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with Transport() as transport, pytest.raises(NetworkError, match="No request can be sent") as raised:
        transport.send(Request("GET", f"{registry.url}/registry.json"))
    assert "is no http proxy" in raised.value.why
    assert registry.requests == []


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost and its key, PEM."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@contextmanager
def tls_server(authority: tuple[Path, Path]) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(peer, server_side=True) as secured:
                    received_head(secured)
                    secured.sendall(OK)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def test_an_own_authority_is_believed_and_nobody_elses(authority: tuple[Path, Path]) -> None:
    with tls_server(authority) as port:
        url = f"https://localhost:{port}/"
        with Transport(ca_bundle=str(authority[0])) as transport:
            assert transport.send(Request("GET", url)).body == b"ok"
        waits: list[float] = []
        with Transport(sleep=waits.append) as transport, pytest.raises(NetworkError) as raised:
            transport.send(Request("GET", url))
    assert "the certificate of localhost is not trusted: self-signed certificate" in raised.value.what
    assert "SSL_CERT_FILE" in raised.value.fix
    assert waits == []  # no attempt changes a certificate


@pytest.mark.parametrize("held", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_an_authority_that_cannot_be_read_is_told_by_its_name(
    authority: tuple[Path, Path], tmp_path: Path, held: bytes | None
) -> None:
    bundle = tmp_path / "own.pem"
    if held is not None:
        bundle.write_bytes(held)
    with (
        tls_server(authority) as port,
        Transport(ca_bundle=str(bundle), sleep=lambda _: None) as transport,
        pytest.raises(NetworkError) as raised,
    ):
        transport.send(Request("GET", f"https://localhost:{port}/"))
    assert str(bundle) in raised.value.what
    assert "SSL_CERT_FILE" in raised.value.fix


def test_a_certificate_of_another_host_is_refused(authority: tuple[Path, Path]) -> None:
    with (
        tls_server(authority) as port,
        Transport(ca_bundle=str(authority[0]), sleep=lambda _: None) as transport,
        pytest.raises(NetworkError, match="is not trusted: IP address mismatch"),
    ):
        transport.send(Request("GET", f"https://127.0.0.1:{port}/"))


def test_https_goes_through_a_proxy_as_a_tunnel_in_which_nothing_can_be_read(
    authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    with tls_server(authority) as port:

        def tunnel(peer: socket.socket, head: bytes) -> None:
            with socket.create_connection(("127.0.0.1", port)) as far:
                peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_copy, args=(far, peer, []), daemon=True)
                back.start()
                _copy(peer, far, seen)
                back.join(5)

        with listening(tunnel) as (proxy_port, heads):
            monkeypatch.setenv("HTTPS_PROXY", f"http://jo:secret@127.0.0.1:{proxy_port}")
            with Transport(ca_bundle=str(authority[0])) as transport:
                request = Request("GET", f"https://localhost:{port}/", {"Authorization": "Bearer tank_abc"})
                assert transport.send(request).body == b"ok"
    assert heads[0].startswith(f"CONNECT localhost:{port} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"jo:secret") in heads[0]
    assert b"tank_abc" not in heads[0] + b"".join(seen)


def _copy(source: socket.socket, target: socket.socket, seen: list[bytes]) -> None:
    try:
        while data := source.recv(65536):
            seen.append(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_a_proxy_that_refuses_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(lambda peer, _: peer.sendall(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")) as (
        port,
        _,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
        with Transport(sleep=lambda _: None) as transport, pytest.raises(NetworkError, match="status 407"):
            transport.send(Request("GET", "https://registry.invalid/"))
