"""The port that counts requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller has left in the present window."""

    limit: int
    remaining: int  # 0 and ``allowed`` False: refuse
    reset_seconds: int
    allowed: bool


class RateLimits(Protocol):
    """Counts requests per caller in fixed windows."""

    def take(self, caller: str, *, limit: int, window_seconds: int, now: int) -> Allowance:
        """Counts one request of a caller and returns what is left."""
        ...
