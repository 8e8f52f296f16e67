"""The sentences of a package's prose, each with its line and its neighbours.

Prose is wrapped, emphasised and put into lists as its author likes. Here a sentence is one
line of words: what was wrapped is joined, emphasis and backticks are gone, an item of a
list, a heading and a row of a table end where they end. So a rule about wording need not
know how a text is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tank_core.analysis import rendered
from tank_core.analysis.package import Package
from tank_core.analysis.prose import prose
from tank_core.analysis.source import Source

_STARTS = re.compile(
    r"[ \t>]{0,40}(?:[-*+•]|\d{1,3}[.)]|#{1,6}|\||[a-z][\w-]{0,40}:)(?:[ \t]|$)|[ \t]{0,20}<!--"
)
_ITEM = re.compile(r"[>\s]{0,40}(?:[-*+•]|\d{1,3}[.)]|\|)\s")
_EMPHASIS = re.compile(r"\*\*|`|(?<!\S)[*_](?=\w)|(?<=\w)[*_](?![\w*])")
_MARK = re.compile(r"^[ \t>]{0,40}(?:(?:[-*+•#|]|\d{1,3}[.)])[ \t]{1,20}){0,3}")
_END = re.compile(r"(?<=\S[.!?])[\"'”’)]{0,2}\s+|(?<=[。！？；])|\n")
_MAX_SENTENCE = 1500  # characters; of a longer one only the start is read
_MAX_SENTENCES = 4000  # of one text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Attributes:
        source: where it stands.
        line: 1-based line in the source, of its first words.
        text: its words on one line, without emphasis.
        lead: what it stands under: the last heading, and the words that a colon ended before its list.
    """

    source: Source
    line: int
    text: str
    lead: str = ""


@lru_cache(maxsize=4)  # several detectors ask of each package
def sentences(package: Package) -> tuple[tuple[Sentence, ...], ...]:
    """Returns the sentences of each prose text, in their order."""
    return tuple(
        tuple(_bounded(source, text))
        for source, text in prose(package)
        if not source.provenance.endswith(rendered.HOW)  # marks are read past here as well
    )


def _bounded(source: Source, text: str) -> Iterator[Sentence]:
    for number, sentence in enumerate(_sentences(source, text)):
        if number >= _MAX_SENTENCES:
            return
        yield sentence


def _sentences(source: Source, text: str) -> Iterator[Sentence]:
    """Yields the sentences of each run of lines that belong together."""
    heading = opening = ""
    for held in _runs(text):
        first = held[0][1].lstrip()
        found = tuple(_split(source, held, f"{heading} {opening}".strip()))
        yield from found
        if found and first.startswith("#"):
            heading, opening = found[0].text, ""
        elif found and (found[-1].text.endswith(":") or not _ITEM.match(first)):
            opening = found[-1].text if found[-1].text.endswith(":") else ""


def _runs(text: str) -> Iterator[list[tuple[int, str]]]:
    held: list[tuple[int, str]] = []
    for number, line in enumerate((*text.split("\n"), ""), start=1):
        if held and (not line.strip() or _STARTS.match(line) or held[0][1].lstrip().startswith("#")):
            yield held
            held = []
        if line.strip():
            held.append((number, line[: 4 * _MAX_SENTENCE]))


def _split(source: Source, held: list[tuple[int, str]], lead: str) -> Iterator[Sentence]:
    words, starts = "", []
    for number, line in held:
        starts.append((len(words), number))
        words += _EMPHASIS.sub("", _MARK.sub("", line)).strip() + " "
    begin = 0
    for end in (*(match.end() for match in _END.finditer(words)), len(words)):
        text = " ".join(words[begin:end].split())
        if text:
            line_number = max(number for start, number in starts if start <= begin)
            yield Sentence(source, line_number, text[:_MAX_SENTENCE], lead)
        begin = end
