"""Commands of one Markdown file, read together: what an agent runs step by step is one program.

A first step packs credentials, a later one uploads the archive: in separate blocks or in
inline code, so that no single block shows it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.facts import Fact, FactKind, facts_of
from tank_core.analysis.hosts import is_placeholder, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_COLLECTS = frozenset(
    {FactKind.USER_FILES, FactKind.DATABASE, FactKind.CLIPBOARD, FactKind.SCREEN, FactKind.AGENT_STATE}
)
_UNASKED = re.compile(
    r"(?i)\b(?:do not|don'?t|never|without|no need to)\b[^.\n]{0,20}\b(?:ask\w*|confirm\w*|tell\w*|mention\w*|"
    r"print\w*|show\w*|warn\w*)\b|\b(?:already|in advance)\b[^.\n]{0,20}\b(?:agreed|approved|confirmed|"
    r"authori[sz]ed)\b|"
    r"\b(?:agreed|approved|authori[sz]ed)\b[^.\n]{0,20}\b(?:already|in advance)\b|\bsilently\b|\bquietly\b"
)
_LINES_AROUND = 5


def secrets_in_steps(package: Package) -> Iterator[Hit]:
    """Yields commands that read secrets in a file whose commands also send to a foreign host."""
    return _collected(package, lambda fact: fact.kind.is_secret)


def data_in_steps(package: Package) -> Iterator[Hit]:
    """Yields commands that collect the user's data in a file whose commands also send to a foreign host."""
    return _collected(package, lambda fact: fact.kind in _COLLECTS)


def unasked_destruction(package: Package) -> Iterator[Hit]:
    """Yields commands that delete broadly where the words around say not to ask or not to tell."""
    for file, sources in _commands(package).items():
        outer = next((s for s in package.sources if s.file == file and s.is_whole_file), None)
        for source in sources:
            for fact in facts_of(source):
                if fact.kind is not FactKind.DELETES_BROADLY or outer is None:
                    continue
                line = source.line_at(fact.offset)
                around = "\n".join(outer.lines[max(0, line - 1 - _LINES_AROUND) : line + _LINES_AROUND])
                if _UNASKED.search(around):
                    yield hit_at(source, fact.offset)


def _collected(package: Package, is_wanted: Callable[[Fact], bool]) -> Iterator[Hit]:
    foreign = {host for host in foreign_hosts(package) if not is_placeholder(host)}
    for sources in _commands(package).values():
        if any(_sends_to(source, foreign) for source in sources):
            yield from (hit_at(source, fact.offset) for source, fact in _facts(sources) if is_wanted(fact))


def _sends_to(source: Source, hosts: set[str]) -> bool:
    return any(fact.kind is FactKind.SENDS for fact in facts_of(source)) and any(
        mention.host in hosts for mention in mentions(source.text)
    )


def _facts(sources: list[Source]) -> Iterator[tuple[Source, Fact]]:
    return ((source, fact) for source in sources for fact in facts_of(source))


def _commands(package: Package) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = defaultdict(list)
    markdown = {s.file for s in package.sources if s.is_whole_file and s.language is Language.MARKDOWN}
    for source in package.sources:
        if source.file in markdown and source.language.is_code:
            found[source.file].append(source)
    return found
