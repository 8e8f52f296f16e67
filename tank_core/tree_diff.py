"""The difference of two packages: files added, removed and modified, each with its lines.

A file is text when it is UTF-8 without NUL; anything else is named, with its sizes. A
file that moved is one removed and one added: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tank_core.archive import ArchiveEntry
from tank_core.line_diff import lines_of, unified

_NOTHING = "/dev/null"


class Change(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that is not the same in both packages.

    Attributes:
        old_size: in bytes; None when it was not there. ``new_size`` likewise.
        mode_change: such as ``executable now``; "" when the mode is the same.
        added: lines put in; ``removed`` those taken out. Both 0 for a binary file.
        lines: the unified diff without its header; empty for a binary file.
    """

    path: str
    change: Change
    old_size: int | None
    new_size: int | None
    is_binary: bool
    mode_change: str
    added: int
    removed: int
    lines: tuple[str, ...]

    def unified(self) -> Iterator[str]:
        """Yields the file's part of a unified diff, as lines without line feeds."""
        if self.is_binary:
            yield f"Binary file {self.path} {self.change}: {self.sizes}"
            return
        if self.mode_change:
            yield f"{self.path}: {self.mode_change}"
        if self.lines:
            yield f"--- {_NOTHING if self.old_size is None else f'a/{self.path}'}"
            yield f"+++ {_NOTHING if self.new_size is None else f'b/{self.path}'}"
            yield from self.lines

    @property
    def sizes(self) -> str:
        """Both sizes, as people read them."""
        known = [f"{size} bytes" for size in (self.old_size, self.new_size) if size is not None]
        return " → ".join(known)

    def to_json(self, *, has_lines: bool) -> dict[str, object]:
        """Returns the change as a JSON object; ``has_lines``: with its unified diff."""
        stated: dict[str, object] = {
            "path": self.path,
            "change": str(self.change),
            "old_size": self.old_size,
            "new_size": self.new_size,
            "binary": self.is_binary,
            "mode_change": self.mode_change,
            "added": self.added,
            "removed": self.removed,
        }
        return {**stated, "diff": "".join(f"{line}\n" for line in self.unified())} if has_lines else stated


def file_changes(old: Iterable[ArchiveEntry], new: Iterable[ArchiveEntry]) -> tuple[FileChange, ...]:
    """Returns the files that differ, sorted by path.

    Args:
        old: all files of a package, in any order.
        new: those of the other one.
    """
    before = {entry.path: entry for entry in old}
    after = {entry.path: entry for entry in new}
    paths = sorted(before.keys() | after.keys(), key=str.encode)
    return tuple(
        _change(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    )


def _change(path: str, old: ArchiveEntry | None, new: ArchiveEntry | None) -> FileChange:
    before, after = _text(old), _text(new)
    is_binary = before is None or after is None
    lines = () if before is None or after is None else tuple(unified(lines_of(before), lines_of(after)))
    return FileChange(
        path,
        Change.ADDED if old is None else Change.REMOVED if new is None else Change.MODIFIED,
        None if old is None else len(old.data),
        None if new is None else len(new.data),
        is_binary,
        _mode_change(old, new),
        sum(line.startswith("+") for line in lines),
        sum(line.startswith("-") for line in lines),
        lines,
    )


def _text(entry: ArchiveEntry | None) -> str | None:
    """Returns a file's text; None for a binary file, "" for one that is not there."""
    if entry is None:
        return ""
    try:
        return None if b"\0" in entry.data else entry.data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _mode_change(old: ArchiveEntry | None, new: ArchiveEntry | None) -> str:
    if new is None or (old is not None and old.executable == new.executable):
        return ""
    if old is None:
        return "executable" * new.executable
    return "executable now" if new.executable else "not executable any more"
