"""The difference of two texts, line by line, as a unified diff; the same on every machine, and in bounded time.

The shortest script is found with Myers' greedy algorithm, whose work grows with the
number of differences. Past ``MAX_CHANGES`` of them nobody reads a diff as one, and the
search stops: the lines between the common start and the common end are then told as
taken out and put in. Whoever publishes a package writes both texts, and must not decide
how long a reader waits.

Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986);
POSIX.1-2017, diff, "Diff -u Output Format".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_CHANGES = 800  # lines taken out and put in; the memory of the search is its square
_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of lines that both texts have (" "), or that only the old ("-") or the new one ("+") has.

    Attributes:
        old: where it starts in the old text, from 0; ``new`` in the new one.
        length: how many lines.
    """

    sign: str
    old: int
    new: int
    length: int


def lines_of(text: str) -> list[str]:
    """Returns a text as lines with their line feeds; nothing but a line feed ends a line."""
    parts = text.split("\n")
    lines = [f"{part}\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Returns what makes the new text of the old one, in order, without gaps; what is taken out comes first."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    signs = _script(before, after)
    if signs is None:
        signs = "-" * len(before) + "+" * len(after)
    return _runs(" " * start + signs + " " * end)


def unified(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Yields a unified diff without its file header: lines without line feeds; nothing for equal texts."""
    for hunk in _hunks(edits(old, new)):
        yield _head(hunk)
        for edit in hunk:
            source, first = (new, edit.new) if edit.sign == "+" else (old, edit.old)
            for line in source[first : first + edit.length]:
                yield edit.sign + line.removesuffix("\n")
                if not line.endswith("\n"):
                    yield _NO_NEWLINE


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Returns how many lines are the same at the start."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _script(old: Sequence[str], new: Sequence[str]) -> str | None:
    """Returns the shortest script as one sign per line; None when it is longer than ``MAX_CHANGES``."""
    reached = {1: 0}  # per diagonal, how far into the old text
    trail: list[dict[int, int]] = []
    for changes in range(min(MAX_CHANGES, len(old) + len(new)) + 1):
        trail.append(dict(reached))
        for diagonal in range(-changes, changes + 1, 2):
            is_down = diagonal == -changes or (
                diagonal != changes and reached[diagonal - 1] < reached[diagonal + 1]
            )
            x = reached[diagonal + 1] if is_down else reached[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            reached[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _walked_back(trail, len(old), len(new))
    return None


def _walked_back(trail: Sequence[dict[int, int]], x: int, y: int) -> str:
    """Returns the script that led to the end of both texts."""
    signs: list[str] = []
    for changes in range(len(trail) - 1, -1, -1):
        reached, diagonal = trail[changes], x - y
        is_down = diagonal == -changes or (
            diagonal != changes and reached[diagonal - 1] < reached[diagonal + 1]
        )
        previous = diagonal + 1 if is_down else diagonal - 1
        from_x = reached[previous]
        start_x = from_x if is_down else from_x + 1
        signs.append(" " * (x - max(start_x, 0)))
        if changes:
            signs.append("+" if is_down else "-")
        x, y = from_x, from_x - previous
    return "".join(reversed(signs))


def _runs(signs: str) -> list[Edit]:
    """Returns signs as runs; between two common runs, what is taken out stands before what is put in."""
    found: list[Edit] = []
    old = new = at = 0
    while at < len(signs):
        is_common = signs[at] == " "
        end = at
        while end < len(signs) and (signs[end] == " ") is is_common:
            end += 1
        for sign in " " if is_common else "-+":
            length = signs.count(sign, at, end)
            if length:
                found.append(Edit(sign, old, new, length))
                old += length * (sign != "+")
                new += length * (sign != "-")
        at = end
    return found


def _hunks(all_edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yields the changes with what stands around them; those that nearly touch are one hunk."""
    hunk: list[Edit] = []
    for position, edit in enumerate(all_edits):
        if edit.sign != " ":
            hunk.append(edit)
            continue
        is_last = position == len(all_edits) - 1
        if hunk and (is_last or edit.length > 2 * _CONTEXT):
            yield [*hunk, _part(edit, 0, min(_CONTEXT, edit.length))]
            hunk = []
        if not is_last:
            length = edit.length if hunk else min(_CONTEXT, edit.length)
            hunk.append(_part(edit, edit.length - length, length))
    if hunk:
        yield hunk


def _part(edit: Edit, skipped: int, length: int) -> Edit:
    return Edit(edit.sign, edit.old + skipped, edit.new + skipped, length)


def _head(hunk: Sequence[Edit]) -> str:
    first = hunk[0]
    old = sum(edit.length for edit in hunk if edit.sign != "+")
    new = sum(edit.length for edit in hunk if edit.sign != "-")
    return f"@@ -{_span(first.old, old)} +{_span(first.new, new)} @@"


def _span(start: int, length: int) -> str:
    """Returns a position as POSIX writes it: an empty span names the line before it."""
    first = start + (length > 0)
    return str(first) if length == 1 else f"{first},{length}"
