"""The smallest declaration that covers what a package is seen to do.

Every entry stands for an access that the text shows; one that another covers is left
out, by the algebra. What is computed is never guessed: it is listed for its author.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tank_core.analysis.report import ObservedCapability, UnknownCapability
from tank_core.permissions import (
    Access,
    Entry,
    PermissionSet,
    difference,
    entries,
    entry_contains,
    from_entries,
    normalised,
    union,
)
from tank_core.permissions.reading import MAX_ENTRIES

_PROJECT, _WHOLE_PROJECT = "./", "./**"
_TO_DO = {
    Access.NETWORK_OUTBOUND: 'write each host that it may reach to "network": {"outbound": [...]}, or name it in code',
    Access.NETWORK_INBOUND: 'write the address that it listens on to "network": {"inbound": [...]}',
    Access.FILESYSTEM_READ: 'write what it may read to "filesystem": {"read": [...]}, such as "./**" for the project',
    Access.FILESYSTEM_WRITE: 'write what it may write to "filesystem": {"write": [...]}, such as "./out/**"',
    Access.SUBPROCESS: 'write each program that it may start to "subprocess": [...]',
    Access.SECRETS: 'pass the secret by an environment variable, and write its name to "secrets": [...]',
}


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a package needs, as far as its text tells.

    Attributes:
        permissions: the smallest declaration.
        evidence: the first place of each access that it covers, sorted.
        unknown: accesses whose target is computed, sorted; no entry covers them.
    """

    permissions: PermissionSet
    evidence: tuple[ObservedCapability, ...]
    unknown: tuple[UnknownCapability, ...]

    def evidence_for(self, entry: Entry) -> tuple[ObservedCapability, ...]:
        """Returns the places that an entry stands for."""
        return tuple(
            item
            for item in self.evidence
            if item.type is entry.type and entry_contains(entry.type, entry.value, item.value)
        )


def infer(observed: Sequence[ObservedCapability], unknown: Sequence[UnknownCapability] = ()) -> Inferred:
    """Returns the smallest declaration for what was observed.

    Args:
        observed: each access once, as the engine returns it.
        unknown: accesses with a computed target.
    """
    values = {
        access: _limited(access, sorted({item.value for item in observed if item.type is access}))
        for access in Access
    }
    return Inferred(normalised(from_entries(values)), tuple(sorted(observed)), tuple(sorted(unknown)))


def _limited(access: Access, values: Iterable[str]) -> tuple[str, ...]:
    """Returns the entries; those of the project as one where a list could not hold them all."""
    listed = tuple(values)
    if access not in {Access.FILESYSTEM_READ, Access.FILESYSTEM_WRITE} or len(listed) <= MAX_ENTRIES:
        return listed
    return (_WHOLE_PROJECT, *(value for value in listed if not value.startswith(_PROJECT)))


def merged(declared: PermissionSet, inferred: PermissionSet) -> PermissionSet:
    """Returns the declaration with what it lacks, and nothing taken from it."""
    return union(declared, difference(inferred, declared))


def superfluous(declared: PermissionSet, inferred: PermissionSet) -> tuple[Entry, ...]:
    """Returns the declared entries that are wider than what was observed, or have nothing to do with it."""
    return entries(difference(declared, inferred))


def to_do(unknown: UnknownCapability) -> str:
    """Returns what the author of a computed access can do about it."""
    return _TO_DO[unknown.type]
