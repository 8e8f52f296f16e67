"""Markdown as its reader has it: marks, tags, entities and odd spaces undone, sentences on one line.

``**ig**nore``, ``&#105;gnore``, ``ig<!-- -->nore`` and ``ignore`` over two lines are one word to an
agent. A view of the prose of a Markdown text with as many lines: a sentence stands whole
on the line where it begins. Blocks of code stay as they are.

Source: CommonMark 0.31.2, "Entity and numeric character references", "Emphasis", "Raw HTML".
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from tank_core.analysis import markdown, normalized

HOW = "as it is read"
_MARKED = re.compile(r"[*_~&<\\\u0080-\U0010ffff]|`\w|\](?=\(#)|[ \t]{2}\S")
_KEPT = re.compile(r"(`[^`\n]*+`|https?://[^\s<>)\"']++)")
_COMMENT = re.compile(r"<!--(?:(?!-->)[^\n]){0,2000}+-->")
_TAG = re.compile(
    r"(?i)</?(?P<name>a|abbr|b|bdi|bdo|big|br|cite|code|del|details|div|em|font|hr|i|ins|kbd|li|mark|ol|p|q|s|"
    r"small|span|strike|strong|sub|summary|sup|t[dhrt]|table|u|ul|wbr)\b[^<>\n]{0,400}+>"
)
_APART = frozenset(
    ["br", "details", "div", "hr", "li", "ol", "p", "summary", "table", "td", "th", "tr", "ul"]
)
_LINK = re.compile(r"\[(?P<text>[^\[\]\n]{1,200})\]\(#[^()\s]{0,80}\)")
_MARK = re.compile(r"\*++(?=\S)|(?<=\S)\*++|~~|(?<![\w/])_{1,3}(?=\w)|(?<=\w)_{1,3}(?![\w/])")
_CODED_WORD = re.compile(r"`(?P<word>[A-Za-z]{2,20})`")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~](?:\s|$|\w))")
_WIDE = re.compile(r"(?<=\S)(?:[ \t]{2,}|\t)")
_SENTENCE_END = re.compile(r"[.!?:;][\"')\]*_`]*+(?=\s|$)")
_ENDS = re.compile(r"[.!?:;|>][\"')\]*_`]*+\s*+$|-->\s*+$|^\s*+(?:#{1,6}\s|```|~~~|\*\*[^*\n]{3,60}\*\*$)")
_BEGINS = re.compile(
    r"\s*+(?:\*\*[^*\n]{3,60}\*\*:?\s*+$|[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|[|>]|<!--|```|~~~|:?-{3,}|={3,}"
    r"|\[[^\]\n]{1,200}\]:)"
)
_QUOTE = re.compile(r"(?:[ \t]*+>)++[ \t]*+")
_BOLD_HEADING = re.compile(r"\s*+\*\*[^*\n]{3,60}\*\*:?\s*+$")
# What a line is about, in front of it: no part of its sentence.
_LABEL = re.compile(r"\s*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)?\*\*[^*\n]{2,60}(?:\*\*:|:\*\*)")
_MAX_JOINED = 12  # lines of one sentence
_TAKEN = "."  # stands where a line's text went to the line before, which ends no paragraph


def view(text: str) -> str | None:
    """Returns the text as it is read, line for line; None when it reads as it is written."""
    lines = text.split("\n")
    prose = markdown.parse(text).prose.split("\n")
    plain = [
        _plain(line) if own and _MARKED.search(line) and not _BOLD_HEADING.match(line) else line
        for own, line in zip(prose, lines, strict=True)
    ]
    joined = "\n".join(_joined(plain, [bool(own.strip()) for own in prose]))
    return joined if joined != text else None


def _plain(line: str) -> str:
    shown = line if line.isascii() else normalized.normalized(line)
    if "<" in shown:
        shown = _without_tags(shown)
    if "](#" in shown:
        shown = _LINK.sub(r"\g<text>", shown)
    if "`" in shown:
        shown = _CODED_WORD.sub(r"\g<word>", shown)
    label = _LABEL.match(shown)
    start = label.end() if label else len(shown) - len(shown.lstrip(" \t*+-"))
    head, rest = shown[:start], shown[start:]
    if not label and head.endswith("*"):
        head = head.rstrip("*")
    parts = _KEPT.split(rest)
    parts[::2] = [_undone(part) for part in parts[::2]]
    return head + _WIDE.sub(" ", "".join(parts))


def _undone(text: str) -> str:
    shown = html.unescape(text).replace("\xa0", " ") if "&" in text else text
    shown = shown if shown.isascii() else normalized.normalized(shown)
    shown = _MARK.sub("", shown) if "*" in shown or "_" in shown or "~~" in shown else shown
    return (_ESCAPE.sub("", shown) if "\\" in shown else shown).replace("\n", " ")


def _without_tags(line: str) -> str:
    bare = _COMMENT.sub("", line)
    # A comment that stands alone is a text of its own.
    return _TAG.sub(
        lambda match: " " if match["name"].lower() in _APART else "", bare if bare.strip() else line
    )


def _joined(lines: list[str], is_prose: list[bool]) -> Iterator[str]:
    """Yields the lines with each sentence whole on the line where it begins."""
    at = 0
    while at < len(lines):
        text, taken = lines[at], at + 1
        if not is_prose[at] or _ENDS.search(text):
            yield text
            at += 1
            continue
        rest = ""
        while taken < min(len(lines), at + _MAX_JOINED) and is_prose[taken] and not rest:
            more = _continuation(text, lines[taken])
            if not more:
                break
            end = _SENTENCE_END.search(more)
            head, rest = (more[: end.end()], more[end.end() :].strip()) if end else (more, "")
            text = f"{text.rstrip(' ' + chr(92))} {head.strip()}"
            taken += 1
            if end:
                break
        yield text
        yield from [_TAKEN] * (taken - at - 2)
        if taken > at + 1:
            if rest:
                lines[taken - 1] = rest
                at = taken - 1
                continue
            yield _TAKEN
        at = taken


def _continuation(text: str, line: str) -> str:
    """Returns what a line adds to the sentence of the line before it; empty when it begins anew."""
    quote, own = _QUOTE.match(line), _QUOTE.match(text)
    if quote and own:
        return line[quote.end() :]
    return "" if _BEGINS.match(line) else line
