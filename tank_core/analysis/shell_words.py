"""Shell text as pipelines of commands, without running any of it.

A small reader of the parts that matter for analysis: quoting is undone (``c''url``
is ``curl``), pipes and separators are followed, command and process substitutions
are read as pipelines of their own. It decides nothing about meaning and expands no
variable. Here-documents are skipped; ``sources`` takes them out as texts of their own.

Source: POSIX.1-2024, "Shell Command Language", sections 2.2, 2.3 and 2.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

_MAX_DEPTH = 6  # substitutions within substitutions; deeper text is left as a word
_MAX_QUOTED = 50  # substitutions read out of one quoted word

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]++|\\\n)
      | (?P<here><<-?[ \t]*+(?P<q>['"\\]?)(?P<end>\w++)['"]?)
      | (?P<op>\|\||\|&|&&|&>>?|[0-9]?>>?&?|<<<|<(?!\()|;;?|[|&();\n])
      | (?P<comment>\#[^\n]*+)
      | (?P<word>[^\s|&;<>()#](?:)|.)""",
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(
    r"""'(?P<single>[^']*+)'
      | \$'(?P<ansi>(?:[^'\\]++|\\.)*+)'
      | "(?P<double>(?:[^"\\]++|\\.)*+)"
      | (?P<sub>\$\(|<\(|>\()
      | `(?P<tick>[^`]*+)`
      | \\(?P<escaped>.)
      | (?P<plain>[^\s'"`\\$|&;<>()]++|\$)""",
    re.VERBOSE | re.DOTALL,
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")


def _words(text: str) -> list[str]:
    return text.split()


_WRAPPERS = frozenset(
    _words(
        "sudo doas env nohup time command exec builtin xargs setsid stdbuf nice ionice timeout then do "
        "else if while until ! { "
    )
)
_PROMPT = re.compile(r"^(?:\$|%|>)[ \t]++", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: its words, de-quoted; redirections appear as words such as ``>``."""

    words: tuple[str, ...]

    @property
    def assignments(self) -> tuple[tuple[str, str], ...]:
        """Leading ``NAME=value`` words, also those of ``export`` and ``local``."""
        words = self.words[1:] if self.words[:1] in {("export",), ("local",), ("readonly",)} else self.words
        found = []
        for word in words:
            if not _ASSIGNMENT.match(word):
                break
            name, _, value = word.partition("=")
            found.append((name.rstrip("+"), value))
        return tuple(found)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words after assignments and wrappers such as ``sudo``: program first; may be empty."""
        rest, wrapper = list(self.words), ""
        while rest and (_ASSIGNMENT.match(rest[0]) or _own_name(rest[0]) in _WRAPPERS):
            first = _own_name(rest.pop(0))
            wrapper = first if first in _WRAPPERS else wrapper
            while first in _WRAPPERS and rest and rest[0].startswith("-"):
                rest.pop(0)
            if first == "timeout" and rest:
                rest.pop(0)
        return tuple(rest) or ((wrapper,) if wrapper else ())

    @property
    def program(self) -> str:
        """The last path segment of the program's name; empty for a bare assignment."""
        return self.arguments[0].rsplit("/", 1)[-1] if self.arguments else ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by pipes. ``line``: 1-based line, in the text read, of the first one."""

    commands: tuple[Command, ...]
    line: int


def _own_name(word: str) -> str:
    return word.rpartition("/")[2] if word.startswith("/") else word


# Several detectors and observers read each script; the cache holds those of one usual package.
@lru_cache(maxsize=512)
def pipelines(text: str) -> tuple[Pipeline, ...]:
    """Returns every pipeline in a shell text, substitutions after the pipeline that holds them."""
    budget = [4 * len(text) + 10_000]  # characters of substitutions read: keeps hostile nesting linear
    return tuple(_pipelines(_PROMPT.sub("", text), 1, 0, budget))


def _pipelines(text: str, first_line: int, depth: int, budget: list[int]) -> Iterator[Pipeline]:
    reader = _Reader(text, first_line)
    commands: list[Command] = []
    words: list[str] = []
    start = first_line
    for kind, value, line in reader.tokens():
        if kind == "word":
            start = line if not words and not commands else start
            words.append(value)
            continue
        if words:
            commands.append(Command(tuple(words)))
            words = []
        if value not in {"|", "|&"} and commands:
            yield Pipeline(tuple(commands), start)
            commands = []
    if words:
        commands.append(Command(tuple(words)))
    if commands:
        yield Pipeline(tuple(commands), start)
    for inner, line in reader.inner:
        budget[0] -= len(inner)
        if depth < _MAX_DEPTH and budget[0] > 0:
            yield from _pipelines(inner, line, depth + 1, budget)


class _Reader:
    """Reads tokens; collects the texts of substitutions in ``inner``."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.line = first_line
        self.inner: list[tuple[str, int]] = []
        self._here: list[str] = []

    def tokens(self) -> Iterator[tuple[str, str, int]]:
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:  # unreachable by construction; refuse to loop for ever
                return
            kind = match.lastgroup if match["here"] is None else "here"
            if kind == "word":
                start = self.line
                word, position = self._word(position)
                yield "word", word, start
                continue
            position = match.end()
            if kind == "here":
                self._here.append(match["end"])
            elif kind == "op":
                yield from self._operator(match["op"])
                if match["op"] == "\n":
                    position = self._after_here_documents(position)
            elif kind == "skip":
                self.line += match.group().count("\n")

    def _operator(self, operator: str) -> Iterator[tuple[str, str, int]]:
        kind = "word" if operator[-1] in "<>" or operator.endswith(">&") or "&>" in operator else "op"
        yield kind, operator, self.line
        self.line += operator.count("\n")

    def _word(self, position: int) -> tuple[str, int]:
        parts: list[str] = []
        while position < len(self.text):
            match = _PART.match(self.text, position)
            if match is None:
                break
            if match["sub"]:
                end = _balanced(self.text, match.end())
                self.inner.append((self.text[match.end() : end], self.line))
                parts.append(self.text[position : end + 1])
                self.line += self.text.count("\n", position, end + 1)
                position = end + 1
                continue
            parts.append(self._part(match))
            self.line += match.group().count("\n")
            position = match.end()
        if parts:
            return "".join(parts), position
        return self.text[position], position + 1  # an unmatched quote: one character, then on

    def _part(self, match: re.Match[str]) -> str:
        if match["double"] is not None:
            self._collect_quoted(match["double"])
            return re.sub(r'\\([\\"$`])', r"\1", match["double"])
        if match["tick"] is not None:
            self.inner.append((match["tick"], self.line))
            return match.group()
        if match["ansi"] is not None:
            return _ansi(match["ansi"])
        if match["escaped"] is not None:
            return "" if match["escaped"] == "\n" else match["escaped"]
        return match["single"] if match["single"] is not None else match["plain"]

    def _collect_quoted(self, text: str) -> None:
        for opening in islice(re.finditer(r"\$\(", text), _MAX_QUOTED):
            end = _balanced(text, opening.end())
            self.inner.append((text[opening.end() : end], self.line))
        for tick in re.finditer(r"`([^`]+)`", text):
            self.inner.append((tick.group(1), self.line))

    def _after_here_documents(self, position: int) -> int:
        for end in self._here:
            close = re.compile(rf"^[ \t]*{re.escape(end)}[ \t]*$", re.MULTILINE).search(self.text, position)
            stop = close.end() if close else len(self.text)
            self.line += self.text.count("\n", position, stop)
            position = stop
        self._here = []
        return position


def _balanced(text: str, position: int) -> int:
    """Returns the offset of the parenthesis that closes one opened just before, or the end."""
    depth = 1
    for match in re.compile(r"'[^']*+'|\\.|[()]", re.DOTALL).finditer(text, position):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0:
            return match.start()
    return len(text)


def _ansi(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = int(match["hex"], 16) if match["hex"] else int(match["octal"], 8)
        return chr(code % 256)

    return re.sub(r"\\(?:x(?P<hex>[0-9a-fA-F]{1,2})|(?P<octal>[0-7]{1,3}))", character, text)
