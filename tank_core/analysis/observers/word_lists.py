"""Lists of names written as running text."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """Returns the words of a text, between white space."""
    return frozenset(text.split())
