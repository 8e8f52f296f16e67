"""The permission algebra: containment, and the operations that follow from it.

One implementation for the registry (new version against old, declared against
observed), the CLI (declared against budget) and the sandbox. A set contains
another when each entry of the other is contained in one entry of its own. What
only several entries together cover is reported as missing: conservative, and
explainable entry by entry.

Laws, checked in tests/tank_core/permissions/test_algebra.py:

1. ``contains`` is reflexive and transitive; sets that contain each other are
   equivalent, and then allow the same.
2. ``union`` is the least upper bound: it contains both sides, and whatever
   contains both sides contains it.
3. ``missing(b, w)`` is empty if and only if ``contains(b, w)``, is contained in
   ``w``, and added to ``b`` suffices: ``contains(union(b, missing(b, w)), w)``.
4. ``difference(a, a)`` is empty; ``difference(a, NONE)`` is ``a``.
5. ``escalates`` is monotone: a narrower new set escalates no more.
6. ``normalised`` is idempotent and equivalent to its argument.

Source: FORMATS, "Permission shape".
"""

from __future__ import annotations

from collections.abc import Iterable

from tank_core.permissions.hosts import HostPattern, ListenPattern
from tank_core.permissions.names import ANY_PROGRAM
from tank_core.permissions.paths import PathPattern
from tank_core.permissions.permission_set import Access, PermissionSet, from_entries


def entry_contains(access: Access, outer: str, inner: str) -> bool:
    """Returns whether everything that the inner entry means is meant by the outer one.

    Args:
        access: the type of both entries.
        outer: a canonical entry; ``*`` is any program.
        inner: a canonical entry of the same type.
    """
    if outer == inner:
        return True
    match access:
        case Access.NETWORK_OUTBOUND:
            return HostPattern.parse(outer).contains(HostPattern.parse(inner))
        case Access.NETWORK_INBOUND:
            return ListenPattern.parse(outer).contains(ListenPattern.parse(inner))
        case Access.FILESYSTEM_READ | Access.FILESYSTEM_WRITE:
            return PathPattern.parse(outer).contains(PathPattern.parse(inner))
        case Access.SUBPROCESS:
            return outer == ANY_PROGRAM.value
        case Access.SECRETS:
            return False


def contains(budget: PermissionSet, wanted: PermissionSet) -> bool:
    """Returns whether the budget covers every wanted entry."""
    return is_empty(missing(budget, wanted))


def missing(budget: PermissionSet, wanted: PermissionSet) -> PermissionSet:
    """Returns the wanted entries that no entry of the budget covers."""
    return from_entries(
        {
            access: tuple(
                entry
                for entry in wanted.values(access)
                if not any(entry_contains(access, allowed, entry) for allowed in budget.values(access))
            )
            for access in Access
        }
    )


def union(left: PermissionSet, right: PermissionSet) -> PermissionSet:
    """Returns the least set that contains both, normalised."""
    return normalised(from_entries({access: left.values(access) + right.values(access) for access in Access}))


def difference(left: PermissionSet, right: PermissionSet) -> PermissionSet:
    """Returns the entries of the left set that the right one does not cover."""
    return missing(right, left)


def escalates(old: PermissionSet, new: PermissionSet) -> bool:
    """Returns whether the new set asks for anything that the old one does not cover."""
    return not contains(old, new)


def normalised(permissions: PermissionSet) -> PermissionSet:
    """Returns the same permissions without entries that another entry covers."""
    return from_entries({access: _maximal(access, permissions.values(access)) for access in Access})


def is_empty(permissions: PermissionSet) -> bool:
    """Returns whether the set allows, or asks for, nothing."""
    return not any(permissions.values(access) for access in Access)


def _maximal(access: Access, entries: Iterable[str]) -> tuple[str, ...]:
    """Returns the entries that no other contains; of equivalent ones, the first."""
    kept: list[str] = []
    for entry in sorted(entries):
        if any(entry_contains(access, other, entry) for other in kept):
            continue
        kept = [other for other in kept if not entry_contains(access, entry, other)]
        kept.append(entry)
    return tuple(kept)
