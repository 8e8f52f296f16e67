"""Limits of a child process that reads hostile bytes, and its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

if sys.platform == "linux":
    import resource


def limit(pid: int, *, memory_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Limits a child that was just started; where the system cannot (not Linux), the clock alone bounds it.

    Set from outside right after the start: ``preexec_fn`` is unsafe where the parent has threads.
    """
    if sys.platform == "linux":
        for kind, value in (
            (resource.RLIMIT_AS, memory_bytes),
            (resource.RLIMIT_CPU, cpu_seconds),
            (resource.RLIMIT_FSIZE, file_bytes),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ProcessLookupError):
                _lower(pid, kind, value)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ends the child's whole process group, if anything of it is left, and reaps it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _lower(pid: int, kind: int, value: int) -> None:
    """Sets a limit of the child, or leaves a tighter one: raising what was inherited is not allowed."""
    _, inherited = resource.prlimit(pid, kind)
    tighter = value if inherited == resource.RLIM_INFINITY else min(value, inherited)
    resource.prlimit(pid, kind, (tighter, tighter))
