"""Shell, PowerShell and batch text with its disguises undone: what ``a=cu; b=rl; $a$b`` comes to.

A view of the same lines. Folded are variables that are set once to plain text, quotes
and escapes inside words, ``${IFS}``, ``$'\\x63'``, ``echo`` and ``printf`` of plain text in a
substitution, PowerShell's backticks, and the carets and variables of batch files.
"""

from __future__ import annotations

import re

from tank_core.analysis import shell_names
from tank_core.analysis.literals import unescaped
from tank_core.analysis.source import Language

LANGUAGES = frozenset({Language.SHELL, Language.POWERSHELL, Language.BATCH})
_ROUNDS = 3  # variables within variables
_MAX_VALUE = 4096  # characters that a variable stands for; longer ones are data
_GROWTH = 2  # times the text, at most

_SET = re.compile(
    r"(?:^|(?<=[;&|{(\s]))(?:(?:export|local|readonly"
    r"|declare(?:[ \t]+-\w+)?)[ \t]+)?(?P<name>[A-Za-z_]\w{0,60})(?P<more>\+?)="
    r"(?:\"(?P<double>[^\"\n$`\\]*+)\"|'(?P<single>[^'\n]*+)'|(?P<bare>[^\s;&|<>()$`\"'\\]*+))(?=[\s;&|)]|$)",
    re.MULTILINE,
)
_ANY_SET = re.compile(
    r"(?<![\w$])(?P<name>[A-Za-z_]\w*+)\+?=|\b(?:read|for)[ \t]+(?:-\w+[ \t]+)*(?P<other>[A-Za-z_]\w*)"
)
_USE = re.compile(
    r"(?<!\\)\$(?:\{(?P<name>[A-Za-z_]\w*+)(?::(?P<from>\d{1,4})(?::(?P<count>\d{1,4}))?)?\}"
    r"|(?P<plain>[A-Za-z_]\w*+))"
)
_IFS = re.compile(r"\$(?:\{IFS(?:%\?\?)?\}|IFS(?:\$\d)?)(?=[^\w]|\w)")
_ANSI = re.compile(r"\$'(?P<body>(?:[^'\\\n]++|\\.)*+)'")
_EMPTY_QUOTES = re.compile(r"(?<=[A-Za-z/.-])(?:\"\"|'')(?=[A-Za-z/.-])")
_INNER_QUOTES = re.compile(
    r"(?<=[a-z])(?P<quote>[\"'])(?P<letters>[a-z]{1,3})(?P=quote)(?=[a-z\s|])|(?<=[\s"
    r"|;&])(?P<q>[\"'])(?P<l>[a-z]{1,2})(?P=q)(?=[a-z])"
)
_INNER_ESCAPE = re.compile(r"(?<=[A-Za-z])\\(?=[A-Za-z])|(?<=[\s|;&(])\\(?=[a-z]{2})")
_SAID = re.compile(
    r"(?:\$\([ \t]*+|`[ \t]*+)(?P<how>echo|printf)[ \t]++(?P<flags>-[neE]++[ \t]++)"
    r"?(?:\"(?P<double>[^\"\n$`]*+)\"|'(?P<single>[^'\n]*+)'"
    r"|(?P<bare>[\w./:-]++))[ \t]*+(?P<rev>\|[ \t]*+rev[ \t]*+)?(?:\)|`)"
)
_AT_NOTHING = re.compile(r"(?<=[A-Za-z])(?:\$@|\$\*|\$\{@\}|\$\{[a-z]{1,3}:\+\})(?=[A-Za-z])")
# A quotation that is not closed runs to the end of its line, so that no text is read twice.
_UNQUOTED = re.compile(r"'[^'\n]*+'?|\"(?:[^\"\\\n]++|\\[^\n])*+\"?|(?P<bare>[^'\"\n]++)")
_CONTINUED = re.compile(r"^(?:[^\n\\]++|\\[^\n])*+\\\n(?:(?:[^\n\\]++|\\[^\n])*+\\\n)*+[^\n]*+", re.MULTILINE)
_TICK = re.compile(r"(?<=[A-Za-z(&])`(?=[A-Za-z])|(?<=[A-Za-z])`\n[ \t]*+(?=[A-Za-z])")
_CARET = re.compile(r"\^(?=[\w\"'/\\|&:.-])")
_BATCH_SET = re.compile(r"(?im)^[ \t]*+@?set[ \t]+\"?(?P<name>[\w-]{1,40})=(?P<value>[^\n\"%&|]{0,400}+)")
_BATCH_USE = re.compile(r"%(?P<name>[\w-]{1,40})(?::~(?P<from>\d{1,3})(?:,(?P<count>\d{1,3}))?)?%")


def view(text: str, language: Language) -> str | None:
    """Returns the folded text, line for line; None when there is nothing to fold."""
    if language is Language.SHELL:
        folded = _shell(text)
    elif language is Language.POWERSHELL:
        folded = _TICK.sub(lambda match: "\n" * match.group().count("\n"), text)
    elif language is Language.BATCH:
        folded = _batch(text)
    else:
        return None
    return folded if folded != text and folded.count("\n") == text.count("\n") else None


def _shell(text: str) -> str:
    folded = _unbroken(text) if "\\\n" in text else text
    folded = _ANSI.sub(lambda match: _word(unescaped(match["body"])), folded) if "$'" in folded else folded
    for _ in range(_ROUNDS):
        before = folded
        folded = _SAID.sub(_said, folded)
        folded = _substituted(folded, len(text))
        if folded == before:
            break
    folded = _IFS.sub(" ", folded) if "IFS" in folded else folded
    folded = _AT_NOTHING.sub("", folded)
    folded = _EMPTY_QUOTES.sub("", folded)
    folded = _INNER_QUOTES.sub(lambda match: match["letters"] or match["l"], folded)
    folded = _UNQUOTED.sub(_without_escapes, folded) if "\\" in folded else folded
    return shell_names.under_own_names(folded)


def _without_escapes(match: re.Match[str]) -> str:
    return _INNER_ESCAPE.sub("", match.group()) if match["bare"] else match.group()


def _unbroken(text: str) -> str:
    """Returns the text with continued lines as one, and empty lines for those that went into it."""

    def joined(match: re.Match[str]) -> str:
        lines = match.group().split("\\\n")
        return " ".join(
            line.strip(" \t") if n else line.rstrip(" \t") for n, line in enumerate(lines)
        ) + "\n" * (len(lines) - 1)

    return _CONTINUED.sub(joined, text)


def _said(match: re.Match[str]) -> str:
    text = next(part for part in (match["double"], match["single"], match["bare"]) if part is not None)
    if match["how"] == "printf" or "e" in (match["flags"] or ""):
        text = unescaped(text)
    return _word(text[::-1] if match["rev"] else text)


def _word(text: str) -> str:
    """Returns what an escape says, on one line, without what would end a word early."""
    return "".join(character if character.isprintable() else " " for character in text)


def _substituted(text: str, size: int) -> str:
    """Returns the text with variables that are set once, to plain text, put in where they are used."""
    counts: dict[str, int] = {}
    for match in _ANY_SET.finditer(text):
        name = match["name"] or match["other"]
        counts[name] = counts.get(name, 0) + 1
    pieces: dict[str, list[str]] = {}
    for match in _SET.finditer(text):
        value = next(part for part in (match["double"], match["single"], match["bare"]) if part is not None)
        if bool(match["more"]) == (match["name"] in pieces):  # set once, then appended to
            pieces.setdefault(match["name"], []).append(value)
    known = {
        name: "".join(values)
        for name, values in pieces.items()
        if len(values) == counts.get(name) and 0 < sum(map(len, values)) <= _MAX_VALUE
    }
    left = _GROWTH * size + 4096

    def value_of(match: re.Match[str]) -> str:
        nonlocal left
        value = known.get(match["name"] or match["plain"])
        if value is None:
            return match.group()
        if match["from"]:
            start = int(match["from"])
            value = value[start : start + int(match["count"])] if match["count"] else value[start:]
        left -= len(value)
        return value if left > 0 else match.group()

    return _USE.sub(value_of, text) if known else text


def _batch(text: str) -> str:
    known = {match["name"].lower(): match["value"].strip() for match in _BATCH_SET.finditer(text)}
    left = _GROWTH * len(text) + 4096

    def value_of(match: re.Match[str]) -> str:
        nonlocal left
        value = known.get(match["name"].lower())
        if value is None:
            return match.group()
        if match["from"]:
            start = int(match["from"])
            value = value[start : start + int(match["count"])] if match["count"] else value[start:]
        left -= len(value)
        return value if left > 0 else match.group()

    return _CARET.sub("", _BATCH_USE.sub(value_of, text) if known else text)
