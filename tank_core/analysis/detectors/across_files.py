"""Secrets that leave through several files: one reads, one sends, one holds the address.

Each file alone is what every second skill has. Together, where they are joined (see
``file_links``), they are a program that reads a secret and sends it to a strange host. The
address or the list of what is read may lie in settings or in a text: data that code reads
is part of the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tank_core.analysis.detectors.file_links import Linked, linked_files, reach
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.facts.patterns import CREDENTIAL_PATH, READING
from tank_core.analysis.hosts import STRANGE, is_placeholder, reached
from tank_core.analysis.own_hosts import foreign_hosts, is_named
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_STEPS = 2  # joints between the file that sends and the one that reads
_LISTED = re.compile(
    rf"{CREDENTIAL_PATH}|[\"'\s-](?:AWS_SECRET_ACCESS_KEY|GITHUB_TOKEN|GH_TOKEN|NPM_TOKEN|OPENAI_API_KEY|"
    r"ANTHROPIC_API_KEY|HF_TOKEN|SLACK_BOT_TOKEN|STRIPE_SECRET_KEY|DATABASE_URL)\b",
    re.MULTILINE,
)
_SETTINGS = frozenset(
    {
        Language.JSON,
        Language.YAML,
        Language.TOML,
        Language.INI,
        Language.XML,
        Language.TEXT,
        Language.MARKDOWN,
    }
)
_TEXTS = frozenset({Language.TEXT, Language.MARKDOWN})


@dataclass(frozen=True, slots=True)
class _Secret:
    """Where a secret is read or listed."""

    source: Source
    offset: int
    what: str


def secrets(package: Package) -> Iterator[Hit]:
    """Yields files that read or list secrets where a file joined to them sends data to a strange host."""
    files = linked_files(package)
    for sender in files.values():
        if not _sends(sender):
            continue
        near = reach(package, sender.file, _STEPS)
        hosts = {host for host in _hosts_in_code(sender) if not is_named(host, package)}
        named = [files[path] for path, steps in near.items() if steps <= 1]
        in_data = set() if hosts else _hosts_in_data(sender, named)
        foreign = foreign_hosts(package)
        wanted = hosts or in_data & foreign
        for path in sorted(near):
            secret = _secret_of(files[path], sender) if wanted else None
            if secret is None or (path == sender.file and hosts):
                continue
            evidence = (
                f"{secret.what}; {sender.file} sends to {min(wanted)}: "
                + (secret.source.text[secret.offset : secret.offset + 60])
            )
            yield hit_at(secret.source, secret.offset, evidence=evidence)


def _secret_of(item: Linked, sender: Linked) -> _Secret | None:
    for source in item.code:
        fact = next((fact for fact in facts_of(source) if fact.kind.is_secret), None)
        if fact is not None:
            return _Secret(source, fact.offset, str(fact.kind))
    if item.data is None or item.data.language not in _SETTINGS - {Language.MARKDOWN}:
        return None
    listed = _LISTED.search(item.data.text)
    if listed and any(READING.search(source.text) or _reads_by_name(source) for source in sender.code):
        return _Secret(item.data, listed.start(), "lists secrets that code reads")
    return None


def _reads_by_name(source: Source) -> bool:
    return any(fact.kind is FactKind.NAMED_SECRET for fact in facts_of(source))


@lru_cache(maxsize=512)  # each file is asked of by each file that is joined to it
def _sends(item: Linked) -> bool:
    return any(fact.kind is FactKind.SENDS for source in item.code for fact in facts_of(source))


def _hosts_in_code(item: Linked) -> set[str]:
    return {
        mention.host
        for source in item.code
        for mention in reached(source.text)
        if mention.kind in STRANGE and not is_placeholder(mention.host)
    }


def _hosts_in_data(sender: Linked, named: list[Linked]) -> set[str]:
    """Returns the strange hosts in the settings that code names, and in texts that it names in full."""
    return {
        mention.host
        for item in named
        if item.data is not None and item.data.language in _SETTINGS and _is_read(item.data, sender)
        for mention in reached(item.data.text)
        if mention.kind in STRANGE and not is_placeholder(mention.host)
    }


def _is_read(data: Source, sender: Linked) -> bool:
    if data.language not in _TEXTS:
        return True
    name = data.file.rpartition("/")[2]
    return any(name in source.text for source in sender.code)
