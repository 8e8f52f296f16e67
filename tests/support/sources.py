"""What a package is taken apart into, in a form that tests can compare."""

from __future__ import annotations

from collections.abc import Mapping

from tank_core.analysis.package import Package, take_apart
from tank_core.analysis.source import Language
from tank_core.archive import ArchiveEntry

Found = tuple[int, Language, str, str]


def package_of(path: str, content: str | bytes) -> Package:
    """Returns the package that holds one file."""
    data = content.encode() if isinstance(content, str) else content
    return take_apart([ArchiveEntry(path, data, False)])


def package_with(files: Mapping[str, str]) -> Package:
    """Returns the package that holds these files, path → text."""
    return take_apart([ArchiveEntry(path, text.encode(), False) for path, text in files.items()])


def within(path: str, content: str | bytes) -> list[Found]:
    """Returns (line, language, text, provenance) of every source but the file itself."""
    sources = package_of(path, content).sources
    return [(s.first_line, s.language, s.text, s.provenance) for s in sources if not s.is_whole_file]


def found(path: str, content: str | bytes, how: str) -> list[tuple[int, str]]:
    """Returns (line, text) of every source with exactly this provenance."""
    return [(line, text) for line, _, text, provenance in within(path, content) if provenance == how]
