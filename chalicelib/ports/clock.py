"""The clock port."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Returns whole seconds since the Unix epoch, UTC; never goes backwards within a process."""
        ...
