"""From when on a change of bindings counts: what lets somebody in waits, what keeps somebody out does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tank_core.trusted_publishing import (
    OrgBinding,
    TokenRule,
    added,
    effective_bindings,
    kept,
    removed,
    rule_set,
)
from tests.support.identities import build_binding

DELAY = 100
TOOL, OTHER = "@acme/tool", "@acme/other"
times = st.integers(0, 300)
skills = st.sampled_from(["", TOOL, OTHER])


def bound(
    binding_id: str, *, effective_at: int = 0, ends_at: int | None = None, skill: str = ""
) -> OrgBinding:
    return OrgBinding(binding_id, build_binding(), "ada", 0, effective_at, skill, ends_at)


@st.composite
def some_bindings(draw: st.DrawFn) -> tuple[OrgBinding, ...]:
    count = draw(st.integers(0, 5))
    return tuple(
        bound(
            f"b{n}",
            effective_at=draw(times),
            ends_at=draw(st.none() | times),
            skill=draw(skills),
        )
        for n in range(count)
    )


def ids(bindings: tuple[OrgBinding, ...]) -> set[str]:
    return {b.binding_id for b in bindings}


@pytest.mark.parametrize(
    ("effective_at", "ends_at", "now", "counts"),
    [(10, None, 9, False), (10, None, 10, True), (10, 20, 19, True), (10, 20, 20, False), (10, 5, 10, False)],
)
def test_a_binding_counts_from_its_time_until_its_end(
    effective_at: int, ends_at: int | None, now: int, counts: bool
) -> None:
    assert bound("a", effective_at=effective_at, ends_at=ends_at).counts_at(now) is counts


def test_a_skills_own_bindings_replace_the_organisations_for_it_alone() -> None:
    bindings = (bound("org"), bound("own", skill=TOOL))
    assert ids(effective_bindings(bindings, TOOL, 5)) == {"own"}
    assert ids(effective_bindings(bindings, OTHER, 5)) == {"org"}


def test_a_skills_own_binding_that_waits_replaces_nothing() -> None:
    bindings = (bound("org"), bound("own", skill=TOOL, effective_at=10))
    assert ids(effective_bindings(bindings, TOOL, 9)) == {"org"}


@given(some_bindings(), st.sampled_from([TOOL, OTHER]), times)
def test_what_is_in_force_counts_and_covers_the_skill(
    bindings: tuple[OrgBinding, ...], skill: str, now: int
) -> None:
    in_force = effective_bindings(bindings, skill, now)
    assert all(b.counts_at(now) and b.skill in ("", skill) for b in in_force)
    assert len({b.skill for b in in_force}) <= 1
    assert in_force == effective_bindings(kept(bindings, now), skill, now)


@given(some_bindings(), skills, times)
def test_adding_where_something_can_be_taken_over_changes_nothing_before_the_delay(
    bindings: tuple[OrgBinding, ...], skill: str, now: int
) -> None:
    new = replace(bound("new", skill=skill), added_at=now, effective_at=now)
    after = added(bindings, new, delay_seconds=DELAY, is_first_use=False)
    for later in (now, now + DELAY - 1):
        for asked in (TOOL, OTHER):
            assert effective_bindings(after, asked, later) == effective_bindings(bindings, asked, later)
    assert after[-1].counts_at(now + DELAY)


def test_a_first_use_counts_at_once() -> None:
    new = replace(bound("new"), added_at=7, effective_at=99)
    assert added((), new, delay_seconds=DELAY, is_first_use=True)[0].counts_at(7)


@given(some_bindings(), times, st.integers(0, DELAY - 1), st.data())
def test_removing_lets_nobody_in_before_the_delay(
    bindings: tuple[OrgBinding, ...], now: int, wait: int, data: st.DataObject
) -> None:
    """Who counts then counted now or was announced, and a bound skill is not left to anybody's token."""
    assume(bindings)
    target = data.draw(st.sampled_from(bindings))
    after = removed(bindings, target.binding_id, now, delay_seconds=DELAY)
    for skill in (TOOL, OTHER):
        if in_force := effective_bindings(bindings, skill, now):
            announced = effective_bindings(bindings, skill, now + wait)
            found = effective_bindings(after, skill, now + wait)
            assert ids(found) <= ids(in_force) | ids(announced)
            assert found or not announced


def test_one_that_is_announced_to_end_does_not_stand_in_for_the_last() -> None:
    after = removed((bound("ending", ends_at=12), bound("last")), "last", 10, delay_seconds=DELAY)
    assert ids(effective_bindings(after, TOOL, 10 + DELAY - 1)) == {"last"}
    assert effective_bindings(after, TOOL, 10 + DELAY) == ()


def test_cancelling_what_was_to_follow_gives_an_announced_end_its_whole_delay_again() -> None:
    old, new = bound("old", ends_at=50), bound("new", effective_at=50)
    after = removed((old, new), "new", 49, delay_seconds=DELAY)
    assert ids(effective_bindings(after, TOOL, 49 + DELAY - 1)) == {"old"}
    assert effective_bindings(after, TOOL, 49 + DELAY) == ()


@given(some_bindings(), times, st.data())
def test_removing_all_one_by_one_leaves_a_bound_skill_bound_for_the_delay(
    bindings: tuple[OrgBinding, ...], now: int, data: st.DataObject
) -> None:
    forever = tuple(replace(b, ends_at=None) for b in bindings)
    bound_now = [skill for skill in (TOOL, OTHER) if effective_bindings(forever, skill, now)]
    left = forever
    for binding in data.draw(st.permutations(forever)):
        left = removed(left, binding.binding_id, now, delay_seconds=DELAY)
    for skill in bound_now:
        assert effective_bindings(left, skill, now + DELAY - 1)
        assert not effective_bindings(left, skill, now + DELAY)


@given(some_bindings(), times, st.data())
def test_an_announced_end_never_moves_to_a_later_time(
    bindings: tuple[OrgBinding, ...], now: int, data: st.DataObject
) -> None:
    assume(bindings)
    target = data.draw(st.sampled_from(bindings))
    once = removed(bindings, target.binding_id, now, delay_seconds=DELAY)
    again = removed(once, target.binding_id, now + 1, delay_seconds=DELAY)
    ends = [next(b.ends_at for b in state if b.binding_id == target.binding_id) for state in (once, again)]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[1] <= ends[0]


def test_one_that_waits_is_cancelled_at_once() -> None:
    (after,) = removed((bound("a", effective_at=50),), "a", 10, delay_seconds=DELAY)
    assert after.has_ended_at(10)


@given(times, times)
def test_forbidding_counts_at_once_and_allowing_again_waits(now: int, later: int) -> None:
    forbidden = rule_set(TokenRule(), now, is_forbidden=True, delay_seconds=DELAY)
    assert forbidden.forbids_at(now)
    allowed = rule_set(forbidden, now, is_forbidden=False, delay_seconds=DELAY)
    assert allowed.forbids_at(now + later) == (later < DELAY)
    assert rule_set(allowed, now, is_forbidden=True, delay_seconds=DELAY) == forbidden


def test_asking_again_for_what_is_announced_does_not_move_it() -> None:
    announced = TokenRule(is_forbidden=True, is_forbidden_until=50)
    assert rule_set(announced, 49, is_forbidden=False, delay_seconds=DELAY) == announced
    assert rule_set(announced, 50, is_forbidden=False, delay_seconds=DELAY) == TokenRule()


def test_where_nothing_is_published_tokens_are_allowed_again_at_once() -> None:
    assert rule_set(TokenRule(is_forbidden=True), 7, is_forbidden=False, delay_seconds=0) == TokenRule()


def test_what_was_never_forbidden_stays_allowed() -> None:
    assert rule_set(TokenRule(), 7, is_forbidden=False, delay_seconds=DELAY) == TokenRule()
