"""``tank --help``, from the table alone: the same text that click would print, without importing it."""

from __future__ import annotations

import os

from tank_cli.table import GROUPS, Entry

ABOUT = "The package manager for AI agent skills."
EPILOG = "Run `tank COMMAND --help` for an example of each. Exit codes: docs/cli.md."
_OPTIONS = (("--version", "Show the version and exit."), ("-h, --help", "Show this message and exit."))
_WIDEST = 80  # as click's
_GAP = 2


def lines(columns: int | None = None) -> list[str] | None:
    """Returns the lines; None where something would have to be folded, which click does.

    Args:
        columns: of the terminal; those of the real one by default.
    """
    width = min(_WIDEST, columns or _columns()) - 2
    shown = ["Usage: tank [OPTIONS] COMMAND [ARGS]...", "", f"  {ABOUT}", ""]
    sections = (("Options", _OPTIONS), *((title, _rows(entries)) for title, entries in GROUPS))
    for title, rows in sections:
        widest = max(len(name) for name, _ in rows) + _GAP
        shown += [f"{title}:", *(f"  {name:<{widest}}{text}" for name, text in rows), ""]
    shown.append(f"  {EPILOG}")
    return shown if all(len(line) <= width for line in shown) else None


def _rows(entries: tuple[Entry, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((entry.name, entry.help) for entry in entries)


def _columns() -> int:
    if columns := os.environ.get("COLUMNS", ""):
        return int(columns) if columns.isdigit() and int(columns) > 0 else _WIDEST
    try:
        return os.get_terminal_size(1).columns or _WIDEST
    except (OSError, ValueError):
        return _WIDEST
