"""Facts about files as such: programs and archives by content, and what was not fully read."""

from __future__ import annotations

from collections.abc import Iterator

from tank_core.analysis.content import executable_kind
from tank_core.analysis.detectors.hit import Hit
from tank_core.analysis.package import Package


def programs(package: Package) -> Iterator[Hit]:
    """Yields files that hold compiled programs or archives, whatever their name."""
    for entry in package.entries:
        kind = executable_kind(entry.path, entry.data)
        if kind:
            yield Hit(entry.path, 0, kind)


def unread(package: Package) -> Iterator[Hit]:
    """Yields what was not fully analysed, with the reason."""
    for path, reason in package.unread:
        yield Hit(path, 0, reason)
