"""Signs again, in time, what readers would otherwise see expire."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.adapters.tuf.writer import TufIndexWriter

_EVERY_SECONDS = 900.0  # a timestamp lives for a day and is signed again after half of it


@contextmanager
def signing_in_time(writer: TufIndexWriter) -> Iterator[None]:
    """Signs what is due at once, which also finishes what a crash left, and then by a thread until the block ends."""
    stopping = threading.Event()
    _sign(writer)
    thread = threading.Thread(target=_run, args=(writer, stopping), daemon=True, name="index-timer")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _run(writer: TufIndexWriter, stopping: threading.Event) -> None:
    while not stopping.wait(_EVERY_SECONDS):
        _sign(writer)


def _sign(writer: TufIndexWriter) -> None:
    try:
        writer.resign()
    except Exception:
        # The outermost edge of a thread that must outlive a full disk. The operator reads it;
        # clients refuse an index that nobody signs any more.
        traceback.print_exc(file=sys.stderr)
