"""Evidence: the text behind a finding, safe to show and short.

Everything that cannot be printed is written as an escape, so that a finding about
invisible characters shows them and a terminal cannot be played with.
"""

from __future__ import annotations

_LIMIT = 160  # characters: two lines of a terminal


def shown(text: str) -> str:
    """Returns one line of printable text, at most 160 characters and an ellipsis."""
    flat = " ".join(text[: _LIMIT * 4].split())
    cut = flat if len(flat) <= _LIMIT else flat[:_LIMIT] + "…"
    if cut.isprintable():  # nearly all of it is, and hostile packages have a hundred thousand lines of it
        return cut
    return "".join(_escaped(character) for character in cut)


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
