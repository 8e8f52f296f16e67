"""The values of a configuration text: a tree of texts, each with the lines that it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 40  # collections within each other; what is deeper is left to the raw text


@dataclass(slots=True)
class Node:
    """A text, or a list of (key, node); the keys of a list are empty.

    Attributes:
        line: 1-based line on which the value begins.
        text: the text; None for a collection.
        items: the members of a collection, in order.
        is_list: whether a collection is a list.
        places: the line of each line of a text, where they are known one by one.
    """

    line: int
    text: str | None = None
    items: list[tuple[str, Node]] = field(default_factory=list)
    is_list: bool = False
    places: tuple[int, ...] = ()

    def plain(self) -> object:
        """Returns the value as ``json`` would: texts, lists and dictionaries; the last of equal keys counts."""
        if self.text is not None:
            return self.text
        if self.is_list:
            return [inner.plain() for _, inner in self.items]
        return {key: inner.plain() for key, inner in self.items}


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yields (keys, text node) of every text below a node, in order."""
    if node.text is not None:
        yield path, node
    elif len(path) < MAX_DEPTH:
        for key, inner in node.items:
            yield from leaves(inner, (*path, key))
