"""String literals of code: where they stand and what they say.

One pattern for all languages with quotes, ``chr`` and its like included, because a sum
of character codes is a way to write a literal. A literal that is computed from names
(an f-string, a template) counts when the names are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tank_core.analysis.source import Language

_HASH = frozenset(
    {Language.PYTHON, Language.RUBY, Language.PERL, Language.POWERSHELL, Language.SHELL, Language.PHP}
)
_SLASHES = frozenset(
    {
        Language.JAVASCRIPT,
        Language.TYPESCRIPT,
        Language.PHP,
        Language.GO,
        Language.JAVA,
        Language.CSHARP,
        Language.RUST,
    }
)
_TEMPLATES = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.GO})
_NUMBER = r"(?:0[xX][0-9A-Fa-f]{1,6}|\d{1,7})"
_NUMBERS = rf"{_NUMBER}(?:[ \t\n]*+,[ \t\n]*+{_NUMBER})*+"
_CODES = (
    r"(?P<codes>(?:\b(?:chr|Chr|ChrW|CHR|chrW|String\.fromCharCode|String\.fromCodePoint)"
    r"|\[char\])[ \t]*+\([ \t]*+"
    rf"(?P<numbers>{_NUMBERS})[ \t]*+\)|\[char\](?P<number>{_NUMBER})"
    rf"|\b(?:bytes|bytearray)[ \t]*+\([ \t]*+\[[ \t\n]*+(?P<bytes>{_NUMBERS})[ \t\n]*+,?[ \t\n]*+\][ \t]"
    rf"*+\)(?:\.decode\([^()\n]*+\))?)"
)
_PREFIX = r"(?P<prefix>\b[bBrRuUfF]{1,2}(?=[\"'])|[$@](?=\"))?+"
# A literal that is not closed runs to the end of its line, a long one to the end of the text, so
# that no text is read twice.
_QUOTED = (
    r"(?:\"\"\"(?P<long>(?:[^\"\\]++|\\.|\"(?!\"\"))*+)(?:\"\"\")?|'''(?P<long2>(?:[^'\\]++|\\."
    r"|'(?!''))*+)(?:''')?"
    r"|\"(?P<double>(?:[^\"\\\n]++|\\.)*+)\"?|'(?P<single>(?:[^'\\\n]++|\\.)*+)'?"
)
_NAME = r"(?P<name>[$@]?[A-Za-z_][\w$]*+)"
_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9A-Fa-f]{2})|u\{?(?P<u>[0-9A-Fa-f]{4,6})\}?|U(?P<U>[0-9A-Fa-f]{8})|(?P<o>[0-7]{2,3})|(?P<c>.))",
    re.DOTALL,
)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "\n": "", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_FIELD = re.compile(
    r"\$?\{[ \t]*+(?:(?P<name>[A-Za-z_$][\w$]*+)|'(?P<a>[^'{}\n]*+)'|\"(?P<b>[^\"{}\n]*+)\")[ \t]*+\}|\$?\{"
)


def _pattern(language: Language) -> re.Pattern[str]:
    comments = [r"\#[^\n]*+"] if language in _HASH else []
    if language in _SLASHES:
        comments += [r"(?<!:)//[^\n]*+", r"/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"]
    if language is Language.LUA:
        comments += [r"--[^\n]*+"]
    comment = f"(?P<comment>{'|'.join(comments)})|" if comments else ""
    template = r"|`(?P<template>(?:[^`\\]++|\\.)*+)`?" if language in _TEMPLATES else ""
    return re.compile(f"{comment}{_CODES}|{_PREFIX}{_QUOTED}{template})|{_NAME}", re.DOTALL)


_PATTERNS: dict[Language, re.Pattern[str]] = {language: _pattern(language) for language in Language}


@dataclass(frozen=True, slots=True)
class Token:
    """A literal, a name, or a comment.

    Attributes:
        start: offset of its first character.
        end: offset behind its last.
        kind: ``literal``, ``name`` or ``comment``.
        value: what a literal says; the name. None for a literal that is computed.
        is_plain: whether a literal is written as it reads, without escapes or codes.
        prefix: of a literal, ``b`` for bytes, else empty.
    """

    start: int
    end: int
    kind: str
    value: str | None
    is_plain: bool = True
    prefix: str = ""


def tokens(text: str, language: Language, known: Mapping[str, str]) -> Iterator[Token]:
    """Yields the literals, names and comments of a text, in order.

    Args:
        text: code.
        language: its language.
        known: name → the literal that it stands for, within computed literals.
    """
    for match in _PATTERNS[language].finditer(text):
        kind = match.lastgroup
        if kind == "name":
            yield Token(match.start(), match.end(), "name", match["name"])
        elif kind == "comment":
            yield Token(match.start(), match.end(), "comment", None)
        elif kind == "codes":
            numbers = match["numbers"] or match["number"] or match["bytes"]
            yield Token(match.start(), match.end(), "literal", _characters(numbers), False)
        else:
            yield _literal(match, str(kind), language, known)


def _literal(match: re.Match[str], group: str, language: Language, known: Mapping[str, str]) -> Token:
    prefix = (match["prefix"] or "").lower()
    body: str | None = match[group] if match.end() > match.end(group) else None
    is_computed = "f" in prefix or "$" in prefix or (group == "template" and language is not Language.GO)
    is_raw = (
        "r" in prefix or "@" in prefix or (group == "single" and language in {Language.PHP, Language.PERL})
    )
    is_plain = True
    if is_computed and body is not None and "{" in body:
        body, is_plain = _filled(body, known), False
    value = body if body is None or is_raw or language is Language.POWERSHELL else unescaped(body)
    is_plain = is_plain and (value == body or not _hides(body or ""))
    kept = "b" if "b" in prefix and language is Language.PYTHON else ""
    return Token(match.start(), match.end(), "literal", value, is_plain, kept)


def _hides(body: str) -> bool:
    """Whether a literal writes letters as escapes, which only hides them."""
    return any(
        _stands_for(match).isascii() and _stands_for(match).isalnum() for match in _CODED.finditer(body)
    )


_CODED = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u\{?[0-9A-Fa-f]{4,6}\}?|U[0-9A-Fa-f]{8}|[0-7]{3})")


def _stands_for(match: re.Match[str]) -> str:
    return unescaped(match.group())


def _filled(body: str, known: Mapping[str, str]) -> str | None:
    """Returns a template with its fields filled in; None when one is not known."""
    is_known = True

    def value(match: re.Match[str]) -> str:
        nonlocal is_known
        inner = match["a"] if match["a"] is not None else match["b"]
        found = known.get(match["name"]) if match["name"] else inner
        is_known = is_known and found is not None
        return found or ""

    filled = _FIELD.sub(value, body)
    return filled if is_known else None


def unescaped(body: str) -> str:
    """Returns what a literal's body says, its escapes read."""
    return _ESCAPE.sub(_escape, body) if "\\" in body else body


def quoted(value: str, prefix: str = "") -> str:
    """Returns a double-quoted literal of one line."""
    body = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'{prefix}"{body}"'


def _escape(match: re.Match[str]) -> str:
    code = match["x"] or match["u"] or match["U"]
    if code is not None:
        return _character(int(code, 16))
    if match["o"] is not None:
        return _character(int(match["o"], 8))
    named = _NAMED.get(match["c"])
    return named if named is not None else match["c"]


def _characters(numbers: str) -> str:
    return "".join(
        _character(int(number, 0 if "x" in number.lower() else 10)) for number in numbers.split(",")
    )


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
