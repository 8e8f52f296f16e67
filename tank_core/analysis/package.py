"""A package taken apart into the sources that the rules look at.

Every file that ships is looked at, whatever its name; no file in the package can
take another one out. What is not looked at for its size is listed, and the engine
makes a finding of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tank_core.analysis import commands, content, languages, layers, markdown
from tank_core.analysis.source import Language, Source
from tank_core.archive import ArchiveEntry
from tank_core.permissions import NONE, PermissionSet

MAX_TEXT = 1 << 20  # characters of one file that are analysed; more is a finding
MAX_PACKAGE_TEXT = 8 << 20  # of all files; bounds the time of one analysis to minutes
MAX_CODE = 512 << 10  # characters of one code source; semgrep's time grows faster than the text
_HEREDOC = re.compile(r"(?<!<)<<-?[ \t]*+['\"\\]?(?P<end>\w{1,40})['\"]?")
_INTERPRETERS = (
    ("python", Language.PYTHON),
    ("node", Language.JAVASCRIPT),
    ("ruby", Language.RUBY),
    ("php", Language.PHP),
    ("bash", Language.SHELL),
    ("sh", Language.SHELL),
)


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: what is derived from one is cached
class Package:
    """What detectors see.

    Attributes:
        entries: the files as they ship, sorted by path.
        sources: every text to analyse; outer texts before the layers within them.
        unread: (file, reason) of what was not fully analysed.
        declared: the capabilities that the manifest declares.
    """

    entries: tuple[ArchiveEntry, ...]
    sources: tuple[Source, ...]
    unread: tuple[tuple[str, str], ...] = ()
    declared: PermissionSet = NONE


def take_apart(entries: Sequence[ArchiveEntry], declared: PermissionSet) -> Package:
    """Returns the package with all its sources, in a fixed order."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.path))
    budget = layers.DecodingBudget()
    sources: list[Source] = []
    unread: list[tuple[str, str]] = []
    left = MAX_PACKAGE_TEXT
    for entry in ordered:
        if _is_opaque(entry):
            continue
        text = content.text_of(entry.data)
        limit = min(left, MAX_TEXT)
        left -= min(len(text), limit)
        if len(text) > limit:
            unread.append((entry.path, f"only {limit} of its {len(text)} characters are analysed"))
            text = text[:limit]
        for source in _plain_sources(entry.path, text):
            sources.append(source)
            # Blocks and here-documents repeat text of their file, which is decoded once.
            if source.is_whole_file:
                sources.extend(layers.decoded_sources(source, budget))
    if budget.is_spent:
        unread.append(("", "it holds more encoded text than is decoded"))
    sources.extend([command for source in sources for command in commands.in_code(source)])
    unread.extend(
        (source.file, f"it has more than {MAX_CODE} characters of {source.language}")
        for source in sources
        if source.language.is_code and len(source.text) > MAX_CODE
    )
    return Package(ordered, tuple(dict.fromkeys(sources)), tuple(unread), declared)


def _is_opaque(entry: ArchiveEntry) -> bool:
    by_name = languages.languages_of_file(entry.path, "")[0]
    return by_name is Language.TEXT and content.is_binary(entry.data)


def _plain_sources(path: str, text: str) -> Iterator[Source]:
    for position, language in enumerate(languages.languages_of_file(path, text)):
        yield Source(path, 1, language, text, f"read as {language}" if position else "")
        if language is Language.MARKDOWN:
            yield from _block_sources(path, text)
        if language is Language.SHELL:
            yield from _heredoc_sources(Source(path, 1, language, text))


def _block_sources(path: str, text: str) -> Iterator[Source]:
    document = markdown.parse(text)
    yield from commands.in_prose(path, document.prose)
    for block in document.blocks:
        language = languages.language_of_block(block.tag, block.text)
        label = f"fenced {block.tag or language} block"
        source = Source(path, block.first_line, language, block.text, label)
        yield source
        if language is Language.SHELL:
            yield from _heredoc_sources(source)


def _heredoc_sources(source: Source) -> Iterator[Source]:
    """Yields the here-documents of a shell text that an interpreter reads."""
    language, end, first, body = None, "", 0, list[str]()
    for number, line in enumerate(source.lines, start=1):
        if not end:
            opening = _HEREDOC.search(line)
            if opening:
                language, end, first, body = _interpreter(line), opening["end"], number + 1, []
        elif line.strip() == end:
            end = ""
            if language:
                outer = f"{source.provenance}, " if source.provenance else ""
                how = f"{outer}here-document for {language}"
                yield Source(source.file, source.line_of(first), language, "\n".join(body), how)
        else:
            body.append(line)


def _interpreter(head: str) -> Language | None:
    for name, language in _INTERPRETERS:
        # No pipe inside a path: a line of many pipes would be read once from each to its end.
        if re.search(rf"(?<![\w./-]){name}[\d.]*\b|\|\s*[^\s|]*/{name}\b", head):
            return language
    return None
