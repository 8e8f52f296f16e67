"""Jupyter notebooks: their cells as code and as Markdown, their outputs as text.

Read with the tolerant reader, so that a notebook that Jupyter repairs is read too.
Each line of a cell has the line of the file on which its text stands.

Source: nbformat.readthedocs.io, "The notebook file format".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import flow_values, languages
from tank_core.analysis.nodes import Node, leaves
from tank_core.analysis.source import Language, Source

_CELL_MAGIC = re.compile(r"%%(?:script[ \t]++(?:[\w./-]*/)?)?(?P<name>\w+)[^\n]*")
_SHELL_MAGICS = frozenset({"bash", "sh", "zsh", "system", "sx", "cmd"})
_LINE_MAGIC = re.compile(
    r"^[ \t]*+(?:[\w, ]{1,60}=[ \t]*+)?(?:!{1,2}|%(?:system|sx|sc|bash)[ \t])(?P<command>.*+)$"
)
_MAGIC = re.compile(r"^[ \t]*+(?:[%!?]|[\w, ]{1,60}=[ \t]*+[!%]).*$")
_PIP = re.compile(r"^[ \t]*+%(?P<command>(?:pip|conda|mamba|uv)[ \t].*+)$")


def parts_of(source: Source) -> Iterator[Source]:
    """Yields each cell, the shell commands in it, and its outputs, in the order of the file."""
    root = flow_values.parse(source.text)
    language = _language(root)
    cells = _child(root, "cells")
    for sheet in (_child(root, "worksheets") or Node(1)).items:  # nbformat 3
        cells = cells or _child(sheet[1], "cells")
    for _, cell in cells.items if cells else ():
        text, places = _joined(_child(cell, "source") or _child(cell, "input"))
        kind = (_child(cell, "cell_type") or Node(1)).text or ""
        if text.strip():
            yield from _cell(source, kind, language, text, places)
        for _, output in (_child(cell, "outputs") or Node(1)).items:
            yield from _output(source, output)


def _cell(
    source: Source, kind: str, language: Language, text: str, places: tuple[int, ...]
) -> Iterator[Source]:
    if kind != "code":
        yield source.within(places[0], Language.MARKDOWN, text, f"{kind or 'text'} cell", places=places)
        return
    magic = _CELL_MAGIC.match(text)
    if magic:
        rest = text[magic.end() :].removeprefix("\n")
        name = magic["name"].lower()
        own = Language.SHELL if name in _SHELL_MAGICS else languages.language_of_block(name, "")
        if own is not Language.TEXT and rest:
            yield source.within(
                places[1 if len(places) > 1 else 0], own, rest, f"{own} cell", places=places[1:] or places
            )
            return
    lines = text.split("\n")
    plain = "\n".join("" if _MAGIC.match(line) else line for line in lines)
    if plain.strip():
        yield source.within(places[0], language, plain, "code cell", places=places)
    for number, line in enumerate(lines):
        command = _LINE_MAGIC.match(line) or _PIP.match(line)
        if command:
            place = places[min(number, len(places) - 1)]
            yield source.within(place, Language.SHELL, command["command"], "command in a code cell")


def _output(source: Source, output: Node) -> Iterator[Source]:
    holders: list[Node | None] = [_child(output, "text"), _child(output, "traceback")]
    data = _child(output, "data") or Node(1)
    holders.extend(inner for name, inner in data.items if name.startswith("text/"))
    for holder in holders:
        text, places = _joined(holder)
        if text.strip():
            yield source.within(places[0], Language.TEXT, text, "output of a cell", places=places)


def _language(root: Node) -> Language:
    metadata = _child(root, "metadata") or Node(1)
    for holder, key in (("kernelspec", "language"), ("language_info", "name")):
        named = _child(_child(metadata, holder) or Node(1), key)
        if named and named.text:
            language = languages.language_of_block(named.text, "")
            return language if language is not Language.TEXT else Language.PYTHON
    return Language.PYTHON


def _child(node: Node, key: str) -> Node | None:
    return next((inner for name, inner in node.items if name == key), None)


def _joined(node: Node | None) -> tuple[str, tuple[int, ...]]:
    """Returns the text of a value that is one text or a list of lines, and a line for each of its lines."""
    texts: list[str] = []
    places: list[int] = []
    is_open = False
    for _, leaf in leaves(node) if node else ():
        text = leaf.text or ""
        if not text:
            continue
        count = text.count("\n") + (not text.endswith("\n"))
        places.extend([leaf.line] * (count - is_open))
        is_open = not text.endswith("\n")
        texts.append(text)
    whole = "".join(texts)
    return whole.removesuffix("\n"), tuple(places) or (node.line if node else 1,)
