"""Facts that together are an attack: a secret that is read, and data that leaves.

Within one text the two stand close enough that names need not be followed; across files
see ``across_files``. Where the data goes decides how bad it is: to
a host that does not fit the skill, or to one that is only known when the code runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.facts import Fact, FactKind, facts_of
from tank_core.analysis.hosts import DUMPS, STRANGE, HostKind, Mention, reached
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Source

_WATCHES = frozenset({FactKind.KEYSTROKES, FactKind.CLIPBOARD, FactKind.SCREEN})


def secret_to_foreign_host(package: Package) -> Iterator[Hit]:
    """Yields texts that read secrets and send data to a host that is not well known.

    Whether the host fits the skill does not count here: no service needs what these secrets open.
    """
    for source, secret in _secret_senders(package):
        if any(_is_strange(mention) for mention in reached(source.text)):
            yield hit_at(source, secret.offset, evidence=_evidence(source, secret))


def secret_to_computed_host(package: Package) -> Iterator[Hit]:
    """Yields texts that read secrets and send data to a host that is only known when they run."""
    for source, secret in _secret_senders(package):
        kinds = {mention.kind for mention in reached(source.text)} - {HostKind.NAMESPACE, HostKind.LOCAL}
        if not kinds:
            yield hit_at(source, secret.offset, evidence=_evidence(source, secret))


def watched_and_sent(package: Package) -> Iterator[Hit]:
    """Yields texts that record keystrokes, the clipboard or the screen, and send data to a strange host."""
    foreign = foreign_hosts(package)
    for source in _code(package):
        watched = [fact for fact in facts_of(source) if fact.kind in _WATCHES]
        if watched and _has(source, FactKind.SENDS):
            kinds = {m.kind for m in reached(source.text) if m.host in foreign or m.kind in DUMPS}
            if kinds or not any(reached(source.text)):
                yield hit_at(source, watched[0].offset, evidence=_evidence(source, watched[0]))


def files_collected_and_sent(package: Package) -> Iterator[Hit]:
    """Yields texts that collect the user's files and send data to a host that does not fit the skill."""
    foreign = foreign_hosts(package)
    for source in _code(package):
        collected = [fact for fact in facts_of(source) if fact.kind is FactKind.USER_FILES]
        if (
            collected
            and _has(source, FactKind.SENDS)
            and any(m.host in foreign for m in reached(source.text))
        ):
            yield hit_at(source, collected[0].offset, evidence=_evidence(source, collected[0]))


def decoded_and_run(package: Package) -> Iterator[Hit]:
    """Yields texts that decode something and run text as code."""
    return (hit for hit, _ in _both(package, FactKind.DECODES, FactKind.RUNS_CODE))


def fetched_and_run(package: Package) -> Iterator[Hit]:
    """Yields texts that fetch from the network and run text as code."""
    for hit, source in _both(package, FactKind.FETCHES, FactKind.RUNS_CODE):
        kinds = {mention.kind for mention in reached(source.text)}
        if not kinds or kinds & STRANGE:
            yield hit


def _both(package: Package, first: FactKind, second: FactKind) -> Iterator[tuple[Hit, Source]]:
    for source in _code(package):
        runs = [fact for fact in facts_of(source) if fact.kind is second]
        if runs and _has(source, first):
            yield hit_at(source, runs[0].offset), source


def _secret_senders(package: Package) -> Iterator[tuple[Source, Fact]]:
    for source in _code(package):
        secrets = [fact for fact in facts_of(source) if fact.kind.is_secret]
        kinds = {fact.kind for fact in secrets}
        if kinds == {FactKind.CREDENTIAL_COMMAND} and _talks_to_vendor(source):
            continue  # the credential is for that vendor
        if secrets and _has(source, FactKind.SENDS):
            yield source, secrets[0]


def _code(package: Package) -> Iterator[Source]:
    """Yields code; a command inside other code is part of that code and not looked at twice."""
    return (s for s in package.sources if s.language.is_code and not s.is_part_of_code)


def _talks_to_vendor(source: Source) -> bool:
    return any(mention.kind is HostKind.WELL_KNOWN for mention in reached(source.text))


def _is_strange(mention: Mention) -> bool:
    return mention.kind in STRANGE


def _has(source: Source, kind: FactKind) -> bool:
    return any(fact.kind is kind for fact in facts_of(source))


def _evidence(source: Source, fact: Fact) -> str:
    return f"{fact.kind} and {FactKind.SENDS}: {source.text[fact.offset : fact.offset + 100]}"
