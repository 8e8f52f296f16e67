"""The operating system's clock and randomness, as the clock and id ports.

Used by every deployment: nothing here belongs to a cloud or to one machine.

Source: the ULID specification (github.com/ulid/spec), with lower-case letters.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_ID_CHARACTERS = 26
_SECRET_BYTES = 32


class SystemClock:
    """Wall-clock seconds that never go backwards within this process."""

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._latest = 0

    def now(self) -> int:
        """Returns whole seconds since the epoch, or the last answer when the wall clock was set back."""
        with self._lock:
            self._latest = max(self._latest, int(self._read()))
            return self._latest


class SystemIds:
    """ULIDs that sort by the time made, within a millisecond too, and secrets from the system's source."""

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._latest = 0

    def new_id(self) -> str:
        """Returns a lower-case ULID greater than every one this process made before."""
        with self._lock:
            fresh = int(self._read() * 1000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
            # Within one millisecond, and when the wall clock is set back, the next
            # number keeps the order; the specification's monotonic mode.
            self._latest = fresh if fresh > self._latest else self._latest + 1
            return _base32(self._latest)

    def new_secret(self) -> str:
        """Returns 43 URL-safe characters, 256 bits of entropy."""
        return secrets.token_urlsafe(_SECRET_BYTES)


def _base32(number: int) -> str:
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(5 * (_ID_CHARACTERS - 1), -1, -5))
