"""YAML, TOML, INI and their like, read line by line.

A reader of its own, because what matters is what any of many loaders may see: YAML
with templates in it, with tabs, cut off, or too large for a loader is still read as
far as its lines tell. Aliases stand for the text of their anchor, and nothing
expands. Flow collections are read by ``flow_values``. Linear in the text.

Source: yaml.org/spec/1.2.2, chapters 6 to 8; toml.io/en/v1.0.0; systemd.syntax(7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from tank_core.analysis import flow_values
from tank_core.analysis.nodes import MAX_DEPTH, Node

_DASHES = re.compile(r"(?:-(?:[ \t]++|$))*+")
_KEY = re.compile(
    r"(?P<key>\"(?:[^\"\\]++|\\.)*+\"|'[^']*+'|\?[ \t][^:#]*+|[^\s#\"'\[\]{}&*!|>%@`,:][^:]*+(?::(?![ \t]"
    r"|$)[^:]*+)*+)[ \t]*+:(?:[ \t]++|$)"
)
_PROPERTIES = re.compile(r"(?:(?:&(?P<anchor>[^\s,\[\]{}]++)|![^\s]*+)(?:[ \t]++|$))*+")
_BLOCK = re.compile(r"(?P<style>[|>])[-+0-9]*+[ \t]*+(?:#.*)?$")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*$")
_QUOTED = re.compile(r"\"(?P<double>(?:[^\"\\]++|\\.)*+)\"?|'(?P<single>(?:[^']++|'')*+)'?", re.DOTALL)
_TABLE = re.compile(r"[ \t]*+\[{1,2}[ \t]*+(?P<name>[^\]\n]++)\]")
_SETTING = re.compile(
    r"[ \t]*+(?:export[ \t]++)?(?P<key>\"[^\"\n]*+\"|'[^'\n]*+'"
    r"|[^\s=:#;\[\"'][^=:\n]*+)[=:][ \t]*+(?P<value>.*+)"
)


@dataclass(slots=True)
class _Level:
    """An open collection, and the column of the key or dash that opened it."""

    indent: int
    is_dash: bool
    node: Node


def parse_yaml(text: str, first_line: int = 1) -> Node:
    """Returns the values of a YAML text; those of all its documents are in one node."""
    return _Yaml(text, first_line).read()


class _Yaml:
    def __init__(self, text: str, first_line: int) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._starts = tuple(accumulate((len(line) + 1 for line in self._lines), initial=0))
        self._first = first_line
        self._at = 0  # the line that is read next
        self._root = Node(first_line)
        self._levels = [_Level(-1, False, self._root)]
        self._anchors: dict[str, str] = {}
        self._plain: Node | None = None  # the text that a deeper line goes on with
        self._more: list[str] = []

    def read(self) -> Node:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            stripped = line.strip()
            if stripped and not stripped.startswith(("#", "%", "---", "...")):
                self._take(line.rstrip(), len(line) - len(line.lstrip(" \t")))
        self._end_plain()
        return self._root

    def _end_plain(self) -> None:
        if self._plain is not None and self._more:
            self._plain.text = " ".join([self._plain.text or "", *self._more])
        self._plain, self._more = None, []

    def _take(self, line: str, column: int) -> None:
        dashes = _DASHES.match(line, column)
        inside = dashes.end() if dashes else column
        key = _KEY.match(line, inside)
        if key is None and inside == column:
            if self._plain is not None and column > self._levels[-1].indent:
                self._more.append(_COMMENT.sub("", line[column:]).rstrip())
            return
        self._end_plain()
        for place in range(column, inside):
            if line[place] == "-":
                self._open("", place, is_dash=True)
        if key is not None:
            self._open(key["key"].strip("\"' ?"), inside, is_dash=False)
        self._value(line, key.end() if key else inside)

    def _open(self, key: str, column: int, *, is_dash: bool) -> None:
        """Opens the value of a key or of a dash, after closing what the column is not in."""
        while len(self._levels) > 1:
            top = self._levels[-1]
            # A list may stand in the column of its key.
            if top.indent < column or (is_dash and top.indent == column and not top.is_dash):
                break
            self._levels.pop()
        node = Node(self._first + self._at - 1)
        parent = self._levels[-1].node
        parent.is_list = parent.is_list or is_dash
        parent.items.append((key, node))
        if len(self._levels) <= MAX_DEPTH:
            self._levels.append(_Level(column, is_dash, node))

    def _value(self, line: str, column: int) -> None:
        """Reads what stands behind a key or a dash into the node that was opened for it."""
        node = self._levels[-1].node
        properties = _PROPERTIES.match(line, column)
        column = properties.end() if properties else column
        first = line[column : column + 1]
        if not first or first == "#":
            return
        if _BLOCK.match(line, column):
            self._block(node, first)
        elif first in "[{":
            self._flow(node, self._starts[self._at - 1] + column)
        elif first in "\"'":
            self._quoted(node, self._starts[self._at - 1] + column)
        elif first == "*":
            node.text = self._anchors.get(line[column + 1 :].strip(), "")
        else:
            node.text = _COMMENT.sub("", line[column:]).rstrip()
            self._plain = node
        if properties and properties["anchor"] and node.text:
            self._anchors[properties["anchor"]] = node.text

    def _block(self, node: Node, style: str) -> None:
        kept: list[str] = []
        first = self._first + self._at
        indent = self._levels[-1].indent
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and len(line) - len(line.lstrip(" \t")) <= indent:
                break
            kept.append(line)
            self._at += 1
        depth = min((len(line) - len(line.lstrip(" \t")) for line in kept if line.strip()), default=0)
        texts = [line[depth:].rstrip() for line in kept]
        while texts and not texts[-1]:
            texts.pop()
        node.line = first
        if style == ">":
            node.text = " ".join(texts)
        else:
            node.text, node.places = "\n".join(texts), tuple(range(first, first + max(1, len(texts))))

    def _quoted(self, node: Node, offset: int) -> None:
        match = _QUOTED.match(self._text, offset)
        if match is None:
            return
        self._skip_to(match.end())
        text = match["double"] if match["double"] is not None else match["single"]
        text = " ".join(part.strip() for part in text.split("\n")) if "\n" in text else text
        is_double = match["double"] is not None
        node.text = flow_values.unescaped(text) if is_double else text.replace("''", "'")

    def _flow(self, node: Node, offset: int) -> None:
        end = flow_values.end_of(self._text, offset)
        value = flow_values.parse(self._text[offset:end], node.line)
        node.items, node.is_list, node.text = value.items, value.is_list, value.text
        self._skip_to(end)

    def _skip_to(self, offset: int) -> None:
        while self._at < len(self._lines) and self._starts[self._at] < offset:
            self._at += 1


def parse_settings(text: str, first_line: int = 1) -> Node:
    """Returns the values of a TOML or INI text: ``key = value`` in sections.

    Collections, quoted texts and texts in three quotes may go on over lines, and a
    plain value does after a backslash.
    """
    root = Node(first_line)
    section = root
    lines = _numbered(text, first_line)
    for line, offset, number in lines:
        table = _TABLE.match(line)
        if table:
            section = Node(number)
            root.items.append((table["name"].strip("\"' "), section))
            continue
        match = _SETTING.match(line)
        if match is None:
            continue
        key, value = match["key"].strip("\"' "), match["value"].rstrip()
        if value[:1] in {"[", "{", '"', "'"}:
            start = offset + match.start("value")
            end = flow_values.end_of(text, start)
            node = flow_values.parse(text[start:end], number)
            for _ in range(text.count("\n", start, end)):
                next(lines, None)
        else:
            parts = [value]
            while parts[-1].endswith("\\"):
                parts[-1] = parts[-1][:-1].rstrip()
                parts.append(next(lines, ("", 0, 0))[0].strip())
            node = Node(number, " ".join(parts))
        section.items.append((key, node))
    return root


def _numbered(text: str, first_line: int) -> Iterator[tuple[str, int, int]]:
    """Yields (line, its offset, its number)."""
    offset = 0
    for number, line in enumerate(text.split("\n"), start=first_line):
        yield line, offset, number
        offset += len(line) + 1
