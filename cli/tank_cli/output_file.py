"""A file that a person names with ``--output``: written whole or not at all, into a folder that is there.

No folder is made for it: one that is missing is more often misspelt than wanted. It is
asked for before the work, so that nobody waits for a report that has no place.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from tank_cli import atomic
from tank_core.errors import TankError


class OutputNotWritableError(TankError):
    """A file that was asked for cannot be written."""

    code = "output-not-writable"


def check_folder(place: Path) -> None:
    """Refuses a file whose folder is not there.

    Raises:
        OutputNotWritableError: output-not-writable.
    """
    folder = place.parent
    if not folder.is_dir():
        raise OutputNotWritableError(
            f"There is no folder {folder} to write {place.name} into.",
            why="None is made, because a folder that is missing may be misspelt.",
            fix=f"mkdir -p {shlex.quote(str(folder))}, or name another file with --output.",
        )


def write(place: Path, data: bytes) -> None:
    """Writes a file; a device or a pipe, such as /dev/stdout, is written to and not replaced.

    Raises:
        OutputNotWritableError: output-not-writable.
    """
    check_folder(place)
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(data)
        else:
            atomic.write(place, data)
    except BrokenPipeError:  # its reader went away, which is no fault of the file
        raise
    except OSError as error:
        raise not_writable(place, error) from error


def not_writable(place: Path, error: OSError) -> OutputNotWritableError:
    """Returns the error for a file that cannot be written."""
    return OutputNotWritableError(
        f"{place} cannot be written: {error.strerror or error}.",
        why="It is written beside its final name first, then renamed.",
        fix="Name another file with --output.",
    )
