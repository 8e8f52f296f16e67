"""The line that tells a person at a terminal how far a download is: how many, how much, how fast.

It is rewritten some times a second and gone when the work is done. Without a terminal
nothing is written, whatever is reported here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tank_cli import render
from tank_cli.console import Console

_PAUSE_SECONDS = 0.1  # between two lines: more often nobody can read, and each costs a write
_SETTLED_SECONDS = 0.5  # a rate over less is noise


class Downloads:
    """The progress of one download of several skills; safe to report to from several threads.

    Args:
        console: where the line goes.
        count: how many skills are downloaded.
        size_bytes: how large their archives are together.
        clock: seconds that only grow.
    """

    def __init__(
        self, console: Console, count: int, size_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._count = count
        self._size_bytes = size_bytes
        self._clock = clock
        self._began = clock()
        self._shown: float | None = None
        self._received = 0
        self._done = 0
        self._lock = threading.Lock()

    def received(self, size_bytes: int) -> None:
        """Reports bytes that arrived; fewer than none when an attempt began anew."""
        with self._lock:
            self._received += size_bytes
            self._show()

    def finished(self) -> None:
        """Reports that a skill is complete and verified."""
        with self._lock:
            self._done += 1
            self._show()

    def line(self) -> str:
        """Returns what there is to say now."""
        seconds = self._clock() - self._began
        total = max(self._size_bytes, self._received)  # signatures come on top of the archives
        parts = [
            f"Downloading {self._count} skill{'s' * (self._count != 1)}: {self._done} done",
            f"{render.size(self._received)} of {render.size(total)}",
        ]
        if seconds >= _SETTLED_SECONDS:
            parts.append(f"{render.size(int(self._received / seconds))}/s")
        return ", ".join(parts)

    def _show(self) -> None:
        now = self._clock()
        if self._shown is None or now - self._shown >= _PAUSE_SECONDS:
            self._shown = now
            self._console.progress(self.line())
