"""A package taken apart into the sources that the rules look at.

Every file that ships is looked at, whatever its name; no file in the package can
take another one out. What is not looked at for its size is listed, and the engine
makes a finding of it. How a file is taken apart is decided in ``reading``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tank_core.analysis.bounds import MAX_CODE, MAX_PACKAGE_TEXT, MAX_TEXT
from tank_core.analysis.reading import Reading
from tank_core.analysis.source import Source
from tank_core.archive import ArchiveEntry

__all__ = ["MAX_CODE", "MAX_PACKAGE_TEXT", "MAX_TEXT", "Package", "take_apart"]


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: what is derived from one is cached
class Package:
    """What detectors see.

    Attributes:
        entries: the files as they ship, sorted by path.
        sources: every text to analyse; outer texts before the layers within them.
        unread: (file, reason) of what was not fully analysed.
    """

    entries: tuple[ArchiveEntry, ...]
    sources: tuple[Source, ...]
    unread: tuple[tuple[str, str], ...] = ()


def take_apart(entries: Sequence[ArchiveEntry]) -> Package:
    """Returns the package with all its sources, in a fixed order."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.path))
    reading = Reading()
    for entry in ordered:
        reading.add_file(entry.path, entry.data)
    reading.finish()
    unread = tuple(dict.fromkeys(reading.unread))
    return Package(ordered, tuple(dict.fromkeys(reading.sources)), unread)
