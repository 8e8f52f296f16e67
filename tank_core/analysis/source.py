"""What the rules look at: one text, with the place in the package it came from.

A package is taken apart into sources: whole files, the fenced blocks of Markdown,
the here-documents of shell scripts, and what encoded layers decode to. Each
remembers its file, the line where it begins and how it was reached, so that a
finding in it has an address that a person can open.
"""

from __future__ import annotations

import re
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
    GO = "go"
    PERL = "perl"
    LUA = "lua"
    JAVA = "java"
    CSHARP = "csharp"
    RUST = "rust"
    BATCH = "batch"
    APPLESCRIPT = "applescript"
    VBSCRIPT = "vbscript"
    DOCKERFILE = "dockerfile"
    MAKEFILE = "makefile"
    CRONTAB = "crontab"
    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"
    NOTEBOOK = "notebook"
    YAML = "yaml"
    TOML = "toml"
    INI = "ini"
    XML = "xml"
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
        Language.GO,
        Language.PERL,
        Language.LUA,
        Language.JAVA,
        Language.CSHARP,
        Language.RUST,
        Language.BATCH,
        Language.APPLESCRIPT,
        Language.VBSCRIPT,
    }
)


_PART_OF_CODE = re.compile(
    r"(?:command in|argument for) (?:python|javascript|typescript|ruby|php|shell|go|perl|lua|java|csharp|rust|"
    r"powershell|batch)\b"
)


# The views of a text, see ``folding``, ``normalized`` and ``rendered``.
VIEWS = ("folded strings", "normalised text", "as it is read")
_WHOLE = frozenset({"", *VIEWS})


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
        places: the line of the file for each line of the text, where they do not simply follow
            ``first_line``; the last one stands for all that come after it.
        lines: the lines of the text, without their ends.
    """

    file: str
    first_line: int
    language: Language
    text: str
    provenance: str = ""
    is_decoded: bool = False
    places: tuple[int, ...] = ()
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

    @property
    def is_file_text(self) -> bool:
        """Whether this is a whole file, as it lies in the package or in one of its plain views."""
        return self.provenance in _WHOLE

    @property
    def is_outer_text(self) -> bool:
        """Whether this is a whole file, or a plain view of anything: a block as it is stands in its file's text."""
        return self.is_whole_file or self.provenance.endswith(VIEWS)

    @property
    def is_part_of_code(self) -> bool:
        """Whether this is a command or an argument within code that is a source itself."""
        return _PART_OF_CODE.search(self.provenance) is not None

    def line_of(self, local_line: int) -> int:
        """Returns the line of the file for a 1-based line of this text."""
        if self.is_decoded:
            return self.first_line
        if self.places:
            return self.places[min(max(local_line, 1), len(self.places)) - 1]
        return self.first_line + local_line - 1

    def within(
        self,
        local_line: int,
        language: Language,
        text: str,
        how: str,
        *,
        places: tuple[int, ...] = (),
        is_decoded: bool = False,
    ) -> Source:
        """Returns a text that stands in this one as a source of its own.

        Args:
            local_line: 1-based line of this text on which it begins.
            language: how to read it.
            text: what it says.
            how: its own step of the provenance, added to this one's.
            places: 1-based lines of this text, one for each line of the new one, where
                they do not simply follow ``local_line``.
            is_decoded: whether an encoding hid it here.
        """
        followed = not places and not self.places
        return Source(
            self.file,
            self.line_of(local_line),
            language,
            text,
            f"{self.provenance}, {how}" if self.provenance else how,
            is_decoded=self.is_decoded or is_decoded,
            places=()
            if followed or self.is_decoded or is_decoded
            else self._places_of(local_line, text, places),
        )

    def _places_of(self, local_line: int, text: str, places: tuple[int, ...]) -> tuple[int, ...]:
        own = places or range(local_line, local_line + text.count("\n") + 1)
        return tuple(self.line_of(line) for line in own)

    def local_line_at(self, offset: int) -> int:
        """Returns the 1-based line of this text for an offset, in characters, into it."""
        return bisect_right(self._starts, offset)

    def line_at(self, offset: int) -> int:
        """Returns the line of the file for an offset, in characters, into this text."""
        return self.line_of(self.local_line_at(offset))

    def local_line(self, local_line: int) -> str:
        """Returns one line of the text by its 1-based number; empty when there is none."""
        return self.lines[local_line - 1] if 1 <= local_line <= len(self.lines) else ""
