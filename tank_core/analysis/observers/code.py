"""Code without its comments, so that a link in a comment is no access."""

from __future__ import annotations

import re

from tank_core.analysis.source import Language, Source

_HASH = re.compile(r"(?:^|(?<=\s))#[^\n]*")
_SLASHES = re.compile(r"(?:^|(?<=[\s;{}]))//[^\n]*", re.MULTILINE)
_BLOCK = re.compile(r"/\*.*?\*/", re.DOTALL)
_DOCSTRING = re.compile(
    r'^[ \t]*+[rRuU]?(?:"""(?:.*?)"""|\'\'\'(?:.*?)\'\'\')[ \t]*+$', re.DOTALL | re.MULTILINE
)
_HASH_LANGUAGES = frozenset({Language.PYTHON, Language.SHELL, Language.RUBY, Language.POWERSHELL})


def without_comments(source: Source) -> str:
    """Returns the text with comments and docstrings as spaces; offsets and lines stay the same."""
    if source.language in _HASH_LANGUAGES:
        text = _DOCSTRING.sub(_blank, source.text) if source.language is Language.PYTHON else source.text
        return re.compile(_HASH.pattern, re.MULTILINE).sub(_blank, text)
    return _SLASHES.sub(_blank, _BLOCK.sub(_blank, source.text))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())
