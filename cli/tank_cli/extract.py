"""Writing a package's files below a new directory. Nothing else in Tank writes what a package holds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli.atomic import naming

if TYPE_CHECKING:
    from tank_core.archive import ArchiveEntry


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def extract(entries: Iterable[ArchiveEntry], target: Path, *, writable: bool = True) -> None:
    """Writes files below a directory that must not exist yet.

    The entries come from ``read_archive``, which has refused every path that could
    leave the directory; files are still created exclusively, so that no link can
    be written through.

    Args:
        entries: the files of one package.
        target: the directory to make.
        writable: whether its owner may change the files.

    Raises:
        FileExistsError: the directory exists.
    """
    target.mkdir(parents=True)
    below, made = f"{target}{os.sep}", {""}
    plain, runnable = (0o644, 0o755) if writable else (0o444, 0o555)
    for entry in entries:
        folder = entry.path.rpartition("/")[0]
        if folder not in made:
            os.makedirs(below + folder, exist_ok=True)
            made.add(folder)
        path = below + entry.path
        descriptor = os.open(path, _NEW, runnable if entry.executable else plain)
        try:
            with naming(path):
                _write_all(descriptor, entry.data)
        finally:
            os.close(descriptor)
        if entry.executable:
            os.chmod(path, runnable)  # a strict umask must not change the tree hash


def _write_all(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    while written < len(data):  # a disk that is nearly full, or a signal
        written += os.write(descriptor, memoryview(data)[written:])
