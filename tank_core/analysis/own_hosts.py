"""Which hosts fit what a skill says it is.

An honest skill for a service talks to the service that it names. A host whose name
stands neither in the skill's name nor in its description, its title or its links home
is foreign to it: data that goes there is a mismatch between word and deed. The
declaration counts for nothing here, for an attacker writes it, too.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from tank_core.analysis.hosts import DUMPS, STRANGE, HostKind, kind_of, reached
from tank_core.analysis.identity import identity_of
from tank_core.analysis.package import Package

_SHORTEST = 4  # characters of a host's own label; shorter ones occur by chance
_MANY = 4  # mentions that make a host the one that a skill is about
# What imitators add to somebody's name when they register a host beside it.
_ADDED = frozenset(
    (
        *(
            "setup",
            "install",
            "installer",
            "update",
            "updater",
            "updates",
            "upgrade",
            "download",
            "downloads",
            "dl",
        ),
        *(
            "helper",
            "tool",
            "tools",
            "fix",
            "support",
            "cdn",
            "assets",
            "static",
            "files",
            "mirror",
            "pkg",
            "packages",
        ),
        *(
            "secure",
            "security",
            "verify",
            "verification",
            "login",
            "auth",
            "official",
            "get",
            "cli",
            "app",
            "apps",
        ),
        *("pro", "plus", "hub", "service", "services", "registry", "repo", "release", "releases"),
    )
)
_PUBLIC = frozenset({"co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go"})


@lru_cache(maxsize=4)  # several detectors ask of each package
def foreign_hosts(package: Package) -> frozenset[str]:
    """Returns the strange hosts in a package that do not fit what the skill says it is."""
    named = "\n".join(
        map(_squashed, identity_of(package).split("\n"))
    )  # no label runs from one line into the next
    strange = [
        (mention.host, source.is_whole_file)
        for source in package.sources
        for mention in reached(source.text)
        if mention.kind in STRANGE
    ]
    counted = Counter(host for host, is_whole_file in strange if is_whole_file)
    main = {host for host, count in counted.most_common(1) if count >= _MANY and kind_of(host) not in DUMPS}
    return frozenset(host for host, _ in strange if not fits(host, named) and host not in main)


@lru_cache(maxsize=4)
def unvouched_hosts(package: Package) -> frozenset[str]:
    """Returns the strange hosts in a package from which no program should be run.

    The foreign ones, and those whose label only adds a word such as ``setup`` to what the
    skill is called: anybody can register that, and an honest vendor is named by itself.
    """
    strange = {m.host for source in package.sources for m in reached(source.text) if m.kind in STRANGE}
    return foreign_hosts(package) | {host for host in strange if is_descriptive(host)}


def is_foreign(host: str, package: Package) -> bool:
    """Returns whether a host, written without a scheme, is strange and none that a program should be run from."""
    named = "\n".join(map(_squashed, identity_of(package).split("\n")))
    return kind_of(host) in STRANGE and (is_descriptive(host) or not fits(host, named))


def is_descriptive(host: str) -> bool:
    """Returns whether a host's own label says what is to be had there, and not who has it."""
    words = label_of(host).split("-")
    return len(words) > 1 and not _ADDED.isdisjoint(words) and kind_of(host) is HostKind.UNUSUAL


def fits(host: str, named: str) -> bool:
    """Returns whether a host's own label stands in a text.

    Args:
        host: lower case, without a port.
        named: lines of lower-case letters and digits only.
    """
    kind = kind_of(host)
    labels = host.split(".")
    own = labels[-3] if kind is HostKind.HOSTED and len(labels) > 2 else label_of(host)
    squashed = _squashed(own)
    return kind not in DUMPS and len(squashed) >= _SHORTEST and squashed in named


def is_named(host: str, package: Package) -> bool:
    """Returns whether a skill presents itself with a host's own label, whatever kind of host it is."""
    label = _squashed(label_of(host))
    return len(label) >= _SHORTEST and any(
        label in _squashed(line) for line in identity_of(package).split("\n")
    )


def label_of(host: str) -> str:
    """Returns the label that somebody registered, without what stands before and after it."""
    labels = host.split(".")
    if len(labels) > 2 and labels[-2] in _PUBLIC:
        labels = labels[:-1]
    return labels[-2] if len(labels) > 1 else labels[0]


def _squashed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
