"""Declared against observed: what a package does and does not say, and what it says and does not do.

An access that is seen and not declared is a note with the exact line to add. It
does not block by itself: observation reads text and can be wrong. How grave it is
depends on what it reaches: an unusual host more than a vendor's, a credential store
more than a file of the project, every address of the machine more than its own. A
declared access that is never seen is information, because code may compute what it uses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tank_core.analysis.hosts import HostKind, kind_of
from tank_core.analysis.report import ObservedCapability, UnknownCapability
from tank_core.findings import Confidence, Finding, Severity
from tank_core.permissions import Access, Entry, PermissionSet, entries, entry_contains

CATEGORY = "undeclared-capability"

_ORDINARY = frozenset({HostKind.WELL_KNOWN, HostKind.FORGE, HostKind.LOCAL, HostKind.NAMESPACE})
_EVERY_ADDRESS = re.compile(r"(?:0\.0\.0\.0|\[::\]|\*)(?::\d+)?")
# Credentials, and what agents and shells do at their start: outside the project, and nobody's business by default.
_STORES = re.compile(
    r"~/\.(?:ssh|aws|gnupg|kube|azure|docker/config\.json|config/(?:gcloud|gh|op)|netrc|npmrc|pypirc|git-credentials|password-store"
    r"|pgpass|my\.cnf|mozilla|config/(?:google-chrome|chromium|BraveSoftware)|local/share/keyrings|electrum|bitcoin|ethereum"
    r"|bashrc|bash_profile|zshrc|zprofile|profile|config/autostart|config/systemd|claude\.json)(?:/.*)?"
    r"|~/\.(?:claude|codex|cursor|gemini|openclaw|clawdbot|windsurf|copilot)/(?!(?:skills|plugins|workspace)(?:/|$)).*"
    r"|~/Library/(?:Keychains|LaunchAgents|Application Support/(?:Google|BraveSoftware|Firefox))(?:/.*)?"
    r"|/etc/(?:shadow|sudoers|passwd|ssh|cron[^/]*|ld\.so\.preload)(?:/.*)?|/var/run/docker\.sock|/(?:Library/Launch|etc/systemd).*"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    rule_id: str
    title: str
    why: str


_KINDS = {
    Access.NETWORK_OUTBOUND: _Kind(
        "undeclared-network",
        "Talks to a host that it does not declare",
        "Who installs the skill allows it hosts by its declaration; data can leave by any other.",
    ),
    Access.NETWORK_INBOUND: _Kind(
        "undeclared-network",
        "Listens on an address that it does not declare",
        "A listening skill can be reached by others on the machine or the network.",
    ),
    Access.SUBPROCESS: _Kind(
        "undeclared-subprocess",
        "Starts a program that it does not declare",
        "A program may do anything that its user may; the declaration says which ones are needed.",
    ),
    Access.SECRETS: _Kind(
        "undeclared-secret",
        "Reads a secret that it does not declare",
        "A skill that names its secrets can be given those and no others.",
    ),
    Access.FILESYSTEM_READ: _Kind(
        "undeclared-filesystem",
        "Reads a path that it does not declare",
        "Files outside the declaration may hold what is none of the skill's business.",
    ),
    Access.FILESYSTEM_WRITE: _Kind(
        "undeclared-filesystem",
        "Writes a path that it does not declare",
        "Written files outlive the skill and may change how other programs behave.",
    ),
}


def declared_against_observed(
    declared: PermissionSet,
    observed: Sequence[ObservedCapability],
    unknown: Sequence[UnknownCapability] = (),
) -> tuple[Finding, ...]:
    """Returns a finding for each difference, sorted.

    Args:
        declared: the manifest's capabilities.
        observed: what analysis saw, each access once.
        unknown: accesses whose target is computed; they may be what a declaration is for.
    """
    undeclared = [
        _undeclared(item)
        for item in observed
        if not any(entry_contains(item.type, entry, item.value) for entry in declared.values(item.type))
    ]
    computed = {item.type for item in unknown}
    unused = [
        _unused(entry)
        for entry in entries(declared)
        if entry.type not in computed and _is_observable(entry) and not _is_used(entry, observed)
    ]
    return tuple(sorted([*undeclared, *unused]))


def _undeclared(item: ObservedCapability) -> Finding:
    kind = _KINDS[item.type]
    return Finding(
        file=item.file,
        line=item.line,
        rule_id=kind.rule_id,
        category=CATEGORY,
        severity=_severity(item),
        confidence=Confidence.MEDIUM,
        title=f"{kind.title}: {item.value}",
        evidence=item.evidence,
        why=kind.why,
        fix=f"Add to capabilities in skills.json: {Entry(item.type, item.value).json_line}, or remove the access.",
        taxonomy=("AST03", "CWE-250"),
    )


def _severity(item: ObservedCapability) -> Severity:
    match item.type:
        case Access.NETWORK_OUTBOUND:
            host = item.value if item.value.startswith("[") else item.value.partition(":")[0]
            is_grave = kind_of(re.sub(r"^\[|\](?::\d+)?$", "", host)) not in _ORDINARY
        case Access.NETWORK_INBOUND:
            is_grave = _EVERY_ADDRESS.fullmatch(item.value) is not None
        case Access.FILESYSTEM_READ | Access.FILESYSTEM_WRITE:
            is_grave = _STORES.fullmatch(item.value) is not None
        case Access.SUBPROCESS:
            is_grave = False
        case Access.SECRETS:
            is_grave = True
    return Severity.MEDIUM if is_grave else Severity.LOW


def _unused(entry: Entry) -> Finding:
    return Finding(
        file="skills.json",
        line=0,
        rule_id="declared-and-unused",
        category=CATEGORY,
        severity=Severity.INFO,
        confidence=Confidence.LOW,
        title=f"Declares an access that no code shows: {entry.type} {entry.value}",
        evidence=entry.json_line,
        why="A wider declaration than needed asks users for trust that the skill does not use.",
        fix=f"Remove it from capabilities in skills.json if it is not needed: {entry.json_line}.",
        taxonomy=("AST03", "CWE-250"),
    )


def _is_observable(entry: Entry) -> bool:
    # An agent reads and writes the project by itself, as prose tells it to: no code shows that.
    is_path = entry.type in {Access.FILESYSTEM_READ, Access.FILESYSTEM_WRITE}
    return not (is_path and entry.value.startswith("./"))


def _is_used(entry: Entry, observed: Sequence[ObservedCapability]) -> bool:
    return any(
        item.type is entry.type
        and (
            entry_contains(entry.type, entry.value, item.value)
            or entry_contains(entry.type, item.value, entry.value)
        )
        for item in observed
    )
