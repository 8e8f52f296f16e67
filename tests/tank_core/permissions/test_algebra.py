from __future__ import annotations

from hypothesis import given, settings

from tank_core.permissions import (
    ANY_PROGRAM,
    NONE,
    Access,
    PermissionSet,
    contains,
    difference,
    entry_contains,
    escalates,
    from_entries,
    is_empty,
    missing,
    normalised,
    union,
)
from tests.support.strategies_permissions import permission_sets

laws = settings(max_examples=100, deadline=None)


def equivalent(left: PermissionSet, right: PermissionSet) -> bool:
    return contains(left, right) and contains(right, left)


def test_missing_names_what_is_not_covered() -> None:
    budget = PermissionSet(filesystem_read=("./src/**",), subprocess=("git",))
    wanted = PermissionSet(
        network_outbound=("api.example",), filesystem_read=("./src/a/*.py", "./etc"), subprocess=("git", "jq")
    )
    assert missing(budget, wanted) == PermissionSet(
        network_outbound=("api.example",), filesystem_read=("./etc",), subprocess=("jq",)
    )


def test_reading_is_not_writing() -> None:
    assert not contains(PermissionSet(filesystem_write=("./**",)), PermissionSet(filesystem_read=("./a",)))


def test_any_program_covers_each_and_is_covered_by_no_list() -> None:
    anything = PermissionSet(subprocess=ANY_PROGRAM)
    assert contains(anything, PermissionSet(subprocess=("git",)))
    assert missing(PermissionSet(subprocess=("git",)), anything) == anything
    assert union(anything, PermissionSet(subprocess=("git",))) == anything


def test_no_secret_covers_another() -> None:
    assert not entry_contains(Access.SECRETS, "A", "AB")


def test_what_only_two_entries_cover_together_is_missing() -> None:
    budget = PermissionSet(network_outbound=("*.example", "example"))
    assert not contains(budget, PermissionSet(network_outbound=("*",)))


def test_normalised_keeps_the_widest_entry() -> None:
    permissions = PermissionSet(
        filesystem_read=("./**", "./a", "./b/*"), network_outbound=("a.example", "a.example:80")
    )
    assert normalised(permissions) == PermissionSet(
        filesystem_read=("./**",), network_outbound=("a.example",)
    )


@laws
@given(permission_sets)
def test_contains_is_reflexive(a: PermissionSet) -> None:
    assert contains(a, a)


@laws
@given(permission_sets, permission_sets, permission_sets)
def test_contains_is_transitive(a: PermissionSet, b: PermissionSet, c: PermissionSet) -> None:
    wider, widest = union(a, b), union(union(a, b), c)
    assert contains(widest, wider)
    assert contains(widest, a)
    if contains(a, b) and contains(b, c):
        assert contains(a, c)


@laws
@given(permission_sets, permission_sets)
def test_sets_that_contain_each_other_have_one_normal_form(a: PermissionSet, b: PermissionSet) -> None:
    gap = missing(a, b)
    padded = from_entries(
        {kind: a.values(kind) + tuple(set(b.values(kind)) - set(gap.values(kind))) for kind in Access}
    )
    assert equivalent(a, padded)
    assert normalised(a) == normalised(padded)


@laws
@given(permission_sets, permission_sets, permission_sets)
def test_union_is_the_least_upper_bound(a: PermissionSet, b: PermissionSet, c: PermissionSet) -> None:
    both = union(a, b)
    assert contains(both, a)
    assert contains(both, b)
    assert contains(c, both) == (contains(c, a) and contains(c, b))


@laws
@given(permission_sets, permission_sets, permission_sets)
def test_union_is_commutative_associative_and_idempotent(
    a: PermissionSet, b: PermissionSet, c: PermissionSet
) -> None:
    assert union(a, b) == union(b, a)
    assert equivalent(union(union(a, b), c), union(a, union(b, c)))
    assert union(a, a) == normalised(a)
    assert union(a, NONE) == normalised(a)


@laws
@given(permission_sets, permission_sets)
def test_nothing_is_missing_exactly_when_contained(budget: PermissionSet, wanted: PermissionSet) -> None:
    gap = missing(budget, wanted)
    assert is_empty(gap) == contains(budget, wanted)
    assert contains(wanted, gap)
    assert contains(union(budget, gap), wanted)
    assert missing(budget, gap) == gap


@laws
@given(permission_sets, permission_sets)
def test_difference_and_union_give_back_the_whole(a: PermissionSet, b: PermissionSet) -> None:
    assert is_empty(difference(a, a))
    assert is_empty(difference(NONE, a))
    assert difference(a, NONE) == a
    assert contains(a, difference(a, b))
    assert equivalent(union(difference(a, b), b), union(a, b))


@laws
@given(permission_sets, permission_sets, permission_sets)
def test_escalation_is_monotone(old: PermissionSet, new: PermissionSet, more: PermissionSet) -> None:
    assert not escalates(new, new)
    if escalates(old, new):
        assert escalates(old, union(new, more))
    if not escalates(old, new):
        assert not escalates(union(old, more), new)


@laws
@given(permission_sets)
def test_normalised_is_idempotent_and_equivalent(a: PermissionSet) -> None:
    assert normalised(normalised(a)) == normalised(a)
    assert equivalent(normalised(a), a)
    assert contains(a, NONE)
