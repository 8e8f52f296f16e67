"""The prose of a package: what is read by an agent as words, by lines and by paragraphs.

Markdown without its fenced blocks, decoded texts that are no code, and long texts in
configuration. Offsets are those of the source's own text, so that places stay right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tank_core.analysis import markdown
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

# A comment that speaks to an agent is read by it, whatever the language of the code.
_FOR_AGENTS = re.compile(
    r"(?i)\b(?:ai|llm|agents?|assistants?|claude|gpt|copilot|codex|gemini|language models?)\b"
)
_LINE = re.compile(r"^[^\n]+$", re.MULTILINE)
_COMMENT_START = re.compile(r"[ \t]{0,200}(?:#|//|--|\*|/\*|<!--|;|\"{3}|'{3})")


def _kept_comment(match: re.Match[str]) -> str:
    line = match.group()
    return line if _COMMENT_START.match(line) else " " * len(line)


@lru_cache(maxsize=4)  # several detectors ask of each package
def prose(package: Package) -> tuple[tuple[Source, str], ...]:
    """Returns the prose texts, each with its source; what is not prose is spaces."""
    found = []
    for source in package.sources:
        if source.language is Language.MARKDOWN and not source.provenance.startswith("fenced"):
            found.append((source, _blanked(source.text)))
        elif source.language is Language.TEXT and (source.is_decoded or source.provenance):
            found.append((source, source.text))
        elif source.language.is_code and source.is_file_text and _FOR_AGENTS.search(source.text):
            found.append((source, _LINE.sub(_kept_comment, source.text)))
    return tuple(found)


def paragraphs(package: Package) -> Iterator[tuple[Source, int, str]]:
    """Yields (source, offset, text) of each run of lines that are not blank."""
    for source, text in prose(package):
        start = offset = 0
        for line in (*text.split("\n"), ""):
            if not line.strip():
                if start < offset:
                    yield source, start, text[start:offset]
                start = offset + len(line) + 1
            offset += len(line) + 1


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Yields (offset, body) of each closed HTML comment."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, text[start + 4 : end]
        start = text.find("<!--", end)


def _blanked(text: str) -> str:
    """Returns the text with fenced blocks as spaces, so that offsets stay the same."""
    kept = markdown.parse(text).prose.split("\n")
    return "\n".join(
        line if line else " " * len(whole) for line, whole in zip(kept, text.split("\n"), strict=True)
    )
