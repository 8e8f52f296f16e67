"""HTTP with limits: the only module that knows httpx.

Every body has a size limit before it is read, every wait a bound. Requests that
may be repeated are, on 429, 502, 503, 504 and on broken connections, with
growing pauses, or as long as ``Retry-After`` asks. Redirects are not followed: a
token or an expectation about a host must not travel with one. Proxies come from
the usual variables.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx

from tank_cli import __version__
from tank_core.errors import ExitCode, TankError

MIB = 1024 * 1024
MAX_DOCUMENT_BYTES = 8 * MIB  # an answer of the API; its longest, the findings of a version, stay below
_ATTEMPTS = 4
_LONGEST_WAIT_SECONDS = 30.0  # longer than this a person would rather decide for themselves
_RETRIED = frozenset({429, 502, 503, 504})
_CONNECTIONS = 16


class NetworkError(TankError):
    """The registry could not be reached, or stopped talking."""

    code = "network-error"
    exit_code = ExitCode.NETWORK


class ResponseTooLargeError(TankError):
    """An answer is larger than it may be."""

    code = "response-too-large"
    exit_code = ExitCode.NETWORK


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``repeatable``: sending it twice does no harm."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    max_bytes: int = MAX_DOCUMENT_BYTES
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``headers``: lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests over kept-alive connections; safe to use from several threads.

    Args:
        ca_bundle: a PEM file to trust in place of the built-in authorities; "" for those.
        sleep: waits a number of seconds; a test passes its own.
    """

    def __init__(self, *, ca_bundle: str = "", sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._client = httpx.Client(
            verify=ssl.create_default_context(cafile=ca_bundle) if ca_bundle else True,
            timeout=httpx.Timeout(30.0, connect=10.0),
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            headers={"User-Agent": f"tank/{__version__}", "Accept-Encoding": "gzip"},
            follow_redirects=False,
        )

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(self, request: Request, on_chunk: Callable[[], Callable[[bytes], None]] | None = None) -> Answer:
        """Sends a request and returns the answer, whatever its status.

        Args:
            request: what to send.
            on_chunk: called at the start of each attempt; what it returns sees every
                chunk of the body as it arrives, before the last is there.

        Raises:
            NetworkError: network-error; no answer after the last attempt.
            ResponseTooLargeError: response-too-large.
        """
        attempts = _ATTEMPTS if request.repeatable else 1
        for attempt in range(1, attempts + 1):
            try:
                answer = self._attempt(request, on_chunk)
            except httpx.TransportError as error:
                if attempt == attempts:
                    raise _unreachable(request, error) from error
                self._sleep(pause_seconds(attempt, ""))
                continue
            pause = pause_seconds(attempt, answer.headers.get("retry-after", ""))
            if answer.status not in _RETRIED or attempt == attempts or pause > _LONGEST_WAIT_SECONDS:
                return answer
            self._sleep(pause)
        raise AssertionError("the loop returns or raises")

    def _attempt(self, request: Request, on_chunk: Callable[[], Callable[[bytes], None]] | None) -> Answer:
        with self._client.stream(
            request.method, request.url, headers=dict(request.headers), content=request.body
        ) as response:
            see = on_chunk() if on_chunk else None
            chunks = []
            for chunk in _bounded(response, request):
                if see:
                    see(chunk)
                chunks.append(chunk)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, b"".join(chunks))


def _bounded(response: httpx.Response, request: Request) -> Iterator[bytes]:
    """Yields the decoded body, and stops with an error where it passes the limit."""
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > request.max_bytes:
            raise ResponseTooLargeError(
                f"The answer to {request.url} is larger than {request.max_bytes} bytes.",
                why="It is larger than this document may be, so it cannot be the right one.",
                fix="Try again; if it stays, tell the registry's operator.",
            )
        yield chunk


def pause_seconds(attempt: int, retry_after: str) -> float:
    """Returns how long to wait before the next attempt.

    Args:
        attempt: the number of the attempt that failed, from 1.
        retry_after: the header's value, seconds or an HTTP date; "" for none.
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    if retry_after:
        try:
            return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
        except ValueError:
            pass
    return 0.25 * 2.0**attempt


def _unreachable(request: Request, error: httpx.TransportError) -> NetworkError:
    return NetworkError(
        f"{request.method} {request.url} failed: {error or type(error).__name__}.",
        why="The registry could not be reached, or the connection broke.",
        fix="Check the network, the proxy variables and the registry's address; `tank doctor` tests them.",
    )
