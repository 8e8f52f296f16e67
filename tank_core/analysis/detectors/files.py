"""Facts about files as such: programs and archives by content, and what was not fully read."""

from __future__ import annotations

import re
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


def disguised_programs(package: Package) -> Iterator[Hit]:
    """Yields programs under a name that says that they are something else."""
    for entry in package.entries:
        kind = executable_kind(entry.path, entry.data)
        if kind.endswith(_RUNNABLE) and _DISGUISE.search(entry.path):
            yield Hit(entry.path, 0, f"{kind} under the name {entry.path.rsplit('/', 1)[-1]}")


_RUNNABLE = ("program or library", "program", "module")
_DISGUISE = re.compile(
    r"(?i)\.(?:png|jpe?g|gif|webp|svg|bmp|ico|pdf|txt|md|csv|json|ya?ml|toml|xml|html?|css|log|dat|db|ttf|woff2?|"
    r"mp[34]|docx?|xlsx?)$"
)


def unread(package: Package) -> Iterator[Hit]:
    """Yields what was not fully analysed, with the reason."""
    for path, reason in package.unread:
        yield Hit(path, 0, reason)
