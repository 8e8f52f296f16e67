"""Copies that leave without a URL: to a machine, a Git remote, a bucket that is open to all, a name that is looked up.

The destination is written out, belongs to nobody whom the skill speaks of by its name or description,
and is no stand-in that the user is to fill in. A copy that is fetched is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import STRANGE, is_placeholder, kind_of
from tank_core.analysis.own_hosts import is_named
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_HOST = r"(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,60})\.){1,5}(?:[a-z]{2,24})|\d{1,3}(?:\.\d{1,3}){3})"
_END = r"(?=\s*(?:$|[;|&`\"')\]\n]|>\s|2>))"
_COPIES = (
    # What comes last is where it goes.
    re.compile(
        rf"(?i)\b(?:scp|rsync|sftp)\b[^\n|;&`]{{1,300}}?[\s\"',](?:[\w.$(){{}}-]{{1,60}}@){_HOST}::?[\w~/.$(){{}}-]{{0,200}}{_END}",
        re.MULTILINE,
    ),
    re.compile(
        rf"(?i)\brsync\b[^\n|;&`]{{1,300}}?\srsync://(?:[\w.-]{{1,60}}@)?{_HOST}[^\s]{{0,200}}{_END}",
        re.MULTILINE,
    ),
    # Piped into a shell there.
    re.compile(rf"(?i)\|\s*ssh\s+(?:-\w+(?:[= ]\S{{1,80}})?\s+){{0,4}}(?:[\w.-]{{1,60}}@){_HOST}\b"),
)
_REMOTES = re.compile(
    r"(?i)\bgit\b[\s\"',\[\]]{1,8}(?:-C[\s\"',]{1,6}\S{1,80}[\s\"',]{1,6})?(?:push\b|remote[\s\"',]{1,6}(?:add|set-url)\b|"
    r"bundle\b|config\b[^\n]{0,40}\bpushurl\b)[^\n;|&]{0,160}?"
    rf"(?:https?://(?:[^\s/@\"']{{1,120}}@)?|ssh://(?:[\w.-]{{1,60}}@)?|git://|[\w.-]{{1,40}}@){_HOST}(?=[/:])"
)
_BUCKETS = re.compile(
    r"(?i)\baws\s+s3(?:api)?\s+(?:cp|sync|mv|put-object)\b(?=[^\n]{0,400}(?:--no-sign-request|--acl\s+(?:public-read|"
    r"bucket-owner-full-control)|--endpoint-url))[^\n]{1,300}"
)
_LOOKUPS = re.compile(
    r"(?i)(?<![\w-])(?:nslookup|dig|host|ping|drill|kdig|Resolve-DnsName)\b[^\n;|&]{0,60}?(?:\$\([^\n]{1,200}?\)|`[^`\n]{1,200}`|"
    rf"\$\{{?\w{{1,40}}\}}?)\.{_HOST}"
)
_DATA_SHOWN = re.compile(
    r"(?i)base64|xxd|hexdump|\bcat\b|\bod\b|whoami|git config|hostname|\benv\b|\$\(|sha|key|token|secret"
)


def copies(package: Package) -> Iterator[Hit]:
    """Yields commands that copy what the user has to a machine, a remote or an open bucket of a stranger."""
    for source in _commands(package):
        for pattern in (*_COPIES, _REMOTES):
            for match in pattern.finditer(source.text):
                if _is_strangers(match["host"].lower(), package):
                    yield hit_at(source, match.start())
        for match in _BUCKETS.finditer(source.text):
            paths = [word for word in match.group().split()[3:] if "/" in word or word == "."]
            if (
                len(paths) > 1
                and not paths[0].startswith("s3://")
                and any(p.startswith("s3://") for p in paths)
            ):
                yield hit_at(source, match.start())


def lookups(package: Package) -> Iterator[Hit]:
    """Yields commands that look up a name which holds the output of another command."""
    for source in _commands(package):
        for match in _LOOKUPS.finditer(source.text):
            if _DATA_SHOWN.search(match.group()) and _is_strangers(match["host"].lower(), package):
                yield hit_at(source, match.start())


def _commands(package: Package) -> Iterator[Source]:
    """Yields shell, Markdown for the commands in its lines, and code that hands the same words to a program."""
    return (
        source
        for source in package.sources
        if source.language is Language.SHELL
        or (source.is_whole_file and (source.language.is_code or source.language is Language.MARKDOWN))
    )


def _is_strangers(host: str, package: Package) -> bool:
    return (
        kind_of(host) in STRANGE
        and not is_placeholder(host)
        and not host.endswith((".example.com", ".example.org", ".example.net"))
        and not is_named(host, package)
    )
