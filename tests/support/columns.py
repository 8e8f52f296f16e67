"""What does not fit a terminal of 80 columns."""

from __future__ import annotations

_COLUMNS = 80


def too_wide(text: str) -> list[str]:
    """Returns the lines of a text that are wider than a terminal; one that is a single word may be."""
    return [line for line in text.splitlines() if len(line) > _COLUMNS and " " in line.strip()]
