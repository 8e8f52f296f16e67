"""The system's lock on a file, which ends with the process that holds it, however that ends."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tank_core.errors import TankError

_PAUSE_SECONDS = 0.02


class LockTimeoutError(TankError):
    """Another ``tank`` held a lock for too long."""

    code = "lock-timeout"


@contextlib.contextmanager
def waiting_for(
    path: Path,
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Holds the lock on a file, which is made when it is not there.

    Args:
        path: the file; it is never removed, because another process may be waiting for it.
        seconds: how long to wait for whoever holds it.
        clock: seconds that only grow.
        sleep: waits a number of seconds.

    Raises:
        LockTimeoutError: lock-timeout.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    give_up_at = clock() + seconds
    with path.open("ab") as handle:
        while not try_lock(handle.fileno()):
            if clock() > give_up_at:
                raise LockTimeoutError(
                    f"Another tank holds {path}.",
                    why=f"It did not let go of it within {seconds:g} seconds.",
                    fix="Wait for it to end, or end it; then run the command again.",
                )
            sleep(_PAUSE_SECONDS)
        yield


def try_lock(descriptor: int) -> bool:
    """Takes the lock on an open file; False when somebody has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
