"""The sections of the texts that an agent reads: from one heading to the next, with the blocks in them.

Also whole pages of HTML, without their marks, and decoded texts. Offsets are those of the source's
own text, so that places stay right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_HEADING = re.compile(r"^(?:#{1,6}[ \t]|\*\*[^*\n]{3,60}\*\*:?[ \t]*$)", re.MULTILINE)
_MARK = re.compile(r"<[^>\n]{1,400}>")
_MAX_SECTION = 6000  # characters; a longer one is read in pieces that overlap by none
_MAX_SECTIONS = 600  # of one source


@lru_cache(maxsize=4)  # several detectors ask of each package
def sections(package: Package) -> tuple[tuple[Source, int, str], ...]:
    """Returns (source, offset, text) of each section of a package's prose, in the order of the sources."""
    return tuple(
        (source, start, text[start:end])
        for source, text in _texts(package)
        for start, end in _bounds(text)
        if text[start:end].strip()
    )


def _texts(package: Package) -> Iterator[tuple[Source, str]]:
    for source in package.sources:
        if source.language is Language.MARKDOWN and source.is_file_text:
            yield source, source.text
        elif source.language is Language.HTML and source.is_file_text:
            yield source, _MARK.sub(lambda match: " " * len(match.group()), source.text)
        elif source.language is Language.TEXT and (source.is_decoded or source.provenance):
            yield source, source.text


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    starts = [0, *(match.start() for match in _HEADING.finditer(text))][:_MAX_SECTIONS]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        for piece in range(start, end, _MAX_SECTION):
            yield piece, min(end, piece + _MAX_SECTION)
