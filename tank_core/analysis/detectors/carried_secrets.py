"""Secrets that the statement which names a host carries: a key or a token that goes to that very host.

The statement is read from the words around the address, or around the name that was given to it.
A secret that is by its name the host's own is a login and none that leaves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.detectors.popular_names import VENDORS
from tank_core.analysis.hosts import HostKind, Mention, is_placeholder, kind_of, mentions
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.own_hosts import foreign_hosts, label_of
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language

# A variable that takes a secret, and a secret that a statement takes by itself.
_WANTED_NAME = (
    r"(?P<secret>[A-Z][A-Z0-9_]{0,40}?(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|"
    r"CREDENTIALS?|_KEY)(?:_FILE|_PATH)?)\b"
)
_FROM_ENVIRONMENT = (
    r"(?:environ(?:\.get\s*\(|\s*\[)|getenv\s*\(|process\.env[.\[]|\bENV(?:\.fetch\s*\(|\s*\[)|"
    r"\$env:|\$\{?)\s*[\"']?"
)
_TAKES_SECRET = re.compile(
    rf"\b(?P<name>[A-Za-z_]\w{{0,40}})\s*(?::=|=)\s*[^\n]{{0,60}}?{_FROM_ENVIRONMENT}{_WANTED_NAME}"
)
_SECRET_IN_PLACE = re.compile(_FROM_ENVIRONMENT + _WANTED_NAME)
# Words in the name of a secret that do not name its service.
_NO_NAME = frozenset(
    {"api", "key", "token", "secret", "password", "access", "private", "the", "my", "bot", "app"}
)
_NAMED = re.compile(r"\b(?P<name>[A-Za-z_]\w{0,40})\s*(?::=|=)\s*[fFrRbB]?[\"'`]?$")
_VALUE = re.compile(
    r"\"\w{1,40}\"\s*:\s*\"$"
)  # of a body: an address that is sent, and not one that is sent to
_BEFORE = 240  # characters of the statement that names a host, before and after it
_AFTER = 400
_FAR = 20_000  # characters in which the uses of a name are looked for
_MAX_USES = 20
_SHORTEST_WORD = 3  # characters of a word in the name of a secret that may name its service
_NO_ADDRESS = frozenset({HostKind.LOCAL, HostKind.NAMESPACE})
_GOES_ON = ("\\", "(", ",", "{", "[")  # ends of a line whose statement the next one continues
_MAX_LINES_UP = 6
_MAX_ADDRESSES = 400  # of one text that are looked at


def secrets_sent_to(text: str, mention: Mention) -> set[str]:
    """Returns the names of the secrets that a text hands to a host, without those that are the host's own."""
    return {secret for secret in _secrets_at(text, mention) if not _is_own_secret(secret, mention.host)}


def second_hosts(package: Package) -> Iterator[Hit]:
    """Yields places where a secret that one host gets is handed to another one, which does not fit the skill."""
    foreign = foreign_hosts(package)
    for source in package.sources:
        if not foreign or not source.language.is_code or source.is_part_of_code:
            continue
        text = without_comments(source)
        handed: dict[str, dict[str, Mention]] = defaultdict(dict)
        for mention in islice(mentions(text), _MAX_ADDRESSES):
            is_value = source.language is Language.SHELL and _VALUE.search(
                text, max(0, mention.offset - 60), mention.offset
            )
            if mention.kind in _NO_ADDRESS or is_placeholder(mention.host) or is_value:
                continue
            for secret in _secrets_at(text, mention):
                handed[secret].setdefault(label_of(mention.host), mention)
        for hosts in handed.values():
            strange = [mention for mention in hosts.values() if mention.host in foreign]
            if len(hosts) > 1 and strange:
                yield hit_at(source, strange[-1].offset)


def _secrets_at(text: str, mention: Mention) -> set[str]:
    """Returns the secrets in the statement that names a host, and in those that use a name given to it."""
    places = [mention.offset]
    named = _NAMED.search(text, max(0, mention.offset - 60), mention.offset)
    if named:
        after = text[mention.offset : mention.offset + _FAR]
        uses = re.finditer(rf"(?<![\w.]){re.escape(named['name'])}(?!\w)", after)
        places += [mention.offset + use.start() for use in islice(uses, _MAX_USES)]
    taken = _taken(text)
    return {secret for place in places for secret in _named_secrets(_statement(text, place), taken)}


@lru_cache(maxsize=8)  # asked of each address of a text
def _taken(text: str) -> dict[str, str]:
    """Returns the secret that each variable takes, of the first variables that take one."""
    return {match["name"]: match["secret"] for match in islice(_TAKES_SECRET.finditer(text), _MAX_USES)}


def _statement(text: str, place: int) -> str:
    """Returns the lines of a statement around a place, up to the next address or blank line."""
    start = text.rfind("\n", 0, place) + 1
    for _ in range(_MAX_LINES_UP):
        above = text[max(0, start - _BEFORE) : max(0, start - 1)].rpartition("\n")[2]
        if not above.rstrip().endswith(_GOES_ON):
            break
        start -= len(above) + 1
    after, mark, _ = text[place + len("https://") : place + _AFTER].split("\n\n", 1)[0].partition("://")
    if mark:
        after = after.rpartition("\n")[0]
    return text[max(start, place - _BEFORE) : place + len("https://")] + after


def _named_secrets(statement: str, taken: dict[str, str]) -> Iterator[str]:
    for match in _SECRET_IN_PLACE.finditer(statement):
        yield match["secret"]
    for name, secret in taken.items():
        if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w|\s*=[^=])", statement):
            yield secret


def _is_own_secret(secret: str, host: str) -> bool:
    words = set(secret.lower().split("_")) - _NO_NAME
    named = {word for word in words if len(word) >= _SHORTEST_WORD and word in host}
    # A vendor's key is the vendor's own, and none of a host that only has the vendor's name in its own.
    is_imitated = kind_of(host) is HostKind.UNUSUAL and not named.isdisjoint(VENDORS)
    return bool(named) and not is_imitated
