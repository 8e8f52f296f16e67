"""A scanner kept warm in a process of its own: one folder per line in, one JSON line out.

Imports the standard library alone, because it runs in the peer's environment too. Both
scanners are timed by this code, reading the files included.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path


def serve(scan: Callable[[Path], Mapping[str, object]]) -> None:
    """Answers each line of standard input until it ends.

    Args:
        scan: takes the folder of a skill, returns ``blocked``, ``flagged`` and ``medium``.
    """
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # whatever a scanner prints is no answer
        for line in sys.stdin:
            _reset_peak()
            started = time.perf_counter()
            try:
                found = dict(scan(Path(line.rstrip("\n"))))
            except Exception as error:  # a scanner that fails on one skill has an answer for it: none
                found = {"error": f"{type(error).__name__}: {error}"[:300]}
            found["seconds"] = time.perf_counter() - started
            found["peak_bytes"] = _peak_bytes()
            answers.write(json.dumps(found) + "\n")
            answers.flush()


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    """Returns the peak of this process since the reset, of its largest ended child, and of those that run."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    running = sum(_high_water_kib(child) for child in _children())
    return (_high_water_kib("self") + ended + running) * 1024


def _children() -> list[str]:
    return [
        pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
    ]


def _high_water_kib(pid: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)
