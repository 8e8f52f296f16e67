"""A limit on the time that one package may take, whatever it holds.

semgrep is a child with a limit of its own; the detectors run in this process, in time
that the package's size bounds. This is the limit behind those, so that a scan of many
packages goes on after one that somebody made to hang it. It works by the alarm signal:
on systems without one, and outside the main thread, the other limits stand alone.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tank_core.analysis.scanner import ScannerError


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Runs its body, and breaks it off when the time is over.

    Raises:
        ScannerError: the body took longer.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise ScannerError(f"the analysis took longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
