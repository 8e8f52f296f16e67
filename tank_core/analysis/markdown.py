"""Markdown, as far as analysis needs it: code blocks, and the prose around them.

Reads fences as CommonMark does (backticks or tildes, three or more, indented, in a
list or in a quotation, whose marks are taken off the content), and keeps line
numbers. An unclosed fence runs to the end of the file, one in a quotation to the end
of the quotation. Indented code is found too, and stays in the prose: whether it is
code depends on lists around it, which are not tracked.

Source: CommonMark 0.31.2, sections 4.4, "Indented code blocks", and 4.5, "Fenced code blocks".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(
    r"^(?P<before>(?:[ \t>]++|(?:[-*+]|\d{1,9}[.)])[ \t]++)*+)(?:(?P<mark>`{3,}+)(?P<info>[^`\n]*+)$"
    r"|(?P<tildes>~{3,}+)(?P<tinfo>.*+)$)"
)
_CLOSING = re.compile(r" {0,3}(`{3,}+|~{3,}+)[ \t]*+$")
_TAG = re.compile(
    r"[ \t]*+(?:\{[ \t]*+[.#]?|\.)?(?:(?:language|lang|highlight)[-=:])?['\"]?(?P<tag>[^\s`{},;'\"=]*)"
)
_INDENTED = re.compile(r"(?: {4}|\t)")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code. ``first_line``: 1-based line of its first line of code."""

    tag: str
    first_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file taken apart.

    Attributes:
        prose: the text with the lines of fenced blocks blanked, so lines still count.
        blocks: the fenced blocks.
        indented: the indented ones, which are in the prose as well.
    """

    prose: str
    blocks: tuple[Block, ...]
    indented: tuple[Block, ...] = ()


@dataclass(slots=True)
class _Open:
    """A fence that is not closed yet."""

    mark: str
    tag: str
    first_line: int
    indent: int
    quotes: int
    lines: list[str]

    def block(self) -> Block:
        return Block(self.tag, self.first_line, "\n".join(self.lines))


def parse(text: str) -> Document:
    """Returns the prose and the blocks of a Markdown text, in their order."""
    prose: list[str] = []
    blocks: list[Block] = []
    fence: _Open | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        inner = _content(line, fence) if fence else None
        if fence and inner is None:  # the quotation that the fence stands in has ended
            blocks.append(fence.block())
            fence = None
        if fence and inner is not None:
            if _closes(inner, fence.mark):
                blocks.append(fence.block())
                fence = None
            else:
                fence.lines.append(inner)
            prose.append("")
            continue
        fence = _opened(line, number)
        prose.append("" if fence else line)
    if fence:
        blocks.append(fence.block())
    return Document("\n".join(prose), tuple(blocks), tuple(_indented(prose)))


def _opened(line: str, number: int) -> _Open | None:
    # Nearly every line is prose, and a search for three marks is cheaper than the pattern.
    match = _FENCE.match(line) if "```" in line or "~~~" in line else None
    if match is None:
        return None
    before, info = match["before"], match["info"] or match["tinfo"] or ""
    tag = _TAG.match(info)
    quotes = before.count(">")
    indent = len(before.rpartition(">")[2].removeprefix(" ")) if quotes else len(before)
    return _Open(match["mark"] or match["tildes"], tag["tag"] if tag else "", number + 1, indent, quotes, [])


def _content(line: str, fence: _Open) -> str | None:
    """Returns a line without the marks that its block stands behind; None when it is outside."""
    for _ in range(fence.quotes):
        rest = line.lstrip(" \t")
        if not rest.startswith(">"):
            return None
        line = rest[1:].removeprefix(" ")
    kept = line.lstrip(" \t")
    return line[min(fence.indent, len(line) - len(kept)) :]


def _closes(line: str, mark: str) -> bool:
    match = _CLOSING.match(line)
    return bool(match and match[1][0] == mark[0] and len(match[1]) >= len(mark))


def _indented(prose: list[str]) -> list[Block]:
    """Returns the runs of indented lines that follow a blank line."""
    found: list[Block] = []
    run: list[str] = []
    first, after_blank = 0, True
    for number, line in enumerate([*prose, "end"], start=1):
        is_blank = not line.strip()
        if not is_blank and _INDENTED.match(line) and (run or after_blank):
            first = first if run else number
            run.append(_INDENTED.sub("", line, count=1))
        elif is_blank and run:
            run.append("")
        elif run:
            found.append(Block("", first, "\n".join(run).rstrip("\n")))
            run = []
        after_blank = is_blank
    return found
