"""The resolver against trying everything: whether there is an answer, and whether there is a better one."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.absence import SkillNotFoundError, WithdrawnError
from tank_core.entities import Availability
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.resolver import Fetch, NoResolutionError, ResolutionPolicy, resolve
from tank_core.semver import Version
from tests.support.brute_resolver import (
    RANGES,
    VERSIONS,
    Choice,
    Graph,
    Release,
    is_better,
    solutions,
    triple,
)
from tests.support.index_documents import index_version, ranges, registry, skill

NOW, AGE = 1_000_000, 3600
POLICY = ResolutionPolicy(NOW, min_release_age_seconds=AGE, min_score=5.0)
NAMES = ("a", "b", "c", "d", "e")

# What keeps a version out, and whether the lock keeps it in.
STATES: dict[str, tuple[dict[str, object], bool, bool]] = {
    "fine": ({}, True, True),
    "yanked": ({"availability": Availability.YANKED}, False, True),
    "young": ({"published_at": NOW - 1}, False, True),
    "withdrawn": ({"availability": Availability.WITHDRAWN}, False, False),
    "flagged": ({"verdict": Verdict.FLAGGED}, False, False),
    "failed": ({"verdict": Verdict.FAIL}, False, False),
    "low": ({"score": 4.9}, False, False),
}
spelled = st.sampled_from(sorted(RANGES))
needs = st.dictionaries(st.sampled_from(NAMES), spelled, max_size=3)
states = st.sampled_from(["fine"] * 8 + sorted(STATES.keys() - {"fine"}))
releases = st.dictionaries(st.sampled_from(VERSIONS), st.tuples(needs, states), max_size=4)
worlds = st.fixed_dictionaries(dict.fromkeys(NAMES, releases))
locks = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VERSIONS), max_size=4)
roots = st.dictionaries(st.sampled_from(NAMES), spelled, min_size=1, max_size=3)
World = Mapping[str, Mapping[str, tuple[dict[str, str], str]]]


def graph_of(world: World) -> Graph:
    return {
        name: {
            version: Release({} if state == "withdrawn" else wanted, *STATES[state][1:])
            for version, (wanted, state) in told.items()
        }
        for name, told in world.items()
    }


def fetch_of(world: World) -> Fetch:
    special = {
        name: [
            index_version(version, wanted, **STATES[state][0])  # type: ignore[arg-type]  # its keywords
            for version, (wanted, state) in told.items()
        ]
        for name, told in world.items()
    }
    return registry({}, special)


def answer(
    wanted: Mapping[str, str],
    world: World,
    locked: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Choice | None:
    """Returns what the resolver chooses; None when it refuses."""
    preferred = {skill(name): Version.parse(text) for name, text in (locked or {}).items()}
    try:
        found = resolve(
            ranges(wanted),
            fetch_of(world),
            policy=POLICY,
            preferred=preferred,
            overrides=ranges(overrides or {}),
        )
    except (NoResolutionError, WithdrawnError, SkillNotFoundError):
        return None
    return {name.name: str(item.version) for name, item in found.versions.items()}


def test_the_predicates_mean_what_the_grammar_says() -> None:
    for text, holds in RANGES.items():
        for version in (*VERSIONS, "3.0.0", "0.9.0"):
            assert Range.parse(text).contains(Version.parse(version)) == holds(triple(version)), (
                text,
                version,
            )


@settings(max_examples=600, deadline=None)
@given(roots, worlds, locks, st.dictionaries(st.sampled_from(NAMES), spelled, max_size=2))
def test_there_is_an_answer_exactly_when_trying_everything_finds_one(
    wanted: dict[str, str], world: World, locked: dict[str, str], overrides: dict[str, str]
) -> None:
    overrides = {name: text for name, text in overrides.items() if name not in wanted}
    every = list(solutions(wanted, graph_of(world), locked, overrides))
    chosen = answer(wanted, world, locked, overrides)
    assert (chosen is None) == (not every)
    if chosen is not None:
        assert chosen in every


@settings(max_examples=600, deadline=None)
@given(roots, worlds, locks)
def test_no_answer_is_better_for_one_skill_and_worse_for_none(
    wanted: dict[str, str], world: World, locked: dict[str, str]
) -> None:
    """The locked version first, then the highest: whatever order the solver decides in."""
    chosen, graph = answer(wanted, world, locked), graph_of(world)
    if chosen is None:
        return
    better = [one for one in solutions(wanted, graph, locked, {}) if is_better(one, chosen, graph, locked)]
    assert better == []


@settings(max_examples=300, deadline=None)
@given(roots, worlds)
def test_what_was_chosen_is_chosen_again_when_it_is_locked(wanted: dict[str, str], world: World) -> None:
    chosen = answer(wanted, world)
    if chosen is not None:
        assert answer(wanted, world, chosen) == chosen


@settings(max_examples=300, deadline=None)
@given(roots, worlds, st.sampled_from(NAMES))
def test_a_partial_update_moves_only_what_has_to_move(
    wanted: dict[str, str], world: World, moving: str
) -> None:
    """Of the skills that stay locked, one moves only if no answer keeps all of them and moves the named one as far."""
    graph = graph_of(world)
    before = next(iter(reversed(list(solutions(wanted, graph, {}, {})))), None)
    if before is None or moving not in before:
        return
    locked = {name: version for name, version in before.items() if name != moving}
    after = answer(wanted, world, locked)
    assert after is not None
    kept = [one for one in solutions(wanted, graph, locked, {}) if _keeps(one, locked)]
    same = [one for one in kept if one.get(moving) == after.get(moving)]
    if same:
        assert _keeps(after, locked)


def _keeps(choice: Choice, locked: Mapping[str, str]) -> bool:
    return all(choice[name] == version for name, version in locked.items() if name in choice)


def test_a_partial_update_leaves_the_others_where_they_are() -> None:
    world: World = {
        "a": {"1.0.0": ({"c": "*"}, "fine"), "1.1.0": ({"c": "*"}, "fine")},
        "b": {"1.0.0": ({"c": "*"}, "fine"), "1.1.0": ({"c": "*"}, "fine")},
        "c": {"1.0.0": ({}, "fine"), "2.0.0": ({}, "fine")},
    }
    locked = {"b": "1.0.0", "c": "1.0.0"}
    assert answer({"a": "*", "b": "*"}, world, locked) == {"a": "1.1.0", **locked}


def test_a_partial_update_moves_a_locked_skill_that_the_new_version_needs_newer() -> None:
    world: World = {
        "a": {"1.0.0": ({"c": "^1.0.0"}, "fine"), "1.1.0": ({"c": "^2.0.0"}, "fine")},
        "b": {"1.0.0": ({"c": "*"}, "fine"), "1.1.0": ({"c": "*"}, "fine")},
        "c": {"1.0.0": ({}, "fine"), "2.0.0": ({}, "fine")},
    }
    locked = {"b": "1.0.0", "c": "1.0.0"}
    chosen = answer({"a": "^1.1.0", "b": "*"}, world, locked)
    assert chosen == {"a": "1.1.0", "b": "1.0.0", "c": "2.0.0"}


def test_the_check_for_a_better_answer_finds_one() -> None:
    graph = graph_of({"a": {"1.0.0": ({}, "fine"), "2.0.0": ({}, "fine")}})
    assert is_better({"a": "2.0.0"}, {"a": "1.0.0"}, graph, {})
    assert not is_better({"a": "2.0.0"}, {"a": "1.0.0"}, graph, {"a": "1.0.0"})
    assert isinstance(skill("a"), SkillName)
