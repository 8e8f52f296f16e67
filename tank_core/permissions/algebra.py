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

Every question has a number of steps to spend (``effort``), far more than sets of
ordinary patterns need. Sets that need more, which takes hostile ones, are answered
on the safe side: an entry that was not proven to be covered is missing, and one that
was not proven to be superfluous stays. Then laws 1 to 3 and 6 still hold where they
rest on equal entries (``contains`` is reflexive, ``missing`` is empty if and only if
``contains``, and is contained in ``w``; ``union`` and ``normalised`` allow the same as
their arguments), but ``contains`` may deny what is so: transitivity, the least upper
bound, the second half of law 3, monotony and idempotence are promised within the
limit only. Law 4 always holds.

Source: FORMATS, "Permission shape".
"""

from __future__ import annotations

from collections.abc import Iterable

from tank_core.permissions.effort import Effort
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
    return _entry_contains(access, outer, inner, Effort())


def contains(budget: PermissionSet, wanted: PermissionSet) -> bool:
    """Returns whether the budget covers every wanted entry; false where that takes too long to tell."""
    return is_empty(missing(budget, wanted))


def missing(budget: PermissionSet, wanted: PermissionSet, effort: Effort | None = None) -> PermissionSet:
    """Returns the wanted entries that no entry of the budget covers.

    Args:
        budget: what is allowed.
        wanted: what is asked for.
        effort: the steps left, when this is part of a larger question. When they are
            spent, every entry is missing that the budget does not hold as it is written.
    """
    effort = effort or Effort()
    return from_entries(
        {
            access: _uncovered(access, budget.values(access), wanted.values(access), effort)
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
    """Returns the same permissions without entries that another entry covers.

    Where that takes too long to tell, the entries stay.
    """
    effort = Effort()
    return from_entries({access: _maximal(access, permissions.values(access), effort) for access in Access})


def is_empty(permissions: PermissionSet) -> bool:
    """Returns whether the set allows, or asks for, nothing."""
    return not any(permissions.values(access) for access in Access)


def _entry_contains(access: Access, outer: str, inner: str, effort: Effort) -> bool:
    if outer == inner or effort.is_exhausted:
        return outer == inner
    effort.spend(1)
    match access:
        case Access.NETWORK_OUTBOUND:
            return HostPattern.parse(outer).contains(HostPattern.parse(inner))
        case Access.NETWORK_INBOUND:
            return ListenPattern.parse(outer).contains(ListenPattern.parse(inner))
        case Access.FILESYSTEM_READ | Access.FILESYSTEM_WRITE:
            inclusion = PathPattern.parse(outer).inclusion(PathPattern.parse(inner))
            effort.spend(inclusion.steps)
            return inclusion.holds
        case Access.SUBPROCESS:
            return outer == ANY_PROGRAM.value
        case Access.SECRETS:
            return False


def _uncovered(
    access: Access, allowed: tuple[str, ...], wanted: tuple[str, ...], effort: Effort
) -> tuple[str, ...]:
    """Returns the wanted entries that no allowed one contains; equal ones are known at no cost."""
    known = frozenset(allowed)
    wider = _patterns(access, allowed)
    return tuple(
        entry for entry in wanted if entry not in known and not _covers(access, wider, entry, effort)
    )


def _covers(access: Access, allowed: Iterable[str], entry: str, effort: Effort) -> bool:
    for outer in allowed:
        if effort.is_exhausted:
            return False
        if _entry_contains(access, outer, entry, effort):
            return True
    return False


def _maximal(access: Access, entries: tuple[str, ...], effort: Effort) -> tuple[str, ...]:
    """Returns the entries that no other contains; of equivalent ones, the first."""
    if not _patterns(access, entries):
        return entries
    kept: list[str] = []
    for position, entry in enumerate(entries):
        if effort.is_exhausted:
            return (*kept, *entries[position:])
        if _covers(access, kept, entry, effort):
            continue
        kept = [other for other in kept if not _entry_contains(access, entry, other, effort)]
        kept.append(entry)
    return tuple(kept)


def _patterns(access: Access, entries: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the entries that can contain another one: among plain names, only any program."""
    match access:
        case Access.SECRETS:
            return ()
        case Access.SUBPROCESS:
            return tuple(entry for entry in entries if entry == ANY_PROGRAM.value)
        case _:
            return entries
