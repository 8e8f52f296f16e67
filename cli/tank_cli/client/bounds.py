"""One exchange's bounds, and a socket that keeps them: every read has an end, in time and in bytes."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass

_SILENT_SECONDS = 30.0  # for the next byte, in either direction
PIECE_BYTES = 64 * 1024
_FRAMING_BYTES = 256 * 1024  # status line, headers and trailers of any honest answer
_FRAMING_FACTOR = 8  # chunks of one byte cost six


class WireError(Exception):
    """The connection could not be made, or broke."""


class EndlessError(Exception):
    """An exchange did not end in time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an exchange may take, and how much it may bring.

    Attributes:
        clock: seconds that only grow.
        give_up_at: on that clock.
        body_bytes: of the body, as it travels.
    """

    clock: Callable[[], float]
    give_up_at: float
    body_bytes: int

    def seconds(self) -> float:
        """Returns how long to wait for the next byte.

        Raises:
            EndlessError: the time is over.
        """
        left = self.give_up_at - self.clock()
        if left <= 0:
            raise EndlessError
        return min(left, _SILENT_SECONDS)


class BoundSocket:
    """What ``http.client`` needs of a socket, with every read inside the bounds of its exchange."""

    def __init__(self, sock: socket.socket, bounds: Bounds) -> None:
        self._sock = sock
        self.received_bytes = 0
        self.bounds = bounds

    @property
    def bounds(self) -> Bounds:
        """Those of the exchange that uses it now."""
        return self._bounds

    @bounds.setter
    def bounds(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.received_bytes = 0

    def sendall(self, data: bytes) -> None:
        """Sends everything; each piece may take as long as a silence may."""
        view = memoryview(data)
        for start in range(0, len(view), PIECE_BYTES):
            self._sock.settimeout(self._bounds.seconds())
            self._sock.sendall(view[start : start + PIECE_BYTES])

    def makefile(self, _mode: str) -> Lines:
        """Returns a reader of what arrives; closing it leaves the connection open."""
        return Lines(_Reader(self), PIECE_BYTES)

    def receive(self, buffer: memoryview) -> int:
        """Reads what is there, or waits for the next byte."""
        self._sock.settimeout(self._bounds.seconds())
        count = self._sock.recv_into(buffer)
        self.received_bytes += count
        if self.received_bytes > _FRAMING_BYTES + _FRAMING_FACTOR * self._bounds.body_bytes:
            raise WireError("the answer is mostly headers or framing")
        return count

    def fileno(self) -> int:
        """Returns the descriptor."""
        return self._sock.fileno()

    def close(self) -> None:
        """Does nothing: an answer may still be read."""

    def end(self) -> None:
        """Closes the socket."""
        self._sock.close()


class _Reader(io.RawIOBase):
    def __init__(self, sock: BoundSocket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._sock.receive(buffer)


class Lines(io.BufferedReader):
    """Reads what arrives, and knows whether the last line was the empty one that ends a head."""

    is_at_end_of_head = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Reads a line; an empty one where nothing follows."""
        line = super().readline(size)
        self.is_at_end_of_head = line in (b"\r\n", b"\n")
        return line
