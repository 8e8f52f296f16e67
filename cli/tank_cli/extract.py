"""Writing a package's files below a new directory. Nothing else in Tank writes what a package holds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tank_core.archive import ArchiveEntry


def extract(entries: Iterable[ArchiveEntry], target: Path) -> None:
    """Writes files below a directory that must not exist yet.

    The entries come from ``read_archive``, which has refused every path that could
    leave the directory; files are still created exclusively, so that no link can
    be written through.

    Args:
        entries: the files of one package.
        target: the directory to make.

    Raises:
        FileExistsError: the directory exists.
    """
    target.mkdir(parents=True)
    made = {target}
    for entry in entries:
        path = target / entry.path
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755 if entry.executable else 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(entry.data)
        if entry.executable:
            path.chmod(0o755)  # a strict umask must not change the tree hash
