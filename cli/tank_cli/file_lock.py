"""The system's lock on a file, which ends with the process that holds it, however that ends."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from tank_cli import atomic
from tank_core.errors import TankError

_PAUSE_SECONDS = 0.02
_HELD = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})  # EDEADLK: Windows


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
    atomic.make_folder(path.parent)
    give_up_at = clock() + seconds
    with path.open("ab") as handle:
        while not try_lock(handle):
            if clock() > give_up_at:
                raise LockTimeoutError(
                    f"Another tank holds {path}.",
                    why=f"It did not let go of it within {seconds:g} seconds.",
                    fix="Wait for it to end, or end it; then run the command again.",
                )
            sleep(_PAUSE_SECONDS)
        yield


@contextlib.contextmanager
def holding_folder(folder: Path) -> Iterator[bool]:
    """Holds the lock on a folder itself, which leaves nothing in it; False when somebody has it.

    True as well where there is no such lock: on Windows, on file systems such as NFS that lock only
    what is open for writing, and for a folder that is not there.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        yield True
        return
    try:
        yield not _is_held(descriptor)
    finally:
        os.close(descriptor)


def _is_held(descriptor: int) -> bool:
    """Takes the lock on a folder; returns whether somebody has it."""
    if os.name == "nt":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def try_lock(handle: BinaryIO) -> bool:
    """Takes the lock on an open file; False when somebody has it.

    Raises:
        OSError: there are no locks on its file system, which is no reason to wait for anybody.
    """
    descriptor = handle.fileno()
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        error.filename = handle.name
        raise
    return True
