"""Where words go: data on stdout, talk on stderr, colour and progress only on a terminal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO

from tank_cli.folding import WIDTH, folded

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_STYLED = re.compile(r"\x1b\[\d+m")  # what takes no column


def wants_colour(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Returns whether a stream may get colour: a terminal, and NO_COLOR is not set.

    Source: https://no-color.org
    """
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()


@dataclass(frozen=True, slots=True)
class Console:
    """The two streams of one invocation, and how it may use them.

    ``as_json``: stdout gets exactly one JSON document, and no table.
    """

    stdout: TextIO
    stderr: TextIO
    as_json: bool = False
    colour_out: bool = False
    colour_err: bool = False

    @classmethod
    def of(
        cls, stdout: TextIO, stderr: TextIO, environment: Mapping[str, str], *, as_json: bool = False
    ) -> Console:
        """Returns the console for two streams."""
        return cls(
            stdout,
            stderr,
            as_json,
            wants_colour(environment, stdout) and not as_json,
            wants_colour(environment, stderr),
        )

    def show(self, document: object, lines: Iterable[str], *, folds: bool = True) -> None:
        """Prints a command's result: the document with ``--json``, the lines without.

        ``folds``: lines wider than 80 columns are broken at a blank; program text must not be.
        """
        if self.as_json:
            text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
            self.stdout.write("".join(c if c == "\n" else _printable_json(c) for c in text) + "\n")
            return
        for line in lines:
            text = _plain(line)
            self.stdout.write("".join(f"{part}\n" for part in (folded(text) if folds else [text])))

    def show_styled(self, text: str, style: str) -> None:
        """Prints one line of a result that must not be broken, in a style ("" for none) where colour is wanted."""
        line = _plain(text.replace("\n", " "))
        self.stdout.write((self.style(line, style) if style else line) + "\n")

    def say(self, text: str, *, label: str = "") -> None:
        """Tells the person something that is not data. ``label``: our own words before it, with their style."""
        width = len(_STYLED.sub("", label))
        self.stderr.write(label + "\n".join(folded(_plain(text), taken=width)) + "\n")

    def warn(self, text: str) -> None:
        """Tells the person something that deserves attention."""
        self.say(text, label=f"{self.style_err('warning', 'yellow')}: ")

    def progress(self, text: str) -> None:
        """Replaces the progress line; does nothing unless stderr is a terminal.

        It is cut to the terminal's width: of a line that wraps, only the last part could be taken back.
        """
        if self.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{text[: _columns(self.stderr) - 1]}")
            self.stderr.flush()

    def style(self, text: str, name: str) -> str:
        """Returns text for stdout in a style, or as it is where colour is not wanted."""
        return _styled(text, name) if self.colour_out else text

    def style_err(self, text: str, name: str) -> str:
        """Returns text for stderr in a style, or as it is where colour is not wanted."""
        return _styled(text, name) if self.colour_err else text


def _columns(terminal: TextIO) -> int:
    """Returns how wide a terminal is; as wide as everything else that is written where it does not say."""
    try:
        return os.get_terminal_size(terminal.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def _styled(text: str, name: str) -> str:
    return f"\x1b[{_STYLES[name]}m{text}\x1b[0m"


def _plain(text: str) -> str:
    """Returns lines of ours that may hold text from elsewhere, of which only breaks and tabs have an effect."""
    return "".join(c if c in "\n\t" else printable(c) for c in text)


def _printable_json(character: str) -> str:
    """Returns a character of a JSON document, which stands in a string there where it is not printable."""
    return character if character.isprintable() else json.dumps(character)[1:-1]


def printable(text: str) -> str:
    """Returns text from elsewhere with control characters escaped, so that it cannot move the cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
