"""Code with its string building done: what ``"cu" + "rl"`` comes to, written as ``"curl"``.

A view of the same lines. Folded are sums, neighbours, ``join``, ``format``, ``%``,
``replace`` and reversal of literals, character codes, escapes that hide letters, names
that stand for one literal, and ways to reach a name by a text (``getattr``, ``x["y"]``).
Nothing is run; what is not a literal stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tank_core.analysis import called_names, decoded_literals, named_literals
from tank_core.analysis.literals import Token, quoted, tokens, unescaped
from tank_core.analysis.source import Language

HOW = "folded strings"
LANGUAGES = frozenset(
    {
        Language.PYTHON,
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
        Language.VBSCRIPT,
        Language.APPLESCRIPT,
    }
)
_ROUNDS = 4  # a join of sums of formats; nothing honest goes deeper
_MAX_LITERAL = 64 << 10  # characters of one folded literal
_SPACE = r"(?:[ \t\n]|\\\n)*+"
_JOINTS: dict[Language, re.Pattern[str]] = {
    **{language: re.compile(rf"{_SPACE}\+{_SPACE}") for language in LANGUAGES},
    Language.RUBY: re.compile(rf"{_SPACE}(?:\+|<<){_SPACE}"),
    Language.PHP: re.compile(rf"{_SPACE}\.{_SPACE}"),
    Language.PERL: re.compile(rf"{_SPACE}\.{_SPACE}"),
    Language.LUA: re.compile(rf"{_SPACE}\.\.{_SPACE}"),
    Language.VBSCRIPT: re.compile(r"(?:[ \t]|_[ \t]*+\n)*+[&+](?:[ \t]|_[ \t]*+\n)*+"),
    Language.APPLESCRIPT: re.compile(r"[ \t]*+&[ \t]*+"),
}
# Python and Ruby join literals that stand side by side; over lines only within brackets.
_NEIGHBOURS = re.compile(r"(?:[ \t]|\\\n)*+")
_NEIGHBOURS_WITHIN = re.compile(_SPACE)
_LITERAL = r"(?<!\\)(?:\"(?:[^\"\\\n]++|\\.)*+\"|'(?:[^'\\\n]++|\\.)*+')"
_LIST = rf"(?:{_LITERAL}\s*+,?\s*+)++"
_JOIN_OF = re.compile(rf"(?P<by>{_LITERAL})\.join\(\s*+[\[(]\s*+(?P<parts>{_LIST})[\])]\s*+\)")
_CONCAT = re.compile(rf"(?P<by>{_LITERAL})\.concat\(\s*+(?P<parts>{_LIST})\)")
_LIST_JOINED = re.compile(rf"\[\s*+(?P<parts>{_LIST})\]\s*+\.\s*+join\(\s*+(?P<by>{_LITERAL})?\s*+\)")
_DASH_JOIN = re.compile(rf"(?i)\(?-join\s*+[@(]?\(?\s*+(?P<parts>{_LIST})\)?")
_FORMAT = re.compile(rf"(?P<form>{_LITERAL})\.format\(\s*+(?P<parts>{_LIST})\)")
_DASH_FORMAT = re.compile(
    rf"(?i)(?P<form>{_LITERAL})\s*+-f\s*+(?P<parts>{_LITERAL}(?:\s*+,\s*+{_LITERAL})*+)"
)
_PERCENT = re.compile(rf"(?P<form>{_LITERAL})\s*+%\s*+(?:\(\s*+(?P<parts>{_LIST})\)|(?P<one>{_LITERAL}))")
_REPLACE = re.compile(
    rf"(?P<in>{_LITERAL})\s*+(?:\.\s*+(?:replace|replaceAll|Replace|gsub)\(\s*+"
    rf"|-c?replace\s*+)(?P<old>{_LITERAL})\s*+,\s*+(?P<new>{_LITERAL})\s*+\)?"
)
_REVERSED = re.compile(
    rf"(?P<a>{_LITERAL})(?:\[::-1\]|\.split\([\"']{{2}}\)\.reverse\(\)\.join\([\"']{{2}}\)"
    rf"|\.reverse\b(?:\(\))?)"
    rf"|\bstrrev\(\s*+(?P<b>{_LITERAL})\s*+\)|[\"']{{2}}\.join\(reversed\(\s*+(?P<c>{_LITERAL})\s*+\)\)"
)
_GETATTR = re.compile(
    r"\bgetattr\(\s*+(?P<of>[\w.]++(?:\([\"'\w]*+\))?)\s*+,\s*+[\"'](?P<name>[A-Za-z_]\w*+)[\"']\s*+\)"
)
_IMPORT = re.compile(
    r"(?:\b__import__|\bimport_module)\(\s*+[\"'](?P<name>[A-Za-z_][\w.]*+)[\"']\s*+\)(?=\.)"
)
_BY_NAME = re.compile(
    r"(?:\b(?:globals|locals|vars)\(\)|\b__builtins__(?:\.__dict__)?|\b(?:window|globalThis|global"
    r"|self))\[[\"'](?P<name>[A-Za-z_]\w*+)[\"']\]"
)
_MEMBER = re.compile(r"(?<=[\w)\]])\[[\"'](?P<name>[A-Za-z_$][\w$]*+)[\"']\](?=\s*+\()")
_CMDLET_NAMES = (
    "Invoke-WebRequest",
    "Invoke-RestMethod",
    "Invoke-Expression",
    "Start-Process",
    "Get-Content",
    "Get-ChildItem",
    "New-Object",
    "Set-Content",
    "Add-Content",
    "Out-File",
    "Get-Clipboard",
    "Set-MpPreference",
    "Add-MpPreference",
    "Register-ScheduledTask",
    "Start-BitsTransfer",
)
_CMDLETS = {name.lower(): name for name in _CMDLET_NAMES} | {
    "saps": "Start-Process",
    "gc": "Get-Content",
    "gci": "Get-ChildItem",
}
_CMDLET = re.compile(r"(?i)(?<![\w$.-])(?:" + "|".join(_CMDLETS) + r")(?![\w-])")
_CALLED_TEXT = re.compile(
    r"(?<![\w&])&[ \t]*+(?:\([ \t]*+[\"'](?P<within>[A-Za-z][\w-]{1,40})[\"'][ \t]*+\)"
    r"|[\"'](?P<name>[A-Za-z][\w-]{1,40})[\"'])"
)
_PLACE = re.compile(r"[/~.]|^(?:POST|PUT|PATCH)$")
# A literal that is appended to, line after line.
_APPENDED = re.compile(
    rf"(?m)^(?P<head>[ \t]*+(?:(?:let|var)[ \t]++)?(?P<name>[$@]?[A-Za-z_]\w{{0,60}})[ \t]*+=[ \t]*+)"
    rf"(?P<parts>{_LITERAL}[ \t]*+;?[ \t]*+\n"
    rf"(?:[ \t]*+(?P=name)[ \t]*+(?:\+|\.)=[ \t]*+{_LITERAL}[ \t]*+;?[ \t]*+(?:\n|\Z))++)"
)
_ASSIGNED = re.compile(
    r"(?:^|(?<=[;{(\s,]))(?P<name>[$@]?[A-Za-z_][\w$]{0,60})[ \t]*+(?::[ \t]*+str[ \t]*+)?:?=[ \t]*+$"
)
_SEVERAL = re.compile(r"[ \t]*+(?:[\w$@]++[ \t]*+,[ \t]*+)++")  # names that are assigned together
_ANY_ASSIGNMENT = re.compile(
    r"(?<![\w$.])(?P<name>[$@]?[A-Za-z_][\w$]*+)[ \t]*+(?:[-+*/.|&]|:)?=(?!=)|\bfor[ \t]+(?P<loop>\w+)\b"
)


def views(text: str, language: Language) -> tuple[str, ...]:
    """Returns the folded text, and where literals are decoded in it, the text with those decoded, too.

    Both, because a rule may look for the decoding or for what it comes to. Line for line; empty when
    there is nothing to fold.
    """
    if language not in LANGUAGES:
        return ()
    plain = _unbroken(text) if "\\\n" in text and language is Language.PYTHON else text
    folded = _folded(plain, language)
    open_text = decoded_literals.decoded(folded)
    found = (
        folded,
        _folded(open_text, language, decoded_literals.decoded) if open_text != folded else folded,
    )
    lines = text.count("\n")
    return tuple(dict.fromkeys(one for one in found if one != text and one.count("\n") == lines))


def _folded(text: str, language: Language, decode: Callable[[str], str] = str) -> str:
    folded = _APPENDED.sub(_appended, text) if "+=" in text or ".=" in text else text
    for _ in range(_ROUNDS):
        before = folded
        folded = _methods(_sums(folded, language), language)
        folded = decode(named_literals.put_in(folded, language))
        if folded == before:
            break
    return called_names.under_own_names(folded, language)


def _sums(text: str, language: Language) -> str:
    """Returns the text with each run of joined literals as one."""
    known = _constants(text, language)
    out: list[str] = []
    chain: list[Token] = []
    written = end = depth = 0
    gap = ""
    for token in tokens(text, language, known):
        between = text[end : token.start]
        gap += between
        depth = max(0, depth + sum(map(between.count, "([{")) - sum(map(between.count, ")]}")))
        end = token.end
        if token.kind == "comment":
            continue
        term = _term(token, known)
        if chain and not (term and _joins(chain[-1], gap, term, language, depth)):
            written = _write(out, text, written, chain, language)
            chain = []
        if term:
            chain.append(term)
        gap = ""
    if chain:
        written = _write(out, text, written, chain, language)
    return "".join([*out, text[written:]]) if out else text


def _term(token: Token, known: Mapping[str, str]) -> Token | None:
    value = known.get(token.value or "") if token.kind == "name" else token.value
    if value is None or len(value) > _MAX_LITERAL:
        return None
    return Token(token.start, token.end, token.kind, value, token.is_plain, token.prefix)


def _joins(left: Token, gap: str, right: Token, language: Language, depth: int) -> bool:
    """Whether the text between two terms makes them one."""
    if _JOINTS[language].fullmatch(gap):
        return True
    if language not in {Language.PYTHON, Language.RUBY} or "name" in {left.kind, right.kind}:
        return False
    return bool((_NEIGHBOURS_WITHIN if depth else _NEIGHBOURS).fullmatch(gap))


def _write(out: list[str], text: str, written: int, chain: list[Token], language: Language) -> int:
    """Appends what a chain comes to, when it is more than one plain literal; returns what is written."""
    if len(chain) == 1 and chain[0].is_plain and not _is_argument(text, chain[0], language):
        return written
    value = "".join(token.value or "" for token in chain)
    start, end = chain[0].start, chain[-1].end
    breaks = text.count("\n", start, end)
    if len(value) > _MAX_LITERAL or (len(chain) == 1 and breaks):
        return written
    breaker = " \\\n" if "\\\n" in text[start:end] and language is Language.PYTHON else "\n"
    out.append(text[written:start])
    out.append(quoted(value, chain[0].prefix) + breaker * breaks)
    return end


def _is_argument(text: str, name: Token, language: Language) -> bool:
    """Whether a name that stands for a place or a host is handed to a call."""
    before = text[max(0, name.start - 40) : name.start].rstrip(" \t\n")
    after = text[name.end : name.end + 40].lstrip(" \t\n")
    is_handed = (
        name.kind == "name" and before[-1:] in {"(", "[", ",", "/", ":"} and after[:1] in {")", "]", ",", "}"}
    )
    if language is Language.POWERSHELL:  # an argument stands between spaces there
        is_handed = is_handed or not after.startswith("=")
    return is_handed and _PLACE.search(name.value or "") is not None


def _constants(text: str, language: Language) -> dict[str, str]:
    """Returns the names that are assigned once, and to a literal."""
    counts: dict[str, int] = {}
    for match in _ANY_ASSIGNMENT.finditer(text):
        name = match["name"] or match["loop"]
        counts[name] = counts.get(name, 0) + 1
    found: dict[str, str] = {}
    previous = 0
    ends: list[tuple[str, Token]] = []
    for token in tokens(text, language, {}):
        if token.kind == "literal" and token.value is not None:
            before = text[max(previous, token.start - 80) : token.start].rpartition("\n")[2]
            assigned = _ASSIGNED.search(before)
            is_one_of_many = assigned and _SEVERAL.fullmatch(before[: assigned.start()])
            if assigned and not is_one_of_many and counts.get(assigned["name"], 0) == 1:
                ends.append((assigned["name"], token))
        if token.kind != "name":
            previous = token.end
    for name, token in ends:
        after = text[token.end : token.end + 80].lstrip(" \t)")
        if after[:1] in {"", "\n", ";", ",", "#", "}"} or after.startswith("//"):
            found[name] = token.value or ""
    return found


def _cmdlets(text: str) -> str:
    """Returns PowerShell with the commands that matter as they are usually written."""
    text = _CALLED_TEXT.sub(lambda match: match["name"] or match["within"], text)
    return _CMDLET.sub(lambda match: _CMDLETS[match.group().lower()], text)


def _methods(text: str, language: Language) -> str:
    """Returns the text with the methods of literals done."""
    for pattern in (_JOIN_OF, _LIST_JOINED):
        text = pattern.sub(
            lambda match: _literal(match, _text_of(match["by"] or '","').join(_parts(match))), text
        )
    text = _CONCAT.sub(lambda match: _literal(match, _text_of(match["by"]) + "".join(_parts(match))), text)
    text = _FORMAT.sub(_formatted, text)
    text = _PERCENT.sub(_percent, text)
    text = _REPLACE.sub(_replaced, text)
    text = _REVERSED.sub(
        lambda match: _literal(match, _text_of(next(filter(None, match.groups())))[::-1]), text
    )
    if language is Language.POWERSHELL:
        text = _DASH_FORMAT.sub(_formatted, text)
        text = _DASH_JOIN.sub(lambda match: _literal(match, "".join(_parts(match))), text)
        text = _cmdlets(text)
    if language is Language.PYTHON:
        text = _GETATTR.sub(lambda match: f"{match['of']}.{match['name']}", text)
        text = _IMPORT.sub(lambda match: match["name"], text)
    text = _BY_NAME.sub(lambda match: match["name"], text)
    if language in {Language.JAVASCRIPT, Language.TYPESCRIPT}:
        text = _MEMBER.sub(lambda match: f".{match['name']}", text)
    return text


def _unbroken(text: str) -> str:
    """Returns Python with continued lines as one, and empty lines for those that went into it."""
    out: list[str] = []
    for line in text.split("\n"):
        if out and out[-1].endswith("\\"):
            at = next((n for n in range(len(out) - 1, -1, -1) if out[n] != "\\"), 0)
            joint = "" if line.lstrip()[:1] in {".", "(", ")", "["} else " "
            out[at] = out[at][:-1].rstrip() + joint + line.lstrip()
            out.append("\\" if line.endswith("\\") else "")
            if not line.endswith("\\"):
                out = [*out[: at + 1], *("" for _ in out[at + 1 :])]
        else:
            out.append(line)
    return "\n".join(out)


def _literal(match: re.Match[str], value: str) -> str:
    if len(value) > _MAX_LITERAL:
        return match.group()
    return quoted(value) + "\n" * match.group().count("\n")


def _appended(match: re.Match[str]) -> str:
    value = "".join(_parts(match))
    if len(value) > _MAX_LITERAL:
        return match.group()
    return match["head"] + quoted(value) + "\n" * match.group().count("\n")


def _parts(match: re.Match[str]) -> list[str]:
    return [_text_of(part) for part in re.findall(_LITERAL, match["parts"])]


def _text_of(literal: str) -> str:
    return unescaped(literal[1:-1])


def _formatted(match: re.Match[str]) -> str:
    return _literal(
        match, _fill(_text_of(match["form"]), re.compile(r"\{(\d{0,3})[^{}]{0,20}\}"), _parts(match))
    )


def _percent(match: re.Match[str]) -> str:
    parts = [_text_of(match["one"])] if match["one"] else _parts(match)
    return _literal(match, _fill(_text_of(match["form"]), re.compile(r"%()[-0-9.]{0,6}[sr]"), parts))


def _fill(form: str, field: re.Pattern[str], parts: list[str]) -> str:
    left: Iterator[str] = iter(parts)

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return parts[int(match[1])] if int(match[1]) < len(parts) else ""
        return next(left, "")

    # One part may be named many times; what it would come to is bounded before it is made.
    if field.groups and len(field.findall(form)) * max(map(len, parts), default=0) > _MAX_LITERAL:
        return form
    return field.sub(value, form)


def _replaced(match: re.Match[str]) -> str:
    old, new = _text_of(match["old"]), _text_of(match["new"])
    text = _text_of(match["in"])
    if not old or text.count(old) * len(new) > _MAX_LITERAL:
        return match.group()
    return _literal(match, text.replace(old, new))
