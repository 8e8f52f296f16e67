"""Code without its comments, so that a link in a comment is no access."""

from __future__ import annotations

import re
from functools import lru_cache

from tank_core.analysis.source import Language, Source

_STRING = r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'"
_TRIPLE = r"\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)"
_HASH = re.compile(rf"(?P<keep>{_STRING})|(?:^|(?<=[\s;]))#[^\n]*", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(
    rf"(?:^[ \t]*+[rRuU]?(?P<doc>{_TRIPLE})[ \t]*+$)|(?P<keep>{_TRIPLE}|{_STRING})|\#[^\n]*",
    re.MULTILINE | re.DOTALL,
)
_SLASHES = re.compile(
    rf"(?P<keep>{_STRING}|`(?:[^`\\]|\\.)*+(?:`|\Z)|/\*(?:[^*]|\*(?!/))*+\Z)"
    r"|/\*(?:[^*]|\*(?!/))*+\*/|(?:^|(?<=[\s;{}(),]))//[^\n]*",
    re.MULTILINE | re.DOTALL,
)
_PHP = re.compile(_SLASHES.pattern + r"|(?:^|(?<=\s))#(?!\[)[^\n]*", re.MULTILINE | re.DOTALL)
# The expression that a search is given, of several words to look for; where it looks is not part of it.
_SEARCHED = re.compile(
    r"(?P<tool>\b(?:[ef]?grep|rg)\b(?:[ \t]+-{1,2}[\w=.*-]{1,30}){0,6}[ \t]+)'[^'\n|]{0,200}\|[^'\n]{0,1000}'"
)
_MARKS = {
    Language.PYTHON: _PYTHON,
    Language.SHELL: _HASH,
    Language.RUBY: _HASH,
    Language.POWERSHELL: _HASH,
    Language.PHP: _PHP,
}


def without_comments(source: Source) -> str:
    """Returns the text with comments and docstrings as spaces; offsets and lines stay the same."""
    return _without(source.language, source.text)


@lru_cache(maxsize=64)  # each observer asks for the same text
def _without(language: Language, text: str) -> str:
    return _MARKS.get(language, _SLASHES).sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    if match["keep"] is not None:
        return match.group()
    return re.sub(r"[^\n]", " ", match.group())


def without_searches(text: str) -> str:
    """Returns a text with the expressions that searches are given as spaces; offsets and lines stay the same."""
    return _SEARCHED.sub(lambda match: match["tool"] + " " * (len(match.group()) - len(match["tool"])), text)
