"""Reading an answer over HTTP within a size and a time, from whoever gives it, without following it anywhere.

Standard library only, so that whoever answers can make nobody wait or hold more than was agreed.
"""

from __future__ import annotations

import time
import urllib.request
from typing import Any, Protocol

_CHUNK_BYTES = 16 * 1024


class AnswerLimitError(Exception):
    """An answer is too large or comes too slowly; the message says which."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes a redirect an ``HTTPError``, which is an ``OSError``."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follows nothing."""


class Readable(Protocol):
    """What ``urllib`` answers with, as far as it is read here."""

    def read1(self, size: int, /) -> bytes:
        """Returns at most so many bytes; none at the end."""
        ...


def read_limited(response: Readable, *, deadline: float, max_bytes: int, what: str) -> bytes:
    """Returns the whole answer.

    Args:
        response: the open answer.
        deadline: on ``time.monotonic``'s clock.
        max_bytes: of the answer.
        what: names the answer in an error.

    Raises:
        AnswerLimitError: it is larger than that, or not there by then.
    """
    data = b""
    while chunk := response.read1(_CHUNK_BYTES):
        data += chunk
        if len(data) > max_bytes:
            raise AnswerLimitError(f"{what} has more than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise AnswerLimitError(f"{what} came too slowly")
    return data
