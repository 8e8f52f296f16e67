"""Text for 80 columns: lines fold at their blanks, and a word that is longer stands alone.

The width is the same on every terminal and in every log, so that the same result
reads the same everywhere. Programs read ``--json``, which is never folded.
"""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 80
_STEP = "  "


def folded(text: str, *, taken: int = 0) -> Iterator[str]:
    """Yields text as lines of at most ``WIDTH`` columns, a line that is one word excepted.

    What goes on from a line is indented two columns deeper than it, so that the start of
    every line of the text stays visible. Digests, addresses and paths stay whole.

    Args:
        text: one or several lines.
        taken: columns that stand before the first line.
    """
    for line in text.split("\n"):
        yield from _folded_line(line, taken)
        taken = 0


def _folded_line(line: str, taken: int) -> Iterator[str]:
    if taken + len(line) <= WIDTH:
        yield line
        return
    words = line.lstrip(" ")
    indent = " " * (len(line) - len(words))
    first, *rest = wrapped(words, before=" " * taken + indent, following=indent + _STEP) or [" " * taken]
    yield first[taken:]
    yield from rest


def wrapped(text: str, *, before: str = "", following: str = "", width: int = WIDTH) -> list[str]:
    """Returns text as lines, broken at blanks only.

    Args:
        text: without line breaks.
        before: what stands before the first line.
        following: what stands before every other line.
        width: of a line, in columns.
    """
    import textwrap  # most lines are short

    return textwrap.wrap(
        text,
        width,
        initial_indent=before,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
