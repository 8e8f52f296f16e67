"""One file of a package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """A regular file: nothing else exists in a package.

    Attributes:
        path: relative, ``/``-separated, as ``paths.check_path`` accepts it.
        data: the whole contents.
        executable: mode 0755 when true, 0644 when not.
    """

    path: str
    data: bytes
    executable: bool = False
