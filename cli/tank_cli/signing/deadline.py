"""A bound on calls that have none of their own.

sigstore-python sends its requests to the certificate authority and to the log
without a timeout, and waits for a browser for ever. The call runs on a daemon
thread, so that giving up neither waits for it nor keeps the process alive.

Source: sigstore-python 4.5.1, ``_internal/fulcio/client.py``, ``_internal/rekor/client_v2.py``
and ``oidc.py``; this module can go when all three take a timeout.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """Returns what a call returns, and raises what it raises.

    Args:
        seconds: how long to wait.
        call: takes no arguments; when it is late it goes on, unobserved, until the process ends.

    Raises:
        TimeoutError: it has not ended in time.
    """
    outcome = _Outcome(call)
    thread = threading.Thread(target=outcome.run, name="tank-signing", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return outcome.result()


class _Outcome(Generic[T]):
    """What became of a call on another thread."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._values: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._values.append(self._call())
        except BaseException as error:  # carried to the thread that asked
            self._error = error

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._values[0]
