"""Expressions of JavaScript, TypeScript, Ruby, PHP, Go, PowerShell and Perl, read as text.

A small reader of what these languages have in common: string literals with what is
interpolated in them, concatenation, alternatives (``||``, ``??``, ``? :``), names
bound to such expressions, and a few calls that build addresses and paths. No scope
and no control flow: one name is one list of alternatives. Also reads Python that
does not parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from tank_core.analysis.observers.values import HOLE, UNKNOWN, Values, bounded, joined, path_joined, resolved
from tank_core.analysis.observers.view import View
from tank_core.analysis.observers.word_lists import listed

_MAX_DEPTH = 5
_MAX_TOKENS = 48  # of one expression
_MAX_BINDINGS = 6000
_NAME = r"[$@]{0,2}[A-Za-z_][\w$]{0,80}"
_TOKEN = re.compile(
    r"(?P<space>\s{1,200})"
    r"|(?P<string>[fFrRbBuU@$]{0,2}(?:\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`))"
    rf"|(?P<name>{_NAME}(?:(?:\?\.|\.|->|::){_NAME}){{0,6}}[!?]?)"
    r"|(?P<number>\d{1,8})"
    r"|(?P<op>\|\||\?\?|//|=>|[+.?:()\[\]{},])",
    re.DOTALL,
)
_BINDING = re.compile(
    rf"(?<![\w$.>=!<])(?P<quote>[\"']?)(?P<name>(?:this\.|self\.|\$this->|\$env:|@)?{_NAME})(?P=quote)"
    r"(?:[ \t]?:[ \t]?[A-Z]?[A-Za-z]{1,30}(?:\[\]|<[\w, ]{1,40}>)?(?=[ \t]?=))?[ \t]{0,40}(?:=>|:="
    r"|\|\|=|=(?![=~>])|:(?![:/]))\s{0,40}"
    r"(?=[\"'`A-Za-z_$(@\[\d])"
)
_INTERPOLATED = re.compile(
    r"[$#]\{(?P<brace>[^{}]{1,120})\}|\{(?P<curly>\$?[A-Za-z_][^{}\n]{0,80})\}|\$\((?P<sub>[^()\n]{1,80})\)"
    r"|\$(?P<plain>[A-Za-z_]\w{0,60}(?:(?:->|\.)[A-Za-z_]\w{0,60})?)|%[sdv]"
)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_HOME = re.compile(
    r"(?:os\.)?homedir$|process\.env\.(?:HOME|USERPROFILE)$|Dir\.home$|os\.UserHomeDir$"
    r"|\$env:(?:HOME|USERPROFILE)$"
    r"|^\$HOME$|^HOME$|USERPROFILE$"
)
_URL_BUILDERS = frozenset({"URL", "urljoin", "URI.join", "url.resolve", "url.URL"})
_SAME_TEXT = listed("URL URI Uri parse String expand_path Parse Sprintf sprintf")
_JOINS = re.compile(r"(?:path|filepath|File|posix|upath)?\.?(?:join|resolve|Join|Join-Path)$")
_ENVIRONMENT = re.compile(
    r"(?:process\.env|Deno\.env|Bun\.env|import\.meta\.env|ENV|os\.environ|\$_ENV|\$_SERVER"
    r"|\$env)[.:]?(?P<name>\w*)"
)
_GETENV = frozenset(
    {"getenv", "os.Getenv", "ENV.fetch", "Deno.env.get", "os.getenv", "os.environ.get", "env"}
)


@dataclass(slots=True)
class Literals:
    """The expressions of one text.

    Attributes:
        text: the text without its comments.
        bindings: name → offsets of the expressions that it is bound to.
    """

    text: str
    path: str
    view: View
    bindings: dict[str, list[int]] = field(default_factory=dict)
    _known: dict[int, tuple[Values, int]] = field(default_factory=dict)
    _open: set[int] = field(default_factory=set)

    def at(self, offset: int, depth: int = 0) -> Values:
        """Returns what the expression at an offset may evaluate to."""
        return self.expression(offset, depth)[0]

    def expression(self, offset: int, depth: int = 0) -> tuple[Values, int]:
        """Returns the values of an expression, and the offset behind it."""
        known = self._known.get(offset)
        if known is not None:
            return known
        if depth > _MAX_DEPTH or offset in self._open:
            return UNKNOWN, offset
        self._open.add(offset)
        found = _Reader(self, offset, depth).read()
        self._open.discard(offset)
        self._known[offset] = found
        return found

    def name(self, name: str, depth: int) -> Values:
        """Returns what a name, plain or dotted, is bound to."""
        if _HOME.search(name):
            return ("~",)
        environment = _ENVIRONMENT.fullmatch(name)
        if environment:
            return self.view.constant(environment["name"], self.path)
        last = re.split(r"\?\.|\.|->|::", name)[-1].lstrip("$@")
        offsets = self.bindings.get(last)
        if offsets:
            return bounded(text for offset in offsets[:12] for text in self.at(offset, depth + 1))
        return self.view.constant(last, self.path)

    def literal(self, literal: str, depth: int) -> Values:
        """Returns what a string literal says, with what is interpolated in it."""
        body = literal.lstrip("fFrRbBuU@$")
        quote, inner = body[:1], body[1:-1]
        is_plain = quote == "'" and not literal.startswith(("f", "F"))
        parts: list[Values] = []
        end = 0
        for match in [] if is_plain else _INTERPOLATED.finditer(inner):
            if len(parts) > 40:
                break
            if match["curly"] and quote == "`":
                continue
            parts += [(_unescaped(inner[end : match.start()]),), self._interpolated(match, depth)]
            end = match.end()
        return joined([*parts, (_unescaped(inner[end:]),)])

    def _interpolated(self, match: re.Match[str], depth: int) -> Values:
        code = (match["brace"] or match["curly"] or match["sub"] or match["plain"] or "").strip()
        if not code or depth >= _MAX_DEPTH:
            return UNKNOWN
        inner = Literals(code, self.path, self.view, self.bindings)
        name = _TOKEN.match(code)
        if name and name["name"] and name.end() == len(code):
            return self.name(code, depth + 1)
        if "||" in code or "??" in code or code[:1] in "\"'":
            return _Reader(_Within(inner, self), 0, depth + 1).read()[0]
        return self.name(name["name"], depth + 1) if name and name["name"] and ".replace" in code else UNKNOWN


class _Within(Literals):
    """An interpolated expression: its text is its own, its names are those of the text around it."""

    def __init__(self, inner: Literals, outer: Literals) -> None:
        super().__init__(inner.text, outer.path, outer.view, outer.bindings)
        self._outer = outer

    def name(self, name: str, depth: int) -> Values:
        """Returns what a name of the text around is bound to."""
        return self._outer.name(name, depth)


class _Reader:
    """Reads one expression: terms, joined by ``+`` or PHP's ``.``, in alternatives."""

    def __init__(self, text: Literals, offset: int, depth: int) -> None:
        self._source = text
        self._offset = offset
        self._depth = depth
        self._tokens = 0

    def read(self) -> tuple[Values, int]:
        alternatives: list[str] = []
        parts: list[Values] = []
        expects_term = True
        while self._tokens < _MAX_TOKENS:
            token = self._peek()
            if token is None:
                break
            if expects_term:
                term = self._term(token)
                if term is None:
                    break
                parts.append(term)
                expects_term = False
                continue
            operator = token["op"]
            if operator == "+" or (operator == "." and self._is_concatenation(token)):
                expects_term = True
            elif operator in {"||", "??", "?", "//"} or (operator == ":" and alternatives):
                alternatives += joined(parts) if operator != "?" else ()
                alternatives += [HOLE] if operator == "?" else []
                parts, expects_term = [], True
            else:
                break
            self._offset = token.end()
        if parts:
            alternatives += joined(parts)
        return bounded(alternatives), self._offset

    def _peek(self) -> re.Match[str] | None:
        while True:
            self._tokens += 1
            match = _TOKEN.match(self._source.text, self._offset)
            if match is None or match["space"] is None:
                return match
            if "\n\n" in match["space"]:
                return None
            self._offset = match.end()

    def _is_concatenation(self, token: re.Match[str]) -> bool:
        after = self._source.text[token.end() : token.end() + 2].lstrip()
        return after[:1] in {"'", '"', "$"} or self._source.text[token.start() - 1 : token.start()] == " "

    def _term(self, token: re.Match[str]) -> Values | None:
        if token["op"] and token["op"] not in {"(", "["}:
            return None
        self._offset = token.end()
        if token["string"]:
            return self._source.literal(token["string"], self._depth)
        if token["number"]:
            return (token["number"],)
        if token["name"]:
            return self._named(token["name"])
        return bounded(text for values in self._arguments() for text in values)

    def _named(self, name: str) -> Values | None:
        if name in {"new", "await", "return", "typeof", "const", "my", "let", "var"}:
            token = self._peek()
            return self._term(token) if token is not None else None
        following = self._source.text[self._offset : self._offset + 1]
        if following == "(":
            self._offset += 1
            return self._called(name, self._arguments())
        if following == "[":
            self._offset += 1
            keys = self._arguments()
            key = keys[0][0] if keys else HOLE
            if HOLE not in key and not key.isdigit():
                return self._source.name(
                    key if not _ENVIRONMENT.fullmatch(name) else f"ENV.{key}", self._depth
                )
        return self._source.name(name, self._depth)

    def _arguments(self) -> list[Values]:
        """Returns the values of a list up to its closing bracket, at most eight."""
        found: list[Values] = []
        while len(found) < 8 and self._tokens < _MAX_TOKENS and self._depth <= _MAX_DEPTH:
            values, end = self._source.expression(self._offset, self._depth + 1)
            found.append(values)
            self._offset = end
            token = self._peek()
            if token is None or token["op"] != ",":
                if token is not None and token["op"] in {")", "]"}:
                    self._offset = token.end()
                break
            self._offset = token.end()
        return found

    def _called(self, name: str, arguments: list[Values]) -> Values:
        last = name.rpartition(".")[2]
        if name in _GETENV and arguments:
            found = self._environment(arguments)
        elif _HOME.search(name):
            found = ("~",)
        elif (last in _URL_BUILDERS or name in _URL_BUILDERS) and len(arguments) > 1:
            found = resolved(arguments[1], arguments[0])
        elif _JOINS.search(name):
            found = path_joined(arguments)
        elif last in _SAME_TEXT:
            found = _first(arguments)
        elif last in {"replace", "trim", "trimEnd", "toString", "concat"} and "." in name:
            found = self._source.name(name.rpartition(".")[0], self._depth)
        else:
            found = UNKNOWN
        return found

    def _environment(self, arguments: list[Values]) -> Values:
        """Returns what a read of the environment gives: other files' constants, then the default."""
        named = [t for key in arguments[0] for t in self._source.name(f"ENV.{key}", self._depth) if t != HOLE]
        return bounded([*named, *(arguments[1] if len(arguments) > 1 else ())])


def _first(arguments: list[Values]) -> Values:
    return bounded(text.replace("%s", HOLE) for text in arguments[0]) if arguments else UNKNOWN


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else {"n": "\n", "t": "\t"}.get(match.group(3), match.group(3))

    return _ESCAPE.sub(character, text)


@lru_cache(maxsize=16)
def literals_of(text: str, path: str, view: View) -> Literals:
    """Returns the reader of a text, its bindings collected.

    Args:
        text: the text without its comments.
        path: its file.
        view: the package around it.
    """
    found = Literals(text, path, view)
    for count, match in enumerate(_BINDING.finditer(text)):
        if count >= _MAX_BINDINGS:
            break
        name = re.split(r"\.|->|:", match["name"])[-1].lstrip("$@")
        found.bindings.setdefault(name, []).append(match.end())
    return found


_STRING_START = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`", re.DOTALL)


def strings(found: Literals) -> Iterator[tuple[int, Values]]:
    """Yields (offset, values) of every expression that begins with a string literal."""
    for match in _STRING_START.finditer(found.text):
        before = found.text[max(0, match.start() - 4) : match.start()].rstrip()
        if not before.endswith("+"):
            yield match.start(), found.at(match.start())
