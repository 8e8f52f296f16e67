"""JSON and everything that looks like it, read as forgivingly as the programs that load it.

One reader for JSON with comments, JSON5, the flow style of YAML and the values of TOML:
comments, trailing commas, bare words, single and triple quotes, ``=`` for ``:``. It is
no judge of syntax: what it cannot read it steps over, and the raw text stays a source
of its own. Linear in the text, and bounded in depth.
"""

from __future__ import annotations

import re

from tank_core.analysis.nodes import MAX_DEPTH, Node

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]++)
      | (?P<break>\n)
      | (?P<comment>//[^\n]*+|\#[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?)
      | (?P<bracket>[\[\]{}])
      | (?P<mark>[,:=])
      | \"\"\"(?P<long>(?:[^"\\]++|\\.|"(?!""))*+)(?:\"\"\")?
      | '''(?P<literal>(?:[^']++|'(?!''))*+)(?:''')?
      | "(?P<double>(?:[^"\\\n]++|\\.)*+)"?
      | '(?P<single>(?:[^'\\\n]++|\\.)*+)'?
      | (?P<bare>(?:[^\s,:=\[\]{}"'\#]++|:(?=//|\d{2,5}\b)|[ \t]++(?=[^\s,:=\[\]{}"'\#/]))++)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u\{?(?P<u>[0-9A-Fa-f]{4,6})\}?|U(?P<U>[0-9A-Fa-f]{8})|x(?P<x>[0-9A-Fa-f]{2})|(?P<c>.))", re.DOTALL
)
_NAMED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": " ",
    "f": " ",
    "0": " ",
    "\n": "",
    "a": " ",
    "v": " ",
    "e": " ",
}


def unescaped(text: str) -> str:
    """Returns the text that a double-quoted literal of JSON, YAML or TOML stands for."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def parse(text: str, first_line: int = 1) -> Node:
    """Returns the values of a text; several one after another become a list."""
    return _Reader(text, first_line).read()


def end_of(text: str, offset: int) -> int:
    """Returns the offset behind the collection or quoted text that begins at an offset."""
    depth = 0
    for match in _TOKEN.finditer(text, offset):
        if match["bracket"]:
            depth += 1 if match["bracket"] in "[{" else -1
        if depth <= 0:
            return match.end()
    return len(text)


class _Reader:
    def __init__(self, text: str, first_line: int) -> None:
        self._text = text
        self._line = first_line
        self._root = Node(first_line, is_list=True)
        self._open = [self._root]
        self._keys = [""]  # per open collection: the key whose value comes next
        self._last: Node | None = None
        self._too_deep = 0

    def read(self) -> Node:
        for match in _TOKEN.finditer(self._text):
            kind = match.lastgroup
            if kind == "break":
                self._line += 1
            elif kind == "bracket":
                self._bracket(match.group())
            elif kind == "mark":
                self._mark(match.group())
            elif kind not in {"space", "comment", "other"}:
                self._scalar(match, str(kind))
            if kind not in {"space", "break"}:
                self._line += match.group().count("\n")
        items = self._root.items
        return items[0][1] if len(items) == 1 and not items[0][0] else self._root

    def _bracket(self, bracket: str) -> None:
        if bracket in "]}":
            if self._too_deep:
                self._too_deep -= 1
            elif len(self._open) > 1:
                self._open.pop()
                self._keys.pop()
            self._last = None
            return
        if len(self._open) > MAX_DEPTH or self._too_deep:
            self._too_deep += 1
            return
        node = Node(self._line, is_list=bracket == "[")
        self._add(node)
        self._open.append(node)
        self._keys.append("")

    def _mark(self, mark: str) -> None:
        if mark == ",":
            self._keys[-1] = ""
        elif self._last is not None and self._open[-1].items and self._open[-1].items[-1][1] is self._last:
            # What was taken for a value turns out to be a key.
            self._open[-1].items.pop()
            self._keys[-1] = self._last.text or ""
        self._last = None

    def _scalar(self, match: re.Match[str], kind: str) -> None:
        text = match[kind]
        places: tuple[int, ...] = ()
        if kind in {"double", "long"}:
            text = unescaped(text)
        if kind in {"long", "literal"} and "\\" not in match[kind]:
            start = self._line + (1 if text.startswith("\n") else 0)
            text = text.removeprefix("\n")
            places = tuple(range(start, start + text.count("\n") + 1))
        self._last = Node(places[0] if places else self._line, text, places=places)
        self._add(self._last)

    def _add(self, node: Node) -> None:
        if not self._too_deep:
            self._open[-1].items.append((self._keys[-1], node))
            self._keys[-1] = ""


def _character(match: re.Match[str]) -> str:
    code = match["u"] or match["U"] or match["x"]
    if code is None:
        return _NAMED.get(match["c"], match["c"])
    number = int(code, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
