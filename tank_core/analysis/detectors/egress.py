"""Code that talks to addresses made for hiding: raw addresses, tunnels and dumps; hidden PowerShell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import HostKind, is_placeholder, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package

_HIDDEN_POWERSHELL = re.compile(
    r"(?i)\bpowershell(?:\.exe)?\b[^\n]{0,200}?\s-(?:e|ec|enc|encodedcommand)\s+[A-Za-z0-9+/=]{16,}"
    r"|\bpowershell(?:\.exe)?\b[^\n]{0,200}?-w(?:indowstyle)?\s+hidden[^\n]{0,300}?(?:iwr|irm|iex|download|invoke-)"
)


_CREDENTIAL_LITERAL = re.compile(
    r"[\"'](?:~/|[^\"'\n]{0,60}/)?(?:\.ssh(?:/[^\"'\n]{0,40})?|\.aws(?:/credentials)?|\.gnupg[^\"'\n]{0,30}|"
    r"id_(?:rsa|ed25519))[\"']"
)


def credential_file_near_egress(package: Package) -> Iterator[Hit]:
    """Yields credential paths in code that also talks to a host that does not fit the skill."""
    foreign = foreign_hosts(package)
    for source in package.sources:
        match = _CREDENTIAL_LITERAL.search(source.text) if source.language.is_code else None
        if match is None:
            continue
        if any(mention.host in foreign for mention in mentions(source.text)):
            yield hit_at(source, match.start())


def raw_addresses(package: Package) -> Iterator[Hit]:
    """Yields URLs in code whose host is a public address without a name."""
    return _urls(package, HostKind.RAW_ADDRESS)


def drop_hosts(package: Package) -> Iterator[Hit]:
    """Yields URLs in code whose host is a dump, a tunnel or a link shortener."""
    return _urls(package, HostKind.DROP)


def hidden_powershell(package: Package) -> Iterator[Hit]:
    """Yields PowerShell that is started hidden or with an encoded command."""
    for source in package.sources:
        if source.is_outer_text or source.is_decoded:
            for match in _HIDDEN_POWERSHELL.finditer(source.text):
                yield hit_at(source, match.start())


def _urls(package: Package, kind: HostKind) -> Iterator[Hit]:
    for source in package.sources:
        if not source.language.is_code:
            continue
        for mention in mentions(source.text):
            if mention.kind is kind and not is_placeholder(mention.host):
                yield hit_at(source, mention.offset)
