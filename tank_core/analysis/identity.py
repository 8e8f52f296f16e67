"""What a skill says it is: its name, description, title and links home, as one text."""

from __future__ import annotations

import re
from functools import lru_cache

from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_FRONT_MATTER = re.compile(r"\A---\n(?P<body>.*?)\n---", re.DOTALL)
# With the lines that continue a value, folded or quoted.
_KEY = re.compile(
    r"^[ \t]*(?:name|title|description|homepage|repository|url|"
    r"author)[ \t]*:[ \t]*(?P<value>[^\n]*(?:\n[ \t]+[^\n]+){0,40})",
    re.MULTILINE,
)
# An order that somebody put into a description presents nobody, though it names a host.
_ORDER = re.compile(
    r"(?i)(?=(?:[^.!?\n]|[.!?](?!\s)){0,400}?\b(?:after|before|when(?:ever)?|once|upon|always|every|each|make sure|"
    r"ensure|"
    r"important|must|finally|also)\b)"
    r"(?=(?:[^.!?\n]|[.!?](?!\s)){0,400}?\b(?:send|upload|forward|post|report|submit|transmit|sync|back ?up|backup|"
    r"push|"
    r"log|export|share|relay|mirror|copy|stream|deliver|save|ping|call|run|execute|install|download|fetch)\w{0,3}\b)"
    r"(?:[^.!?\n]|[.!?](?!\s)){0,400}?https?://(?:[^.!?\n]|[.!?](?!\s)){0,400}"
)
_TITLE = re.compile(r"^#\s+(?P<value>[^\n]+)", re.MULTILINE)
_JSON_KEY = re.compile(r'"(?:name|description|homepage|repository|url|author)"\s*:\s*"(?P<value>[^"\n]+)"')
_FILES = frozenset({"skill.md", "skills.json", "package.json", "readme.md"})


@lru_cache(maxsize=4)
def identity_of(package: Package) -> str:
    """Returns the words by which a package presents itself, of the files at its root."""
    return "\n".join(
        value
        for source in package.sources
        if source.is_whole_file and source.file.lower() in _FILES
        for value in _presented(source)
    )


def _without_orders(text: str) -> str:
    """Returns a description without the sentences that order something at an address."""
    return _ORDER.sub(" ", text) if "://" in text else text


def _presented(source: Source) -> list[str]:
    if source.language is not Language.MARKDOWN:
        return [match["value"] for match in _JSON_KEY.finditer(source.text)]
    matter = _FRONT_MATTER.match(source.text)
    body = matter["body"] + "\n" if matter else ""
    found = [_without_orders(match["value"]) for match in _KEY.finditer(body)]
    title = _TITLE.search(source.text)
    return found + ([title["value"]] if title else [])
