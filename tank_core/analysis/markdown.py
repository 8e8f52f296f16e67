"""Markdown, as far as analysis needs it: fenced blocks, and the prose around them.

Reads fences as CommonMark does (backticks or tildes, three or more, indented or
in a list), and keeps line numbers. An unclosed fence runs to the end of the file.

Source: CommonMark 0.31.2, section 4.5, "Fenced code blocks".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<mark>`{3,}|~{3,})[ \t]*(?P<tag>[^\s`{]*)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. ``first_line``: the 1-based line after the opening fence."""

    tag: str
    first_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file taken apart. ``prose`` has the lines of blocks blanked, so lines still count."""

    prose: str
    blocks: tuple[Block, ...]


def parse(text: str) -> Document:
    """Returns the prose and the fenced blocks of a Markdown text, in their order."""
    prose: list[str] = []
    blocks: list[Block] = []
    mark, tag, first_line, inside = "", "", 0, list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        fence = _FENCE.match(line)
        if mark:
            if fence and _closes(fence, line, mark):
                blocks.append(Block(tag, first_line, "\n".join(inside)))
                mark = ""
            else:
                inside.append(line)
            prose.append("")
        elif fence:
            mark, tag, first_line, inside = fence["mark"], fence["tag"], number + 1, []
            prose.append("")
        else:
            prose.append(line)
    if mark:
        blocks.append(Block(tag, first_line, "\n".join(inside)))
    return Document("\n".join(prose), tuple(blocks))


def _closes(fence: re.Match[str], line: str, mark: str) -> bool:
    same = fence["mark"][0] == mark[0] and len(fence["mark"]) >= len(mark)
    return same and not line[fence.end("mark") :].strip()
