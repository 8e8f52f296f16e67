"""Results as text: aligned columns, one fact per line, nothing that moves the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tank_cli.console import printable
from tank_cli.folding import WIDTH, wrapped
from tank_core.permissions import PermissionSet, entries

if TYPE_CHECKING:
    from tank_core.findings import Finding

_GAP = "  "
_KIB = 1024
_ROOM = WIDTH - 4  # so that a table fits a section of a section


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Returns rows as lines with aligned columns; a wide last column goes on below its start."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    widths[-1] = 0
    start = sum(widths) + len(_GAP) * (len(widths) - 1)
    return [line for row in cells for line in _row(row, widths, start)]


def _row(row: Sequence[str], widths: Sequence[int], start: int) -> Iterator[str]:
    """Yields a row as lines; one whose last cell has no place beside the others is left to the console."""
    line = _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(line) <= _ROOM or start > _ROOM // 2:
        yield line
        return
    first, *rest = wrapped(row[-1], following=" " * start, width=_ROOM, before=" " * start)
    yield line[:start] + first[start:]
    yield from rest


def pairs(facts: Sequence[tuple[str, str]]) -> list[str]:
    """Returns labelled facts, one per line, the labels aligned."""
    return table([(label + ":", text) for label, text in facts])


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yields a titled, indented block; nothing when it is empty."""
    listed = list(lines)
    if listed:
        yield ""
        yield f"{title}:"
        for line in listed:
            yield f"  {printable(line)}"


def permissions(wanted: PermissionSet) -> list[str]:
    """Returns one line per permission: its type and its value."""
    return table([(str(entry.type), entry.value) for entry in entries(wanted)])


def finding(found: Finding) -> Iterator[str]:
    """Yields one finding: where, what, the evidence, why it matters, how to mend it."""
    place = f"{found.file}:{found.line}" if found.line else found.file
    yield printable(f"{place}  {found.severity.label}  {found.rule_id}  {found.title}")
    if found.evidence:
        yield printable(f"    {found.evidence}")
    yield printable(f"    why: {found.why}")
    yield printable(f"    fix: {found.fix}")


def score(value: float | None) -> str:
    """Returns an audit score; a version that was not scanned has none, which is not a zero."""
    return "unscanned" if value is None else f"{value:.1f}"


def day(seconds: int | None) -> str:
    """Returns the day of a time in seconds since the epoch, in UTC; "" for none."""
    return "" if seconds is None else _in_utc(seconds, "%Y-%m-%d")


def minute(seconds: int) -> str:
    """Returns a time in seconds since the epoch, to the minute, in UTC."""
    return _in_utc(seconds, "%Y-%m-%d %H:%M UTC")


def second(seconds: int) -> str:
    """Returns a time in seconds since the epoch, in UTC."""
    return _in_utc(seconds, "%Y-%m-%d %H:%M:%S UTC")


def _in_utc(seconds: int, form: str) -> str:
    """Returns a time that somebody else wrote down, which need not be one of any calendar."""
    from datetime import UTC, datetime  # an install shows no time

    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return "at no time"


def size(size_bytes: int) -> str:
    """Returns a size as people read it."""
    if size_bytes < _KIB:
        return f"{size_bytes} B"
    if size_bytes < _KIB * _KIB:
        return f"{size_bytes / _KIB:.1f} KiB"
    return f"{size_bytes / (_KIB * _KIB):.1f} MiB"
