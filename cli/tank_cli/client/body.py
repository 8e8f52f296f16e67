"""A body that arrives in one attempt, or in several of which each goes on where the one before broke off.

Going on is only right for bytes that are named by their digest: whoever asks for them
hashes them, so a part that belongs to something else is noticed.

Source: RFC 9110, section 14 (range requests).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tank_cli.client.bounds import WireError
from tank_cli.client.wire import Arriving

See = Callable[[bytes], None]

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)")
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416


class Body:
    """What arrived so far.

    Args:
        start: called where a body begins; what it returns sees every piece of it.
        resumes: whether a later attempt may go on where this one breaks off.
    """

    def __init__(self, start: Callable[[], See] | None, *, resumes: bool) -> None:
        self._start = start
        self._resumes = resumes
        self._pieces: list[bytes] = []
        self._see: See | None = None
        self.size_bytes = 0

    def headers(self) -> dict[str, str]:
        """Returns what to ask for the rest with; nothing where all of it is still to come."""
        if not self._resumes:
            return {}
        whole = {"Accept-Encoding": "identity"}  # a part of packed bytes could not be unpacked
        return whole | ({"Range": f"bytes={self.size_bytes}-"} if self.size_bytes else {})

    def begin(self, arriving: Arriving) -> int:
        """Takes note of an answer's head; returns the status that the whole body has.

        Raises:
            WireError: the answer is a part that does not go on where the last one ended; from now on all of it
                is asked for.
        """
        if self.size_bytes and arriving.status == _PARTIAL_CONTENT:
            told = _CONTENT_RANGE.fullmatch(arriving.headers.get("content-range", ""))
            if told and int(told[1]) == self.size_bytes:
                return 200
        is_other = self.size_bytes and arriving.status in (_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE)
        self._pieces, self.size_bytes = [], 0
        if is_other:
            raise WireError("another part of the body came than the one that was asked for")
        self._see = self._start() if self._start else None
        return arriving.status

    def add(self, piece: bytes) -> None:
        """Takes the next piece."""
        if self._see:
            self._see(piece)
        self._pieces.append(piece)
        self.size_bytes += len(piece)

    def broke_off(self, arriving_status: int | None) -> None:
        """Keeps what can be gone on with: the beginning of a good answer, and nothing of any other."""
        if not self._resumes or arriving_status not in (200, _PARTIAL_CONTENT):
            self._pieces, self.size_bytes = [], 0

    def whole(self) -> bytes:
        """Returns the body."""
        return b"".join(self._pieces)
