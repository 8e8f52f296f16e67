"""HTTP with limits: what may be asked how often, and how much may come back.

Every body has a size limit before it is read, packed and unpacked, every wait a bound;
``wire`` keeps the bounds of what travels. Requests that may be repeated are, on 429,
500, 502, 503, 504 and on broken connections, with growing pauses, or as long as
``Retry-After`` asks. Redirects are not followed: a token or an expectation about a
host must not travel with one.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType

from tank_cli import __version__
from tank_cli.client.body import Body
from tank_cli.client.bounds import Bounds, EndlessError, WireError
from tank_cli.client.wire import Arriving, UnsendableError, UntrustedServerError, Wire
from tank_core.errors import ExitCode, TankError, quoted

MIB = 1024 * 1024
MAX_DOCUMENT_BYTES = 8 * MIB  # an answer of the API; its longest, the findings of a version, stay below
_ATTEMPTS = 4
_LONGEST_WAIT_SECONDS = 30.0  # longer than this a person would rather decide for themselves
_RETRIED = frozenset({429, 500, 502, 503, 504})  # S3 asks for another attempt after a 500 as well
CONNECTIONS = 32  # measured best over a network with kept-alive connections: 16 to 32
_HEADERS = {"User-Agent": f"tank/{__version__}", "Accept-Encoding": "gzip"}
_WORTH_BYTES = 16 * 1024  # an attempt that brought less did not get on
_PATIENCE_SECONDS = 120.0  # for any body, and for a large one as long as the slowest usable line takes
_SLOWEST_BYTES_PER_SECOND = 8 * 1024
_GZIP = 16 + zlib.MAX_WBITS  # a gzip header and its checksum
_PACKED_SLACK_BYTES = 4096  # what packing may add to a short body


class NetworkError(TankError):
    """The registry could not be reached, or stopped talking."""

    code = "network-error"
    exit_code = ExitCode.NETWORK


class ResponseTooLargeError(TankError):
    """An answer is larger than it may be."""

    code = "response-too-large"
    exit_code = ExitCode.NETWORK


class AnswerUnreadableError(TankError):
    """An answer is packed in a way that was not asked for, or is damaged."""

    code = "answer-unreadable"
    exit_code = ExitCode.NETWORK


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        repeatable: sending it twice does no harm.
        resumes: the body is named by its digest, so an attempt that breaks off is gone on with.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    max_bytes: int = MAX_DOCUMENT_BYTES
    repeatable: bool = True
    resumes: bool = False


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
        clock: seconds that only grow.
    """

    def __init__(
        self,
        *,
        ca_bundle: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._wire = Wire(ca_bundle=ca_bundle, connections=CONNECTIONS)

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    def send(self, request: Request, on_chunk: Callable[[], Callable[[bytes], None]] | None = None) -> Answer:
        """Sends a request and returns the answer, whatever its status.

        Args:
            request: what to send.
            on_chunk: called where a body begins, again for each attempt that begins anew; what
                it returns sees every chunk of the body as it arrives, before the last is there;
                an empty one where something arrived that holds nothing.

        Raises:
            NetworkError: network-error; no answer after the last attempt.
            ResponseTooLargeError: response-too-large.
            AnswerUnreadableError: answer-unreadable.
        """
        attempts = _ATTEMPTS if request.repeatable else 1
        body = Body(on_chunk, resumes=request.resumes)
        give_up_at = self._clock() + _seconds(request)
        attempt = farthest = 0
        while True:
            attempt += 1
            try:
                answer = self._attempt(request, body, give_up_at)
            except WireError as error:
                if body.size_bytes - farthest >= _WORTH_BYTES:
                    attempt, farthest = 0, body.size_bytes  # it gets on, and the body's limit ends that
                if attempt == attempts:
                    raise _unreachable(request, error) from error
                self._sleep(pause_seconds(attempt, ""))
                continue
            except UnsendableError as error:  # an address or a header that was handed out
                raise _unsendable(request, error) from error
            except UntrustedServerError as error:  # which no other attempt changes
                raise _untrusted(request, error) from error
            pause = pause_seconds(attempt, answer.headers.get("retry-after", ""))
            if answer.status not in _RETRIED or attempt == attempts or pause > _LONGEST_WAIT_SECONDS:
                return answer
            body.broke_off(answer.status)  # nothing goes on where a refusal ended
            self._sleep(pause)

    def _attempt(self, request: Request, body: Body, give_up_at: float) -> Answer:
        bounds = Bounds(self._clock, give_up_at, _packed_limit(request))
        headers = {**_HEADERS, **body.headers(), **request.headers}
        status = None
        try:
            with self._wire.exchange(
                request.method, request.url, headers, request.body, bounds, repeatable=request.repeatable
            ) as arriving:
                status = arriving.status
                whole = body.begin(arriving)
                for chunk in _bounded(arriving, request, body.size_bytes):
                    body.add(chunk)
                return Answer(whole, arriving.headers, body.whole())
        except WireError:
            body.broke_off(status)
            raise
        except EndlessError as error:
            raise _endless(request, _seconds(request)) from error


def _seconds(request: Request) -> float:
    """Returns how long a request may take, with everything that is repeated of it."""
    return _PATIENCE_SECONDS + request.max_bytes / _SLOWEST_BYTES_PER_SECOND


def _packed_limit(request: Request) -> int:
    return request.max_bytes + request.max_bytes // 64 + _PACKED_SLACK_BYTES


def _bounded(response: Arriving, request: Request, already: int) -> Iterator[bytes]:
    """Yields the unpacked body, and stops with an error where it passes the limit, packed or unpacked.

    ``already``: the bytes of it that an attempt before brought.
    """
    unpack, has_ended = _unpacking(response, request)
    limit = request.max_bytes
    size = packed_size = already
    for packed in response.pieces():
        chunk = unpack(packed, limit - size + 1)
        size, packed_size = size + len(chunk), packed_size + len(packed)
        if size > limit or packed_size > _packed_limit(request):
            raise ResponseTooLargeError(
                f"The answer to {request.url} is larger than {limit} bytes.",
                why="It is larger than this document may be, so it cannot be the right one.",
                fix="Try again; if it stays, tell the registry's operator.",
            )
        yield chunk
    if packed_size > already and not has_ended():
        raise _unreadable(request, "It says that it is packed, and ends too early.")


def _unpacking(
    response: Arriving, request: Request
) -> tuple[Callable[[bytes, int], bytes], Callable[[], bool]]:
    """Returns what unpacks the next piece of a body, up to a number of bytes, and what says whether it ended."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return lambda packed, _: packed, lambda: True
    if encoding not in ("gzip", "x-gzip"):  # the same; RFC 9110, section 8.4.1.3
        raise _unreadable(request, f"It is packed as {quoted(encoding)}, which was not asked for.")
    unpacker = zlib.decompressobj(_GZIP)

    def unpack(packed: bytes, most_bytes: int) -> bytes:
        try:
            return unpacker.decompress(packed, most_bytes)
        except zlib.error as error:
            raise _unreadable(request, f"It says that it is packed, and is damaged: {error}.") from error

    return unpack, lambda: unpacker.eof


def _unreadable(request: Request, why: str) -> AnswerUnreadableError:
    return AnswerUnreadableError(
        f"The answer to {request.url} cannot be read.",
        why=why,
        fix="Try again, or from another network; if it stays, tell the registry's operator.",
    )


def pause_seconds(attempt: int, retry_after: str) -> float:
    """Returns how long to wait before the next attempt.

    Args:
        attempt: the number of the attempt that failed, from 1.
        retry_after: the header's value, seconds or an HTTP date; "" for none.
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    if retry_after:
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
        except (ValueError, OverflowError):  # no date, or one of no calendar
            pass
    return 0.25 * 2.0**attempt


def _endless(request: Request, seconds: float) -> NetworkError:
    return NetworkError(
        f"The answer to {request.url} did not end within {seconds:.0f} seconds.",
        why="It arrives so slowly that it may never end.",
        fix="Try again, or from another network; if it stays, tell the registry's operator.",
    )


def _unsendable(request: Request, error: UnsendableError) -> NetworkError:
    return NetworkError(
        f"No request can be sent to {quoted(request.url)}.",
        why=f"The address, a header that goes with it, or the proxy is none that HTTP knows: {error}.",
        fix="Check the registry's address and the proxy variables; if the registry gave this one out, "
        "tell its operator.",
    )


def _untrusted(request: Request, error: UntrustedServerError) -> NetworkError:
    return NetworkError(
        f"{request.method} {request.url} failed: {error}.",
        why="Nothing is sent to a server that may be somebody else's.",
        fix="If your network has an authority of its own, name the PEM file of its certificate in SSL_CERT_FILE. "
        "If that is right, check this machine's clock.",
    )


def _unreachable(request: Request, error: WireError) -> NetworkError:
    return NetworkError(
        f"{request.method} {request.url} failed: {error}.",
        why="The registry could not be reached, or the connection broke.",
        fix="Check the network, the proxy variables and the registry's address; `tank doctor` tests them.",
    )
