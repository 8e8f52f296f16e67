"""Code that lets whoever supplies its input run code or queries: not hostile, and open to those who are.

An agent hands on what it read somewhere. Where a script evaluates what it is given, or builds a query
from it, a page or a document decides what runs with the user's rights. Files of Python and JavaScript
only; names are followed from the parameter of a function, or from what came in, to the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_LANGUAGES = frozenset({Language.PYTHON, Language.JAVASCRIPT, Language.TYPESCRIPT})
_INPUT = (
    r"(?:sys\.argv\b|\binput\s*\(|\bargs\.\w+|\brequest\.(?:args|form|json|data|query|body|params)\b|\breq\.(?:query|body|params)\b|"
    r"process\.argv\b|\bos\.environ\b)"
)
_PARAMETERS = re.compile(
    r"\b(?:def|function)\s+\w{1,60}\s*\((?P<names>[^()]{1,300})\)|(?P<arrow>\([\w\s,:=]{1,120}\)|\b\w{1,40})\s*=>"
)
_NAME = re.compile(r"\b[a-z_]\w{0,40}\b")
_EVALUATES = re.compile(r"(?<![\w.$])(?:eval|exec|new\s+Function)\s*\(\s*(?P<what>[^\n]{1,160})")
_QUERY = re.compile(
    r"(?is)(?P<mark>\bf[\"']{1,3}|`)\s{0,40}(?:SELECT\b[^\"'`]{1,300}?\bFROM|INSERT\s+INTO|UPDATE\b[^\"'`]{1,80}?\bSET|DELETE\s+FROM)\b"
    r"[^\"`]{0,400}?(?:\$?\{\s*(?P<filled>[a-z_]\w{0,40})\b[^}\n]{0,40}\})"
)
_CONCATENATED = re.compile(
    r"(?i)[\"'](?:SELECT\b[^\"'\n]{1,200}\bFROM|INSERT\s+INTO|UPDATE\b[^\"'\n]{1,80}\bSET|DELETE\s+FROM)\b[^\"\n]{0,200}[\"']\s*"
    r"(?:\+|%|\.format\()\s*\(?\s*(?:str\()?(?P<filled>[a-z_]\w{0,40})\b"
)
_EXECUTES = re.compile(
    r"\.(?:execute(?:many|script)?|query|raw|exec|all|run|read_sql\w*)\s*\(|\bread_sql\w*\s*\("
)
_SAFE = re.compile(
    r"\b(?:literal_eval|simpleeval|asteval|quote_ident|sql\.Identifier|escape|int\(|parseInt)\b|[\"']__builtins__[\"']"
)
_FAR = 4000  # characters after the head of a function that are its body, at most
_MAX_PLACES = 40
_MAX_CHARACTERS = 300_000


def evaluates_input(package: Package) -> Iterator[Hit]:
    """Yields calls that run as code what a function is given, or what comes from outside."""
    for source, text in _scripts(package):
        for match in islice(_EVALUATES.finditer(text), _MAX_PLACES):
            what = match["what"]
            is_body = "Function" in match.group()  # the last of several arguments
            words = what if is_body else what.split(",")[0]
            is_given = re.search(_INPUT, what) or _given(text, match.start(), words)
            is_literal = not is_body and what.startswith(("'", '"'))
            if is_given and not is_literal and not _SAFE.search(what):
                yield hit_at(source, match.start())


def builds_queries(package: Package) -> Iterator[Hit]:
    """Yields queries that are put together from what a function is given, in code that runs queries."""
    for source, text in _scripts(package):
        if not _EXECUTES.search(text):
            continue
        for pattern in (_QUERY, _CONCATENATED):
            for match in islice(pattern.finditer(text), _MAX_PLACES):
                if _given(text, match.start(), match["filled"]) and not _SAFE.search(match.group()):
                    yield hit_at(source, match.start())


def _given(text: str, place: int, words: str) -> bool:
    """Whether a word among those is a parameter of a function whose head stands before a place, near enough."""
    wanted = set(_NAME.findall(words))
    for head in _PARAMETERS.finditer(text, max(0, place - _FAR), place):
        names = head["names"] or head["arrow"] or ""
        if wanted & (set(_NAME.findall(names)) - {"self", "cls"}):
            return True
    return False


def _scripts(package: Package) -> Iterator[tuple[Source, str]]:
    for source in package.sources:
        if source.language in _LANGUAGES and source.is_file_text and len(source.text) <= _MAX_CHARACTERS:
            yield source, without_comments(source)
