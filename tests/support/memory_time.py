"""A clock that a test moves, ids that count, and rate limits over them."""

from __future__ import annotations

import hashlib
import itertools
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.ports.rate_limits import Allowance
from tests.support.memory_state import MemoryState

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(slots=True)
class MemoryClock:
    at: int = 1_750_000_000

    def now(self) -> int:
        return self.at

    def move(self, seconds: int) -> None:
        self.at += seconds


@dataclass(slots=True)
class MemoryIds:
    """Ids in the order made; secrets of the right shape and no entropy: for tests only."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_id(self) -> str:
        number, digits = next(self.numbers), ""
        for _ in range(26):
            number, rest = divmod(number, 32)
            digits = _CROCKFORD[rest] + digits
        return digits

    def new_secret(self) -> str:
        digest = hashlib.sha256(str(next(self.numbers)).encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(slots=True)
class MemoryRateLimits:
    state: MemoryState
    counts: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def take(self, caller: str, *, limit: int, window_seconds: int, now: int) -> Allowance:
        with self.state.lock:
            key = (caller, window_seconds, now // window_seconds)
            self.counts[key] = self.counts.get(key, 0) + 1
            used = self.counts[key]
        reset = window_seconds - now % window_seconds
        return Allowance(limit, max(0, limit - used), reset, used <= limit)
