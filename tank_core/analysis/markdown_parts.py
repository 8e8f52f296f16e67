"""Everything in a Markdown text that is read in a way of its own.

Code: fenced and indented blocks, inline code, HTML. What a reader does not see:
comments, and the titles of link definitions. What a program reads: the front matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import commands, configuration, languages, markdown, markup
from tank_core.analysis.source import Language, Source

_FRONT_MATTER = re.compile(
    r"(?s)(?P<mark>---|\+\+\+)[ \t]*+\n(?P<matter>.*?)^(?P=mark)[ \t]*+$", re.MULTILINE
)
_DEFINITION = re.compile(
    r"^[ \t>]{0,12}\[[^\]\n]{1,200}\]:[ \t]*+\S{1,2000}[ \t]++[\"'(](?P<text>[^\n]{1,4000})[\"')][ \t]*+$",
    re.MULTILINE,
)
_MAX_FRONT_MATTER = 64 << 10  # characters; it is read in full as part of the whole in any case


def parts_of(source: Source) -> Iterator[Source]:
    """Yields the parts of a Markdown source, kind by kind, each in the order of the text."""
    yield from _front_matter(source)
    document = markdown.parse(source.text)
    for block in document.blocks:
        language = languages.language_of_block(block.tag, block.text)
        label = f"fenced {block.tag or language} block"
        yield source.within(block.first_line, language, block.text, label)
    for block in document.indented:
        language = languages.sniffed(block.text)
        if language.is_code:
            yield source.within(block.first_line, language, block.text, "indented code block")
    yield from commands.in_prose(source, document.prose)
    if "<" in document.prose:
        yield from markup.comments(source, document.prose)
        yield from markup.elements(source, document.prose)
    if "<" in document.prose or "script:" in document.prose.lower():
        yield from markup.handlers(source, document.prose)
    if "]:" in document.prose:
        yield from _definitions(source, document.prose)


def _front_matter(source: Source) -> Iterator[Source]:
    match = _FRONT_MATTER.match(source.text[:_MAX_FRONT_MATTER])
    if match:
        language = Language.YAML if match["mark"] == "---" else Language.TOML
        matter = source.within(2, language, match["matter"], "front matter")
        yield matter
        yield from configuration.parts_of(matter, named="front matter", outer=source)


def _definitions(source: Source, text: str) -> Iterator[Source]:
    line, seen = 1, 0
    for match in _DEFINITION.finditer(text):
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        yield source.within(line, Language.MARKDOWN, match["text"], "title of a link definition")
