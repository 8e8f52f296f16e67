"""Reading a project that anybody may have made: its files can be links to anything.

A checkout can hold a link to a device that never ends, an archive a pipe that nobody
writes to. What Tank reads of a project is a regular file of a bounded size, and what
it writes to does not lead out of the project.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tank_core.errors import TankError

MAX_FILE_BYTES = 64 * 1024 * 1024  # far above the largest lock, whose own limit gives the better words


class UnsafeProjectError(TankError):
    """A file or a directory of the project leads where no project leads, or has no end."""

    code = "unsafe-project"


def read_file(path: Path) -> bytes:
    """Returns the content of a file of the project.

    Raises:
        FileNotFoundError: there is none.
        UnsafeProjectError: unsafe-project; it is no regular file, or larger than any of a project.
    """
    # A pipe would wait for a writer before anybody could see what it is.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unsafe(f"{path} is no regular file.", "Reading it might never end.", path)
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise _unsafe(f"{path} is larger than {MAX_FILE_BYTES} bytes.", "No file of Tank's is.", path)
    return data


def real_path(path: Path) -> Path:
    """Returns where a path leads. Unlike ``Path.resolve``, over a link in a circle too, as a checkout can hold."""
    return Path(os.path.realpath(path))


def refuse_links(root: Path) -> None:
    """Refuses a project whose own directories lead elsewhere, as only a hostile checkout has them.

    Raises:
        UnsafeProjectError: unsafe-project.
    """
    for path in (root / ".tank", root / ".tank" / "skills", root / ".tank" / "tmp"):
        if path.is_symlink():
            raise _unsafe(f"{path} is a link.", "Tank would write to wherever it leads.", path)


def _unsafe(what: str, why: str, path: Path) -> UnsafeProjectError:
    return UnsafeProjectError(what, why=why, fix=f"Remove it if you did not make it: rm {path}")
