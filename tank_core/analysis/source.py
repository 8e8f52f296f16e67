"""What the rules look at: one text, with the place in the package it came from.

A package is taken apart into sources: whole files, the fenced blocks of Markdown,
the here-documents of shell scripts, and what encoded layers decode to. Each
remembers its file, the line where it begins and how it was reached, so that a
finding in it has an address that a person can open.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate


class Language(StrEnum):
    """The languages that analysis tells apart; ``TEXT`` is everything else."""

    PYTHON = "python"
    SHELL = "shell"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    RUBY = "ruby"
    PHP = "php"
    POWERSHELL = "powershell"
    MARKDOWN = "markdown"
    JSON = "json"
    YAML = "yaml"
    TEXT = "text"

    @property
    def is_code(self) -> bool:
        """Whether text in this language is run rather than read."""
        return self in _CODE


_CODE = frozenset(
    {
        Language.PYTHON,
        Language.SHELL,
        Language.JAVASCRIPT,
        Language.TYPESCRIPT,
        Language.RUBY,
        Language.PHP,
        Language.POWERSHELL,
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """One text to analyse.

    Attributes:
        file: path inside the package.
        first_line: 1-based line of the file on which the text begins.
        language: how to read it.
        text: the text, lines ended by a line feed.
        provenance: how it was reached, such as ``fenced bash block``; empty for a whole file.
        is_decoded: whether an encoding hid it. All of it then has the line of the encoded text.
        lines: the lines of the text, without their ends.
    """

    file: str
    first_line: int
    language: Language
    text: str
    provenance: str = ""
    is_decoded: bool = False
    lines: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lines = tuple(self.text.split("\n"))
        starts = tuple(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "_starts", starts)

    @property
    def is_whole_file(self) -> bool:
        """Whether this is a file as it lies in the package."""
        return not self.provenance

    def line_of(self, local_line: int) -> int:
        """Returns the line of the file for a 1-based line of this text."""
        return self.first_line if self.is_decoded else self.first_line + local_line - 1

    def local_line_at(self, offset: int) -> int:
        """Returns the 1-based line of this text for an offset, in characters, into it."""
        return bisect_right(self._starts, offset)

    def line_at(self, offset: int) -> int:
        """Returns the line of the file for an offset, in characters, into this text."""
        return self.line_of(self.local_line_at(offset))

    def local_line(self, local_line: int) -> str:
        """Returns one line of the text by its 1-based number; empty when there is none."""
        return self.lines[local_line - 1] if 1 <= local_line <= len(self.lines) else ""
