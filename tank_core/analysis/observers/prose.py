"""Addresses that a guide tells an agent to use, and secrets that it asks for.

A link to read is no access; "POST to https://…", "Base URL: https://…" and a line
that says to fetch, call or send are. Example domains are placeholders in prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.hosts import HostKind, kind_of
from tank_core.analysis.observers.values import host_of_address, hosts_in

_METHOD = re.compile(
    r"(?<![\w-])(?:GET|POST|PUT|PATCH|DELETE|HEAD)(?:\*\*|`)?[ \t:|`*]{1,6}(?:(?:request"
    r"|call)s?\s)?(?:to\s|from\s)?[`\"'<(|\s]{0,4}$"
)
_LABEL = re.compile(
    r"(?i)(?:\b(?:base|api|root|server|service|webhook|callback|request|rest|graphql|rpc|mcp|health"
    r"|auth|token|upload|download|search"
    r"|production|sandbox|live|instance|feed|proxy|gateway|remote|data|backend)[ _-]{0,2}(?:base"
    r"|api)?[ _-]?(?:url|uri|address|endpoint|host|server|path)?s?"
    r"|\bendpoints?|\burl|\bhost)\b[*_`\"')]{0,4}[ \t]{0,3}(?:[:=|→]|\((?:default|e\.g)|is\b|at\b|are\b)[^.\n]{0,60}$"
)
_VERB = re.compile(
    r"(?i)\b(?:call|calls|calling|query|queries|querying|fetch|fetches|fetching|requests? (?:to|from"
    r"|against)|send|sends|sending|post|posts|posting"
    r"|submit|submits|upload|uploads|download|downloads|downloading|retrieve|retrieves|hit|hits"
    r"|invoke|poll|polls|ping|connect(?:s|ed)? to"
    r"|curl|wget|webfetch|web_fetch|navigate(?:s)? to|go to|goto|scrape|crawl|load|loads|pull|pulls"
    r"|push|forward|report(?:s)? (?:to|it)|notify"
    r"|exfiltrate|transmit|register (?:at|with)|authenticate (?:at|with|against)|log ?in (?:at|to)"
    r"|clone|install(?:s|ed)? from|import(?:s|ed)? from"
    r"|proxied (?:to|through)|talks? to|communicate with|subscribe|sync(?:s)? (?:to|with)"
    r"|available at|hosted at|served (?:at|from)|runs (?:at|on)|use(?:s)? the)\b"
    r"[^\n]{0,160}$"
)
_READS = re.compile(
    r"(?i)(?:\bsee\b|\bdocs?\b|documentation|\bread (?:more|the)|\bguide\b|reference|\bcredits?\b"
    r"|inspired|based on|source:|learn more|homepage|license"
    r"|\bbadge|\bmore (?:info|details)|\breleases?\b page|\bget (?:a|an|your)\b|sign ?up|obtain"
    r"|\bissue(?:s)? at|thanks)[^\n]{0,100}$"
)
_API = re.compile(
    r"(?i)//(?:api|rest|graphql|gateway|hooks?|rpc|mcp|data-api|wss?)[.-]"
    r"|//[^\s/]{1,200}/(?:[\w-]{1,40}/){0,3}(?:api|graphql|rest|v\d{1,2}(?:\.\d)?|webhooks?|rpc|mcp|sse)(?![\w-])"
)
_API_HEADING = re.compile(
    r"(?i)^#{1,6}[^\n]{0,80}\b(?:apis?|endpoints?|base urls?|servers?|hosts?|webhooks?)\b"
)
_PLACEHOLDER = re.compile(
    r"(?:^|\.)example\.(?:com|org|net)(?::\d+)?$|^(?:www\.)?(?:your|my)[-_.]|^\*\.(?:example)|(?:^"
    r"|\.)(?:yourdomain|your-domain|domain|yoursite|mysite|host|server)\.(?:com|org|net|tld)$"
)
_PATH_METHOD = re.compile(
    r"(?m)^[ \t>]{0,8}(?:GET|POST|PUT|PATCH"
    r"|DELETE) /[^\n]{0,300}\n(?:[A-Za-z-]{1,40}: [^\n]{0,300}\n){0,8}?[Hh]ost: *(?P<host>[\w.-]{3,250})"
)
_TOOL = re.compile(r"WebFetch\(domain:(?P<host>[\w.*-]{3,250})\)")


def is_placeholder(entry: str) -> bool:
    """Returns whether a host stands for one that the reader has to fill in."""
    return _PLACEHOLDER.search(entry) is not None


def hosts(text: str) -> Iterator[tuple[int, str]]:
    """Yields (offset, entry) of each host that prose tells to use."""
    start = 0
    before = heading = ""
    for line in text.split("\n"):
        if line.startswith("#"):
            heading = line
        if "://" in line:
            for offset, entry in _of_line(
                line[:20_000], before, is_api=_API_HEADING.search(heading) is not None
            ):
                yield start + offset, entry
        if line.strip():
            before = line.strip()[-200:] if line.rstrip().endswith(":") else ""
        start += len(line) + 1
    for pattern in (_PATH_METHOD, _TOOL):
        for match in pattern.finditer(text):
            found = host_of_address(match["host"])
            if found and not is_placeholder(found):
                yield match.start(), found


def _of_line(line: str, before: str, *, is_api: bool) -> Iterator[tuple[int, str]]:
    for offset, entry in hosts_in(line):
        if is_placeholder(entry) or kind_of(entry.partition(":")[0]) is HostKind.NAMESPACE:
            continue
        context = line[max(0, offset - 240) : offset]
        # Under "## API hosts", an address in back-ticks is one to use.
        if (is_api and context.endswith("`")) or _is_used(context, line[offset : offset + 300], before):
            yield offset, entry


def _is_used(context: str, url: str, before: str) -> bool:
    if _METHOD.search(context) or _LABEL.search(context) or _API.match(url[url.index(":") + 1 :]):
        return True
    if _READS.search(context):
        return False
    if _VERB.search(context):
        return True
    # "Send the file to:" and the address on a line of its own.
    is_alone = not context.strip(" \t`*-<>\"'|1234567890.)")
    return (
        is_alone and bool(before) and (_VERB.search(before) is not None or _LABEL.search(before) is not None)
    )


_SECRET_ASKED = re.compile(
    r"(?i)(?:\bset\b|\bexport\b|\brequires?\b|\bneeds?\b|environment variable|\benv(?:ironment)?\b"
    r"|\bsecret\b|api[ _-]key|\btoken\b|credential"
    r"|\bconfigure\b|\bprovide\b|\bpass\b|\bread(?:s)?\b|\buse(?:s)?\b|stored? in|authenticat)"
)
_SECRET_NAME = re.compile(
    r"(?<![\w$/.-])[`\"'$({\[]{0,3}(?P<name>[A-Z][A-Z0-9]{1,40}(?:_[A-Z0-9]{1,40}){1,8})(?![\w-])"
)


def secret_names(text: str) -> Iterator[tuple[int, str]]:
    """Yields (offset, name) of each environment variable that prose or front matter asks for."""
    start = 0
    before = ""
    for line in text.split("\n"):
        short = line[:4000]
        if "_" in short and (_SECRET_ASKED.search(short) or _SECRET_ASKED.search(before)):
            for match in _SECRET_NAME.finditer(short):
                yield start + match.start("name"), match["name"]
        if line.strip():
            before = line.strip()[-200:]
        start += len(line) + 1
