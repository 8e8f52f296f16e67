"""HTTP/1.1 over kept-alive connections: the only module that knows how bytes travel.

The standard library reads and writes the messages, and does TLS; httpx, which did it
before, cost an install 180 ms before its first byte (docs/decisions/0013). What is
added here is what a client of servers that may be anybody's needs: every exchange has
an end, however slowly its status line, its headers or its trailers drip, and a bound
on the bytes that it may bring, framing included.

Proxies come from the usual variables, and ``NO_PROXY`` names who is asked without
one. https goes through a proxy as a tunnel, so that the proxy sees no token.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import select
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from tank_cli.client.bounds import PIECE_BYTES, Bounds, BoundSocket, Lines, WireError

if TYPE_CHECKING:
    import ssl

_CONNECT_SECONDS = 10.0
_MOST_CHARACTERS = 200  # of what a server said in place of HTTP


class UnsendableError(Exception):
    """An address, a header or a proxy that HTTP does not know."""


class UntrustedServerError(Exception):
    """A server's certificate is not one that is trusted, or what is to be trusted cannot be read."""


class Arriving:
    """An answer whose head has arrived. ``headers``: lower-case names."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: dict[str, str] = {}
        for name, value in response.getheaders():
            lower = name.lower()
            self.headers[lower] = f"{self.headers[lower]}, {value}" if lower in self.headers else value

    def pieces(self) -> Iterator[bytes]:
        """Yields the body as it arrives.

        Raises:
            WireError: it broke off.
            EndlessError: it did not end in time.
        """
        with _wrapped():
            while piece := self._response.read1(PIECE_BYTES):
                yield piece
            if self._response.length:  # read1 takes an early end for the end
                raise WireError(f"the connection closed {self._response.length} bytes before the end")
            self._response.close()  # which read1 of Python 3.11 forgets where there is a length


class Wire:
    """Connections to any number of servers; safe to use from several threads.

    Args:
        ca_bundle: a PEM file to trust in place of the built-in authorities; "" for those.
        connections: how many there may be at once.
    """

    def __init__(self, *, ca_bundle: str, connections: int) -> None:
        self._ca_bundle = ca_bundle
        self._free = threading.BoundedSemaphore(connections)
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[_Connection]] = {}
        self._context: ssl.SSLContext | None = None
        self._proxies: Mapping[str, str] | None = None

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.end()

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        bounds: Bounds,
        *,
        repeatable: bool = False,
    ) -> _Exchange:
        """Returns one exchange, as a context manager that gives the answer.

        A kept connection that the server closed just now is replaced, if sending twice does no harm.

        Raises:
            UnsendableError: the address or a header is none.
            UntrustedServerError: on entering: of its certificate.
            WireError: on entering: no connection, or it broke.
            EndlessError: on entering: the head did not end in time.
        """
        parts = _parsed(url, headers)
        return _Exchange(self, parts, method, headers, body, bounds, repeatable)

    def _connected(self, parts: SplitResult, bounds: Bounds) -> tuple[_Connection, str]:
        """Returns a connection for an address, new or idle, and the target to ask it for."""
        proxy = self._proxy_for(parts)
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        if proxy and parts.scheme == "http":
            target = parts._replace(fragment="").geturl()
        with self._lock:
            idle = self._idle.get((parts.scheme, parts.netloc), [])
            while idle:
                connection = idle.pop()
                if not _is_readable(connection.wire):
                    connection.wire.bounds = bounds
                    return connection, target
                connection.end()
        return self._opened(parts, proxy, bounds), target

    def _forget(self, parts: SplitResult) -> None:
        """Closes the idle connections to a server."""
        with self._lock:
            idle = self._idle.pop((parts.scheme, parts.netloc), [])
        for connection in idle:
            connection.end()

    def _give_back(self, parts: SplitResult, connection: _Connection) -> None:
        connection.is_kept = True
        with self._lock:
            self._idle.setdefault((parts.scheme, parts.netloc), []).append(connection)

    def _opened(self, parts: SplitResult, proxy: SplitResult | None, bounds: Bounds) -> _Connection:
        host, port = _place(parts)
        plain = socket.create_connection(_place(proxy or parts), timeout=_CONNECT_SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            bound: socket.socket = plain
            if parts.scheme == "https":
                if proxy:
                    _open_tunnel(BoundSocket(plain, bounds), host, port, _authorization(proxy))
                plain.settimeout(_CONNECT_SECONDS)  # of the whole handshake
                bound = _secured(plain, self._tls(), host)
        except BaseException:
            plain.close()
            raise
        return _Connection(parts, BoundSocket(bound, bounds))

    def _proxy_for(self, parts: SplitResult) -> SplitResult | None:
        proxies = self._known_proxies()
        address = proxies.get(parts.scheme) or proxies.get("all")
        if not address:
            return None
        from urllib.request import proxy_bypass  # costs as much as all the rest; rarely needed

        if proxy_bypass(parts.netloc.rpartition("@")[2]):
            return None
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        if proxy.scheme != "http" or not proxy.hostname:
            raise UnsendableError(f"the proxy {proxy.scheme}://{proxy.hostname or ''} is no http proxy")
        return proxy

    def _known_proxies(self) -> Mapping[str, str]:
        if self._proxies is None:
            self._proxies = _configured_proxies()
        return self._proxies

    def _tls(self) -> ssl.SSLContext:
        """Returns the context of every TLS connection, which costs 20 ms and is made when the first needs it."""
        with self._lock:
            if self._context is None:
                import ssl

                try:
                    self._context = ssl.create_default_context(cafile=self._ca_bundle or _authorities())
                except OSError as error:  # ssl's own errors are some as well
                    raise UntrustedServerError(f"{self._ca_bundle} cannot be read: {error}") from error
                self._context.set_alpn_protocols(["http/1.1"])
            return self._context


class _Exchange:
    """One request and its answer, on a connection that is given back when all of the answer was read."""

    def __init__(
        self,
        wire: Wire,
        parts: SplitResult,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None,
        bounds: Bounds,
        repeatable: bool,
    ) -> None:
        self._wire, self._parts, self._bounds, self._repeatable = wire, parts, bounds, repeatable
        self._method, self._headers, self._body = method, headers, body
        self._connection: _Connection | None = None
        self._response: http.client.HTTPResponse | None = None

    def __enter__(self) -> Arriving:
        self._wire._free.acquire()
        try:
            with _wrapped():
                try:
                    return self._answer()
                except (OSError, http.client.HTTPException):
                    if not self._is_stale():
                        raise
                return self._answer()
        except BaseException:
            self._end(is_whole=False)
            raise

    def _is_stale(self) -> bool:
        """Returns whether a kept connection broke without a word; it is then closed, and all kept ones with it."""
        connection = self._connection
        is_stale = connection is not None and connection.is_kept and not connection.wire.received_bytes
        if connection is None or not is_stale or not self._repeatable:
            return False
        connection.end()
        self._connection = None
        self._wire._forget(self._parts)
        return True

    def __exit__(self, kind: object, *_: object) -> None:
        response = self._response
        self._end(is_whole=kind is None and response is not None and _is_reusable(response))

    def _answer(self) -> Arriving:
        self._connection, target = self._wire._connected(self._parts, self._bounds)
        proxy = self._wire._proxy_for(self._parts)
        headers = dict(self._headers)
        if proxy and self._parts.scheme == "http" and (authorization := _authorization(proxy)):
            headers["Proxy-Authorization"] = authorization
        self._connection.request(self._method, target, self._body, headers)
        self._response = self._connection.getresponse()
        if self._response.status < 200:
            raise WireError(f"an answer of status {self._response.status}, which was not asked for")
        return Arriving(self._response)

    def _end(self, *, is_whole: bool) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None and is_whole:
                self._wire._give_back(self._parts, connection)
            elif connection is not None:
                connection.end()
        finally:
            self._wire._free.release()


class _Response(http.client.HTTPResponse):
    """Passes over whatever is said before the answer, and takes no part of a head for the whole of it.

    The library expects no status but 100 there, and takes a head that breaks off for one without a length.

    Source: RFC 9110, section 15.2 (101 is none of them: what follows is no HTTP any more); RFC 9112, section 8.
    """

    def begin(self) -> None:
        lines = self.fp
        super().begin()
        if isinstance(lines, Lines) and not lines.is_at_end_of_head:
            raise WireError("the connection closed within the head of the answer")

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, 100 if 102 <= status < 200 else status, reason


class _Connection(http.client.HTTPConnection):
    """The standard library's connection, over a socket that is open already.

    The library closes it before an answer without a length is read; ``end`` is what really does.
    """

    response_class = _Response

    def __init__(self, parts: SplitResult, wire: BoundSocket) -> None:
        host, port = _place(parts)
        super().__init__(host, port)
        self.default_port = _DEFAULT_PORTS[parts.scheme]  # what the Host header leaves out
        self.wire = wire
        self.sock = wire
        self.is_kept = False  # whether it was used before

    def end(self) -> None:
        """Closes the connection."""
        self.close()
        self.wire.end()


_DEFAULT_PORTS = {"http": 80, "https": 443}


@contextlib.contextmanager
def _wrapped() -> Iterator[None]:
    """Gives the standard library's many exceptions one name."""
    try:
        yield
    except http.client.InvalidURL as error:
        raise UnsendableError(str(error)) from error
    except (OSError, http.client.HTTPException) as error:
        raise WireError((str(error) or type(error).__name__)[:_MOST_CHARACTERS]) from error


def _parsed(url: str, headers: Mapping[str, str]) -> SplitResult:
    texts = [url, *headers, *headers.values()]
    if not all(text.isascii() and text.isprintable() for text in texts) or " " in url:
        raise UnsendableError("it holds characters that HTTP does not allow there")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it is what refuses a bad one
    except ValueError as error:
        raise UnsendableError(str(error)) from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise UnsendableError("it is no http or https address of a host")
    return parts


def _place(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


def _is_readable(sock: BoundSocket) -> bool:
    """Returns whether an idle connection has something to say: that it is closed, or what nobody asked for."""
    descriptor = sock.fileno()
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLERR | select.POLLHUP)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])


def _is_reusable(response: http.client.HTTPResponse) -> bool:
    return response.isclosed() and not response.will_close


def _secured(plain: socket.socket, context: ssl.SSLContext, host: str) -> socket.socket:
    import ssl

    try:
        return context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise UntrustedServerError(
            f"the certificate of {host} is not trusted: {error.verify_message}"
        ) from error


def _open_tunnel(sock: BoundSocket, host: str, port: int, authorization: str) -> None:
    """Asks a proxy for a tunnel; what travels through it afterwards is TLS."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if authorization:
        lines.append(f"Proxy-Authorization: {authorization}")
    sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    response = _Response(sock, method="CONNECT")  # type: ignore[arg-type]
    response.begin()
    if response.status != 200:
        raise WireError(f"the proxy refuses to connect to {place}: status {response.status}")


def _authorization(proxy: SplitResult) -> str:
    """Returns the header for a proxy whose address names a user; "" for others."""
    if not proxy.username:
        return ""
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return f"Basic {base64.b64encode(user.encode()).decode()}"


def _configured_proxies() -> Mapping[str, str]:
    """Returns scheme → proxy. Without any variable for it, Linux has none, and nothing is loaded to find out."""
    is_named = any(name.lower().endswith("_proxy") for name in os.environ)
    if not is_named and sys.platform not in ("win32", "darwin"):
        return {}
    from urllib.request import getproxies

    return getproxies()


def _authorities() -> str:
    import certifi

    return certifi.where()
