"""Declared against observed: what a package does and does not say, and what it says and does not do.

An access that is seen and not declared is a note with the exact line to add. It
does not block by itself: observation reads text and can be wrong. A declared access
that is never seen is information, because code may compute what it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tank_core.analysis.report import ObservedCapability, UnknownCapability
from tank_core.findings import Confidence, Finding, Severity
from tank_core.permissions import Access, Entry, PermissionSet, entries, entry_contains

CATEGORY = "undeclared-capability"


@dataclass(frozen=True, slots=True)
class _Kind:
    rule_id: str
    severity: Severity
    title: str
    why: str


_KINDS = {
    Access.NETWORK_OUTBOUND: _Kind(
        "undeclared-network",
        Severity.MEDIUM,
        "Talks to a host that it does not declare",
        "Who installs the skill allows it hosts by its declaration; data can leave by any other.",
    ),
    Access.NETWORK_INBOUND: _Kind(
        "undeclared-network",
        Severity.MEDIUM,
        "Listens on an address that it does not declare",
        "A listening skill can be reached by others on the machine or the network.",
    ),
    Access.SUBPROCESS: _Kind(
        "undeclared-subprocess",
        Severity.LOW,
        "Starts a program that it does not declare",
        "A program may do anything that its user may; the declaration says which ones are needed.",
    ),
    Access.SECRETS: _Kind(
        "undeclared-secret",
        Severity.MEDIUM,
        "Reads a secret that it does not declare",
        "A skill that names its secrets can be given those and no others.",
    ),
    Access.FILESYSTEM_READ: _Kind(
        "undeclared-filesystem",
        Severity.LOW,
        "Reads a path that it does not declare",
        "Files outside the declaration may hold what is none of the skill's business.",
    ),
    Access.FILESYSTEM_WRITE: _Kind(
        "undeclared-filesystem",
        Severity.LOW,
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
        severity=kind.severity,
        confidence=Confidence.MEDIUM,
        title=f"{kind.title}: {item.value}",
        evidence=item.evidence,
        why=kind.why,
        fix=f"Add to capabilities in skills.json: {Entry(item.type, item.value).json_line}, or remove the access.",
        taxonomy=("AST03", "CWE-250"),
    )


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
    # Paths are computed nearly always, and nothing observes listening sockets yet.
    return entry.type in {Access.NETWORK_OUTBOUND, Access.SUBPROCESS, Access.SECRETS}


def _is_used(entry: Entry, observed: Sequence[ObservedCapability]) -> bool:
    return any(
        item.type is entry.type
        and (
            entry_contains(entry.type, entry.value, item.value)
            or entry_contains(entry.type, item.value, entry.value)
        )
        for item in observed
    )
