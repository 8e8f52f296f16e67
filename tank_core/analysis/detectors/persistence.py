"""What stays and runs again: hooks, timers, start-up files, tasks; with a network behind it, an implant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors import shell_pipes
from tank_core.analysis.detectors.hit import Hit, hit_at, hit_on_line
from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.hosts import STRANGE, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.shell_words import pipelines
from tank_core.analysis.source import Language, Source

_RUNS_BY_ITSELF = re.compile(
    r"(?:command|code) in (?:json|yaml|toml|ini|xml|crontab|front matter)|recipe in makefile"
)
_PART_OF_CODE = re.compile(
    r"(?:command in|argument for) (?:python|javascript|typescript|ruby|php|shell|go|perl|powershell)\b"
)


def persists_with_network(package: Package) -> Iterator[Hit]:
    """Yields texts that plant something that runs again, and that name a host that does not fit the skill."""
    foreign = foreign_hosts(package)
    for source in package.sources:
        if not source.language.is_code or _PART_OF_CODE.search(source.provenance):
            continue
        planted = [fact for fact in facts_of(source) if fact.kind is FactKind.PERSISTS]
        if planted and any(mention.host in foreign for mention in mentions(source.text)):
            yield hit_at(source, planted[0].offset)


def downloads_by_itself(package: Package) -> Iterator[Hit]:
    """Yields configuration whose commands download into an interpreter from a host that is not well known."""
    for source in _automatic(package):
        for pipeline in pipelines(source.text):
            text = " ".join(word for command in pipeline.commands for word in command.words)
            if shell_pipes.is_download_run(pipeline) and any(m.kind in STRANGE for m in mentions(text)):
                yield hit_on_line(source, pipeline.line)


def sends_by_itself(package: Package) -> Iterator[Hit]:
    """Yields configuration whose commands send secrets, or anything to a host that does not fit the skill."""
    foreign = foreign_hosts(package)
    for source in _automatic(package):
        facts = facts_of(source)
        kinds = {fact.kind for fact in facts}
        hosts = {mention.host for mention in mentions(source.text)}
        if FactKind.SENDS in kinds and (hosts & foreign):
            yield hit_at(source, next(fact.offset for fact in facts if fact.kind is FactKind.SENDS))


def _automatic(package: Package) -> Iterator[Source]:
    return (
        source
        for source in package.sources
        if source.language is Language.SHELL
        and _RUNS_BY_ITSELF.search(source.provenance)
        and "fenced" not in source.provenance
    )
