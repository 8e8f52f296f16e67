"""What the machine below refuses, by its number: why, and what a person can do about it.

None of it is a defect of Tank. What is not listed nobody foresaw, and is told as that.

Source: errno(3).
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from tank_cli.failures import SystemRefusedError

_ELSEWHERE = "TANK_HOME moves what Tank keeps of its own elsewhere."


@dataclass(frozen=True, slots=True)
class _Kind:
    numbers: frozenset[int]
    why: str
    fix: str


_KINDS = (
    _Kind(
        frozenset({errno.EACCES, errno.EPERM, errno.EROFS}),
        "It allows you no access.",
        f"Give yourself the right to it; {_ELSEWHERE}",
    ),
    _Kind(
        frozenset({errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.EISDIR}),
        "Something of another kind is in the way.",
        f"Move it away; {_ELSEWHERE}",
    ),
    _Kind(
        frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG}),
        "There is no room left, or a limit for it.",
        "Make room, then run the command again; nothing is half-written.",
    ),
    _Kind(
        frozenset({errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ETIMEDOUT}),
        "The disk, or the line to it, does not work as it should.",
        f"Look after the disk, then run the command again; {_ELSEWHERE}",
    ),
    _Kind(
        frozenset({errno.EMFILE, errno.ENFILE}),
        "More files are open than are allowed at once.",
        "Allow more, then run the command again: ulimit -n 1024",
    ),
    _Kind(
        frozenset({errno.ENAMETOOLONG}),
        "Its name is longer than the file system takes.",
        f"Work in a folder with a shorter path; {_ELSEWHERE}",
    ),
    _Kind(
        frozenset({errno.EBUSY, errno.ETXTBSY}),
        "Another program uses it.",
        f"End that program, then run the command again; {_ELSEWHERE}",
    ),
    _Kind(
        frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}),
        "Its file system lacks something that is needed there, such as locks.",
        f"Use a folder on another one; {_ELSEWHERE}",
    ),
    _Kind(
        frozenset({errno.ENOMEM}),
        "There is not enough memory, or a limit for it.",
        "End other programs or raise the limit, then run the command again.",
    ),
    _Kind(
        frozenset({errno.EAGAIN}),
        "More threads or processes run than are allowed at once.",
        "Allow more, by ulimit -u or in the container's limits; then run the command again.",
    ),
)


def system_refused(error: Exception) -> SystemRefusedError | None:
    """Returns the error for what is no defect of ours, and a person can put right; None for anything else."""
    number = _number(error)
    kind = next((kind for kind in _KINDS if number in kind.numbers), None)
    if kind is None:
        return None
    if not isinstance(error, OSError):
        return SystemRefusedError(f"The system refuses: {os.strerror(number)}.", why=kind.why, fix=kind.fix)
    where = f" {error.filename}" if error.filename else ""
    return SystemRefusedError(
        f"The system refuses to read or write{where}: {error.strerror}.", why=kind.why, fix=kind.fix
    )


def _number(error: Exception) -> int:
    """Returns the number of what was refused; Python has two refusals that carry none. 0 for anything else."""
    if isinstance(error, OSError):
        return error.errno or 0
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    is_thread = isinstance(error, RuntimeError) and "can't start new thread" in str(error)
    return errno.EAGAIN if is_thread else 0
