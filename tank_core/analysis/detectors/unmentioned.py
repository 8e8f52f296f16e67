"""Code that talks to a host of which the skill's own text says nothing.

A person decides by the words of SKILL.md. An honest skill names the service that it talks
to: there, in its name, or in a reference. A script that sends to a strange host which no
word of the package speaks of does something that nobody was told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

from tank_core.analysis.detectors.carried_secrets import secrets_sent_to
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.hosts import DUMPS, HostKind, Mention, is_placeholder, reached
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.own_hosts import foreign_hosts, is_named, label_of
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_SHORTEST = 4  # characters of a label; a shorter one must stand as a word of its own
_READS = frozenset(
    {
        FactKind.SYSTEM_FACTS,
        FactKind.USER_FILES,
        FactKind.DATABASE,
        FactKind.AGENT_STATE,
        FactKind.METADATA,
    }
)


# Takes every file of a folder, not the one that it was given.
_WALKS = re.compile(
    r"\bos\.(?:walk|scandir|listdir)\s*\(|\.(?:rglob|iterdir)\s*\(|\bglob\.i?glob\s*\(|\breaddir(?:Sync)?\s*\(|"
    r"\bfilepath\.Walk\w*\s*\(|\bDir\.(?:glob|each_child|children)\b|\bWalkDir::|\bscandir\s*\(|"
    r"\bGet-ChildItem\b[^\n]{0,80}-Recurse|\bfind\s+[\"'$~./][^\n]{0,120}(?:-type\s+f|-name)\b|"
    r"\bRecursiveDirectoryIterator\b"
)
# A question about something public: the weather of a city, the price of a coin, the holidays of a year.
_PLAIN_GET = re.compile(
    r"\b(?:fetch|requests\.get|httpx\.get|axios\.get|got|urlopen)\s*\(\s*f?[\"'`]https?://"
)
_FILLED = re.compile(r"(?<!\{)\$?\{\s*([\w.]{1,60})[^}\n]{0,40}\}")
_WITH_BODY = re.compile(r"\b(?:method|body|data|json|headers|files|content)\b\s*[:=]")
_PUBLIC_NAME = re.compile(
    r"(?i)(?:\w+\.){0,2}\w{0,20}?(?:address|date|day|month|year|id|city|country|lat\w*|lon\w*|lng|symbol|ticker|"
    r"coin|chain|"
    r"page|limit|offset|slug|lang|locale|currency|isbn|doi|zip|postcode|domain|ip|hash|query|asn|station|"
    r"version|package|name|term|keyword)(?:Str)?"
)
_REST = re.compile(r"(?:[^;)]{0,200}[^;)\n])?")  # of the call, up to its end
# A picture whose address carries data, and what a page keeps.
_BEACON = re.compile(r"\.src\s*=\s*[\"'`]https?://[^\"'`\n]{3,200}(?:[\"'`]\s*\+|\$\{)")
_BROWSER_STATE = re.compile(
    r"\bdocument\.cookie\b(?!\s*=[^=])|\bJSON\.stringify\(\s*(?:window\.)?(?:local|session)Storage\b|"
    r"\bObject\.(?:entries|keys|assign)\([^)\n]{0,20}\b(?:local|session)Storage\b"
)
_SENTENCE = re.compile(
    r"[\"'`](?![^\"'`]*\b(?i:curl|wget|https?|nc|fetch|post|put|get|iwr|irm|ssh|scp|"
    r"git)\b)[^\"'`]{0,60}[A-Za-z]{3,}[:.,)]? $"
)
# That nothing goes out, which a script then breaks.
_PROMISES = re.compile(
    r"(?i)\bnothing (?:ever )?(?:leaves|is (?:sent|uploaded|transmitted|shared))\b|\b(?:entirely|fully|purely|"
    r"completely|strictly|"
    r"100 ?%) (?:on (?:this|your|the user['’]s|the) (?:machine|computer|device|laptop)|local(?:ly)?|offline)\b|"
    r"\bworks? (?:entirely |fully |completely )?offline\b|\b(?:no|without(?: any| a)?) (?:network|"
    r"internet)(?: access| connection| calls?"
    r"| requests?)?\b[^.\n]{0,20}\b(?:needed|required|used|made)\b|\bnever (?:leaves|uploads|sends|phones home)\b|"
    r"\b(?:data|files?|everything|documents?) stays? (?:on|local)\b|\bmakes no (?:network|outgoing) (?:calls|"
    r"requests|connections)\b"
)
_MAX_PLACES = 200  # of one text; further ones say nothing new
_RUNS = frozenset({FactKind.RUNS_CODE, FactKind.RUNS_SHELL})


def sends_to_unmentioned_host(package: Package) -> Iterator[Hit]:
    """Yields scripts that send data to a strange host which the skill's text does not name."""
    return (
        hit_at(source, mention.offset)
        for source, mention in _sending(package)
        if not _is_private(source, mention) and not _only_asks(source, mention)
    )


def sends_reading_to_unmentioned_host(package: Package) -> Iterator[Hit]:
    """Yields the same where the script also reads who the user is, or the user's files or data.

    Or where the statement that names the host carries a secret: no word says that it goes there. Or
    where the skill promises that nothing leaves the machine.
    """
    is_promised = _PROMISES.search(_prose(package)) is not None
    return (
        hit_at(source, mention.offset)
        for source, mention in _sending(package)
        if _is_private(source, mention) or (is_promised and not _only_asks(source, mention))
    )


def runs_from_unmentioned_host(package: Package) -> Iterator[Hit]:
    """Yields scripts that fetch from such a host and run text as code."""
    wanted = {FactKind.FETCHES, FactKind.RUNS_CODE}
    return (
        hit_at(source, mention.offset)
        for source, mention in _unmentioned(package, lambda kinds: wanted <= kinds)
    )


def sends_to_dump(package: Package) -> Iterator[Hit]:
    """Yields scripts that send data to a raw address, a tunnel or a dump, or run what they fetch there."""
    for source in _scripts(package):
        kinds = {fact.kind for fact in facts_of(source)}
        if FactKind.SENDS in kinds or (FactKind.FETCHES in kinds and kinds & _RUNS):
            text = without_comments(source)
            for mention in reached(text):
                if mention.kind in DUMPS and not is_named(mention.host, package):
                    yield hit_at(source, mention.offset)


@lru_cache(maxsize=4)  # both detectors ask of each package
def _sending(package: Package) -> tuple[tuple[Source, Mention], ...]:
    """Returns the places where a script sends, or shows a picture whose address carries data."""
    return tuple(
        (source, mention)
        for source, mention in _unmentioned(package, lambda _: True)
        if any(fact.kind is FactKind.SENDS for fact in facts_of(source))
        or _BEACON.search(source.text, max(0, mention.offset - 40), mention.offset + 300)
    )


def _unmentioned(
    package: Package, is_wanted: Callable[[set[FactKind]], bool]
) -> Iterator[tuple[Source, Mention]]:
    said = _said(package)
    foreign = foreign_hosts(package)
    for source in _scripts(package):
        if not is_wanted({fact.kind for fact in facts_of(source)}):
            continue
        found = (
            mention
            for mention in reached(without_comments(source))
            if mention.host in foreign and _is_unsaid(mention, said) and not _is_told(source, mention)
        )
        yield from ((source, mention) for mention in islice(found, _MAX_PLACES))


def _is_told(source: Source, mention: Mention) -> bool:
    """Whether an address stands in a sentence that code shows to a person, and in no command."""
    before = source.text[max(0, mention.offset - 100) : mention.offset].rpartition("\n")[2]
    return source.language is not Language.SHELL and _SENTENCE.search(before) is not None


def _is_private(source: Source, mention: Mention) -> bool:
    if any(fact.kind in _READS for fact in facts_of(source)):
        return True
    return _walks(source) or _keeps(source) or bool(secrets_sent_to(without_comments(source), mention))


def _only_asks(source: Source, mention: Mention) -> bool:
    """Whether a call only asks a public question: no method but GET, no body, and names of what is asked about."""
    end = mention.offset + len(mention.url)
    call = source.text[max(0, mention.offset - 60) : end] + _REST.match(source.text, end)[0]  # type: ignore[index]  # always matches
    filled = _FILLED.findall(call)
    return (
        bool(_PLAIN_GET.search(call))
        and bool(filled)
        and not _WITH_BODY.search(call)
        and all(map(_PUBLIC_NAME.fullmatch, filled))
    )


@lru_cache(maxsize=64)  # asked of each address of a text
def _walks(source: Source) -> bool:
    return _WALKS.search(without_comments(source)) is not None


@lru_cache(maxsize=64)  # asked of each address of a text
def _keeps(source: Source) -> bool:
    """Whether code reads what a browser keeps for a page: cookies, or all of its storage."""
    return _BROWSER_STATE.search(without_comments(source)) is not None


def is_unmentioned(mention: Mention, package: Package) -> bool:
    """Returns whether a host does not fit the skill and stands in none of its words."""
    return mention.host in foreign_hosts(package) and _is_unsaid(mention, _said(package))


def _is_unsaid(mention: Mention, said: str) -> bool:
    if mention.kind in DUMPS or mention.kind is HostKind.LOCAL or is_placeholder(mention.host):
        return False
    label = mention.host.split(".")[-3] if mention.kind is HostKind.HOSTED else label_of(mention.host)
    squashed = re.sub(r"[^a-z0-9]", "", label)
    if len(squashed) < _SHORTEST:
        return re.search(rf"\b{re.escape(label)}\b", said) is None
    return mention.host not in said and squashed not in said


@lru_cache(maxsize=4)  # several detectors ask of each package
def _said(package: Package) -> str:
    """Returns the Markdown of a package, its hosts as they stand and its words without what separates them."""
    texts = [s.text.lower() for s in package.sources if s.is_whole_file and s.language is Language.MARKDOWN]
    return "\n".join((*texts, *(re.sub(r"[^a-z0-9]", "", text) for text in texts)))


@lru_cache(maxsize=4)
def _prose(package: Package) -> str:
    """Returns what the root's SKILL.md and README.md say."""
    return "\n".join(
        s.text for s in package.sources if s.is_whole_file and s.file.lower() in {"skill.md", "readme.md"}
    )


def _scripts(package: Package) -> Iterator[Source]:
    """Yields code that runs: files, members of archives and what hides in them, but no block of Markdown."""
    markdown = {s.file for s in package.sources if s.is_whole_file and s.language is Language.MARKDOWN}
    return (
        s for s in package.sources if s.language.is_code and s.file not in markdown and not s.is_part_of_code
    )
