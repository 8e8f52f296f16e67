"""Hostile sets cost a known number of steps; time is for benchmarks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.permissions import PermissionSet, contains, entries, from_entries, missing, normalised, union
from tank_core.permissions import algebra as algebra_module
from tank_core.permissions.effort import QUESTION_STEPS, Effort
from tank_core.permissions.globs import _MAX_STEPS
from tank_core.permissions.permission_set import Access
from tests.support.hostile_permissions import hostile_budget, hostile_wish
from tests.support.strategies_permissions import permission_sets

ONE_PAIR = _MAX_STEPS + 100  # by how much the last pair of entries may exceed a limit
efforts = st.integers(0, 60).map(Effort)
laws = settings(max_examples=100, deadline=None)


def ordinary(kind: str) -> PermissionSet:
    """A full set of 128 entries in each list of patterns, as people write them."""
    outer = kind == "budget"
    return PermissionSet(
        network_outbound=tuple(f"{'*.' if outer else 'api.'}h{n}.example" for n in range(128)),
        network_inbound=tuple(f"127.0.0.1:{n + 1}" for n in range(128)),
        filesystem_read=tuple(f"./src/d{n}/{'**' if outer else 'a/*.py'}" for n in range(128)),
        filesystem_write=tuple(f"./**/{'*' if outer else 'test_*'}.x{n}" for n in range(128)),
    )


def test_the_worst_sets_stop_at_the_limit_and_are_not_contained() -> None:
    effort = Effort()
    assert missing(hostile_budget(), hostile_wish(), effort) == hostile_wish()
    assert QUESTION_STEPS <= effort.spent < QUESTION_STEPS + ONE_PAIR


def test_the_largest_ordinary_sets_are_compared_within_half_of_the_limit() -> None:
    effort = Effort()
    assert missing(ordinary("budget"), ordinary("wish"), effort) == PermissionSet()
    assert effort.spent < QUESTION_STEPS / 2


def test_plain_names_and_equal_entries_cost_nothing() -> None:
    names = tuple(f"N{n}" for n in range(128))
    effort = Effort(0)
    same = PermissionSet(filesystem_read=("./a/**",), subprocess=("git",), secrets=names)
    more = PermissionSet(filesystem_read=("./a/**",), subprocess=("git", "jq"), secrets=(*names, "M"))
    assert missing(same, more, effort) == PermissionSet(subprocess=("jq",), secrets=("M",))
    assert effort.spent == 0


def test_hostile_sets_still_contain_themselves() -> None:
    assert contains(hostile_budget(), hostile_budget())


def test_entries_that_cannot_be_compared_in_time_stay_in_a_union() -> None:
    left, right = hostile_budget(), hostile_wish()
    both = union(left, right)
    assert set(entries(both)) == set(entries(left)) | set(entries(right))


def test_union_of_many_hostile_sets_stops_at_the_limit() -> None:
    many = [hostile_wish(mark) for mark in range(20)]
    everything = from_entries(
        {access: tuple(entry for one in many for entry in one.values(access)) for access in Access}
    )
    assert normalised(everything) == everything


@laws
@given(permission_sets, permission_sets, efforts)
def test_no_limit_makes_anything_contained_that_is_not(
    budget: PermissionSet, wanted: PermissionSet, effort: Effort
) -> None:
    exact = missing(budget, wanted)
    limited = missing(budget, wanted, effort)
    assert set(entries(exact)) <= set(entries(limited)) <= set(entries(wanted))


@laws
@given(permission_sets, st.integers(0, 60))
def test_no_limit_makes_a_normal_form_allow_more_or_less(permissions: PermissionSet, limit: int) -> None:
    effort = Effort(limit)
    kept = from_entries(
        {access: algebra_module._maximal(access, permissions.values(access), effort) for access in Access}
    )
    assert contains(permissions, kept)
    assert contains(kept, permissions)


@laws
@given(permission_sets, permission_sets, st.integers(0, 60))
def test_the_answer_within_a_limit_is_the_same_each_time(
    budget: PermissionSet, wanted: PermissionSet, limit: int
) -> None:
    first, second = Effort(limit), Effort(limit)
    assert missing(budget, wanted, first) == missing(budget, wanted, second)
    assert first.spent == second.spent
