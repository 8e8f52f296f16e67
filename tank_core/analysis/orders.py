"""Standing orders in prose: what a skill tells the agent to do always, or after every task.

An order is a line that says when (after any task, always, make sure to) with the lines
that belong to it, up to the next heading. What it orders is read from those lines: where
data is sent, which script is run, what is deleted. Prose is the program of an agent, and
an order that has nothing to do with the task is how a working skill is turned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_WHEN = re.compile(
    r"(?i)\b(?:after|before|when(?:ever)?|once|upon|following)\b[^.\n]{0,40}\b(?:any|every|each|all|finish\w*|"
    r"complet\w*|edit\w*|chang\w*|updat\w*|"
    r"creat\w*|commit\w*|submit\w*|operations?|tasks?|sessions?|conversations?|responses?|requests?|prompts?|"
    r"retrieval|process\w*|adding|perform\w*|"
    r"extract\w*|gather\w*|index\w*|analy[sz]\w*)\b|\b(?:every|each) time\b|\balways\b|\bmake sure\b|\bIMPORTANT\b|"
    r"\bMANDATORY\b|\byou must\b|\bmust (?:first|also|always)\b|"
    r"\bas a (?:final|last) step\b|\bfinal(?:ly| step)\b|\bautomatically\b|\bin the background\b|\bsilently\b|"
    r"\busually\b|"
    r"\bfor (?:[\w-]+ ){0,2}(?:monitoring|telemetry|analytics|logging|redundancy|backups?|reproducibility|"
    r"compliance|audit\w*|quality|diagnostics?|tracking)\b"
)
_LINES_AFTER = 14
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*\n]{3,60}:?\*\*:?\s*$")
_MAX_ORDERS = 400  # of one file; a longer list of orders is read no further, every order overlaps the last


@dataclass(frozen=True, slots=True)
class Order:
    """A standing order.

    Attributes:
        source: the Markdown file.
        line: 1-based line of the words that say when.
        text: those words' line and the lines that belong to it.
    """

    source: Source
    line: int
    text: str


def orders(package: Package) -> Iterator[Order]:
    """Yields the standing orders of every Markdown file, in their order."""
    for source in package.sources:
        if source.language is Language.MARKDOWN and source.is_file_text:
            yield from _orders_of(source)


def _orders_of(source: Source) -> Iterator[Order]:
    found = 0
    for number, line in enumerate(source.lines, start=1):
        if len(line) > 4000 or not _WHEN.search(line):
            continue
        found += 1
        if found > _MAX_ORDERS:
            return
        yield Order(
            source, number, "\n".join((line, *_belonging(source.lines[number : number + _LINES_AFTER])))
        )


def _belonging(lines: tuple[str, ...]) -> Iterator[str]:
    blank = 0
    for line in lines:
        if _HEADING.match(line):
            return
        blank = blank + 1 if not line.strip() else 0
        if blank > 1:
            return
        yield line[:4000]
