from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.permissions import globs
from tank_core.permissions.globs import ANY_SEGMENTS, Segments
from tank_core.permissions.paths import PathPattern
from tests.support.strategies_permissions import glob_segments, literal_segments, paths_of

# One word for each way in which a segment can meet the patterns a, b, a*, *b and *.
SEGMENT_CLASSES = ("a", "b", "ab", "ax", "xb", "x")
SHORT_PATHS = [path for length in range(6) for path in product(SEGMENT_CLASSES, repeat=length)]
SHORT_WORDS = ["".join(word) for length in range(1, 7) for word in product("abx", repeat=length)]

class_segments = st.lists(st.sampled_from(["a", "b", "*", "a*", "*b", ANY_SEGMENTS]), max_size=3)
star_words = st.text("ab*", min_size=1, max_size=4).filter(lambda text: "**" not in text)


def canonical(segments: Segments) -> Segments:
    return PathPattern.parse("./" + "/".join(segments)).segments


def oracle(pattern: Segments) -> re.Pattern[str]:
    """The same language, told to another engine."""
    parts = []
    for segment in pattern:
        if segment == ANY_SEGMENTS:
            parts.append("(?:/[^/]+)*")
        else:
            parts.append("/(?=[^/])" + "[^/]*".join(re.escape(part) for part in segment.split("*")))
    return re.compile("".join(parts))


def joined(path: Segments) -> str:
    return "".join("/" + segment for segment in path)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("src/**", "src/a/*.py"),
        ("src/**", "src"),
        ("**", "a/b/c"),
        ("**/*.py", "src/**/test_*.py"),
        ("*/**", "a/**"),
        ("**/b/**", "a/*/b/c"),
        ("a*b*c", "a*c*bc"),
        ("**/a/**/b", "a/a/**/b/b"),
        ("*a*", "*ba"),
        ("**/*b/**", "**/a*b/c/**"),
    ],
)
def test_contains_by_meaning(outer: str, inner: str) -> None:
    assert globs.includes(tuple(outer.split("/")), tuple(inner.split("/")))


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("src/**", "src2/a"),
        ("src/*", "src/**"),
        ("src/*", "src"),
        ("src/a", "src/a/b"),
        ("*/*", "**"),
        ("*.py", "*"),
        ("a*b", "a*"),
        ("**/b", "**/b/**"),
        ("a/**/c", "a/**"),
        ("*ab*", "*a*b*"),
        ("**/a/*", "**/a/*/*"),
    ],
)
def test_does_not_contain_what_only_looks_alike(outer: str, inner: str) -> None:
    assert not globs.includes(tuple(outer.split("/")), tuple(inner.split("/")))


def test_a_boundary_does_not_hide_the_segment_that_is_still_open() -> None:
    # After "/q/b" the automaton of **/b/** stands at a boundary and inside "by" at once.
    assert globs.matches(("**", "b", "**"), ("q", "b"))
    assert globs.matches(("**", "b", "**"), ("bq", "b"))
    assert not globs.matches(("**", "b", "**"), ("q", "bq"))
    assert globs.matches(("**", "b", "**"), ("q", "by", "b"))


@settings(max_examples=300, deadline=None)
@given(glob_segments, st.lists(literal_segments, max_size=4).map(tuple))
def test_matching_agrees_with_regular_expressions(pattern: Segments, path: Segments) -> None:
    pattern = canonical(pattern)
    assert globs.matches(pattern, path) == (oracle(pattern).fullmatch(joined(path)) is not None)


@settings(max_examples=300, deadline=None)
@given(st.data(), glob_segments)
def test_a_pattern_matches_every_path_made_from_it(data: st.DataObject, pattern: Segments) -> None:
    pattern = canonical(pattern)
    assert globs.matches(pattern, data.draw(paths_of(pattern)))


@settings(max_examples=500, deadline=None)
@given(st.data(), glob_segments, glob_segments)
def test_containment_is_sound(data: st.DataObject, outer: Segments, inner: Segments) -> None:
    outer, inner = canonical(outer), canonical(inner)
    if globs.includes(outer, inner):
        assert oracle(outer).fullmatch(joined(data.draw(paths_of(inner))))


@settings(max_examples=150, deadline=None)
@given(class_segments, class_segments)
def test_containment_across_segments_is_what_trying_all_short_paths_says(
    outer: list[str], inner: list[str]
) -> None:
    wide, narrow = canonical(tuple(outer)), canonical(tuple(inner))
    expected = _includes_all(SHORT_PATHS, wide, narrow)
    assert globs.includes(wide, narrow) == expected


@settings(max_examples=300, deadline=None)
@given(star_words, star_words)
def test_containment_inside_a_segment_is_what_trying_all_short_words_says(outer: str, inner: str) -> None:
    words = [(word,) for word in SHORT_WORDS]
    assert globs.includes((outer,), (inner,)) == _includes_all(words, (outer,), (inner,))


def _includes_all(paths: list[Segments] | list[tuple[str]], outer: Segments, inner: Segments) -> bool:
    wide, narrow = oracle(outer), oracle(inner)
    texts = (joined(path) for path in paths)
    return all(wide.fullmatch(text) for text in texts if narrow.fullmatch(text))


@settings(max_examples=300, deadline=None)
@given(glob_segments, glob_segments, glob_segments)
def test_containment_is_transitive(first: Segments, second: Segments, third: Segments) -> None:
    first, second, third = canonical(first), canonical(second), canonical(third)
    if globs.includes(first, second) and globs.includes(second, third):
        assert globs.includes(first, third)


def test_gives_up_as_not_contained_when_the_work_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert globs.includes(("**", "a"), ("b", "c", "a"))
    monkeypatch.setattr(globs, "_MAX_STEPS", 2)
    assert not globs.includes(("**", "a"), ("b", "c", "a"))


SLOW = [
    # A subset construction by characters visits hundreds of states for each of hundreds of characters here.
    (("**", "*" + "a" * 450), ("**", "a" * 300 + "*" + "a" * 150)),
    (("**", "*a*b*c*d*e*f*g" + "abcdefg" * 50), ("**", "a" * 50 + "*" + "abcdefg" * 50 + "*")),
    (("**", *["a*"] * 7, *["a"] * 18, "z"), ("**", "*a", "**", "a", "**", "*a", "**", "a*a", *["a"] * 20)),
    # The most expensive pair that a search over patterns of 8 wildcards and 32 segments found.
    (
        ("a*", "a", "a", "**", "a", "a", *["*"] * 5, "**", *["a"] * 6),
        ("aa", "a", "a", "a", *["**", "a"] * 8, *["a"] * 12),
    ),
]


@pytest.mark.parametrize(("outer", "inner"), SLOW)
def test_the_worst_patterns_known_are_decided_in_few_steps(outer: Segments, inner: Segments) -> None:
    assert canonical(outer) == outer
    assert canonical(inner) == inner
    assert 0 < globs.inclusion(outer, inner).steps < 4_000


def test_ordinary_patterns_are_told_apart_in_a_few_steps() -> None:
    assert globs.inclusion(("src", "a", "**"), ("src", "b", "*.py")).steps == 1
    assert globs.inclusion(("src", "**"), ("src", "a", "*.py")).steps < 10
    assert globs.inclusion(("**", "*.py"), ("**", "test_*.py")).steps < 10


@settings(max_examples=100, deadline=None)
@given(glob_segments, glob_segments)
def test_the_number_of_steps_does_not_depend_on_what_was_asked_before(
    outer: Segments, inner: Segments
) -> None:
    outer, inner = canonical(outer), canonical(inner)
    globs.automaton.cache_clear()
    assert globs.inclusion(outer, inner) == globs.inclusion(outer, inner)
