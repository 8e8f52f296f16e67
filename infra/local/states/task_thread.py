"""Runs one call at a time in a thread that can be given up.

Python cannot stop a thread. A call past its time is abandoned: it may still end,
its result goes nowhere, and a fresh thread takes the next call. Every stage may
run twice, so what an abandoned one still writes does no harm.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

R = TypeVar("R")


class TooLate(Exception):
    """The call did not end in time."""


class _Call(Generic[R]):
    def __init__(self, function: Callable[[], R]) -> None:
        self._function = function
        self._ended = threading.Event()
        self._result: R
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as exc:  # it belongs to the caller, whatever it is
            self._error = exc
        self._ended.set()

    def result(self, seconds: float) -> R:
        if not self._ended.wait(seconds):
            raise TooLate
        if self._error is not None:
            raise self._error
        return self._result


class TaskThread:
    """A thread for calls that have a time limit; made anew after each one that was abandoned."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[_Call[object] | None] | None = None

    def call(self, function: Callable[[], object], seconds: float) -> object:
        """Returns what the function returns, or raises what it raises.

        Raises:
            TooLate: it did not end within that many seconds.
        """
        if self._calls is None:
            self._calls = queue.SimpleQueue()
            threading.Thread(target=_serve, args=(self._calls,), daemon=True, name="task").start()
        call = _Call(function)
        self._calls.put(call)
        try:
            return call.result(seconds)
        except TooLate:
            self.close()
            raise

    def close(self) -> None:
        """Lets the thread end after the call it is in."""
        if self._calls is not None:
            self._calls.put(None)
            self._calls = None


def _serve(calls: queue.SimpleQueue[_Call[object] | None]) -> None:
    while (call := calls.get()) is not None:
        call.run()
