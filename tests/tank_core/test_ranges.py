"""Ranges: npm's documented examples, laws, limits, and a second independent implementation."""

from __future__ import annotations

import nodesemver
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tank_core.ranges import MAX_RANGE_LENGTH, InvalidRangeError, Range, caret
from tank_core.semver import MAX_NUMBER, Version
from tests.support.strategies_core import near_versions, valid_range_texts, versions

NEAR = [Version.parse(text) for text in near_versions]

# Range → its comparators, as npm's documentation states them.
DOCUMENTED = {
    "^1.2.3": ">=1.2.3 <2.0.0-0",
    "^0.2.3": ">=0.2.3 <0.3.0-0",
    "^0.0.3": ">=0.0.3 <0.0.4-0",
    "^1.2.3-beta.2": ">=1.2.3-beta.2 <2.0.0-0",
    "^0.0.3-beta": ">=0.0.3-beta <0.0.4-0",
    "^1.2.x": ">=1.2.0 <2.0.0-0",
    "^0.0.x": ">=0.0.0 <0.1.0-0",
    "^0.0": ">=0.0.0 <0.1.0-0",
    "^1.x": ">=1.0.0 <2.0.0-0",
    "^0.x": ">=0.0.0 <1.0.0-0",
    "~1.2.3": ">=1.2.3 <1.3.0-0",
    "~1.2": ">=1.2.0 <1.3.0-0",
    "~1": ">=1.0.0 <2.0.0-0",
    "~0.2.3": ">=0.2.3 <0.3.0-0",
    "~>1.2.3-beta.2": ">=1.2.3-beta.2 <1.3.0-0",
    "1.2.3 - 2.3.4": ">=1.2.3 <=2.3.4",
    "1.2 - 2.3.4": ">=1.2.0 <=2.3.4",
    "1.2.3 - 2.3": ">=1.2.3 <2.4.0-0",
    "1.2.3 - 2": ">=1.2.3 <3.0.0-0",
    "1.x": ">=1.0.0 <2.0.0-0",
    "1.2.x": ">=1.2.0 <1.3.0-0",
    "1": ">=1.0.0 <2.0.0-0",
    ">1.2": ">=1.3.0",
    "<=1.2": "<1.3.0-0",
    "<1.2": "<1.2.0-0",
    "v1.2.3": "1.2.3",
    "= v1.2.3": "1.2.3",
    ">= 1.2.3 <2": ">=1.2.3 <2.0.0-0",
    "1.2.3+build": "1.2.3",
    "<*": "<0.0.0-0",
    "": "",
    "*": "",
    "x.X.*": "",
    ">=0.0.0": "",
    "1.2.3 || *": "",
    "1.2.3 *": "1.2.3",
}


@pytest.mark.parametrize(("text", "comparators"), DOCUMENTED.items())
def test_a_range_desugars_as_npm_documents(text: str, comparators: str) -> None:
    (bounds,) = Range.parse(text).comparator_sets
    # A lower bound of 0.0.0 says nothing; npm drops it, too.
    assert " ".join(map(str, bounds)) == comparators.removeprefix(">=0.0.0 ")


@pytest.mark.parametrize(
    ("text", "version", "is_inside"),
    [
        (">1.2.3-alpha.3", "1.2.3-alpha.7", True),
        (">1.2.3-alpha.3", "3.4.5-alpha.9", False),
        (">1.2.3-alpha.3", "3.4.5", True),
        ("^1.2.3-beta", "1.2.3-rc", True),
        ("^1.2.3-beta", "1.2.4-rc", False),
        ("^1.2.3", "2.0.0-rc.1", False),
        ("*", "1.0.0-beta", False),
        ("* || 1.0.0-beta", "1.0.0-beta", False),
        ("1.0.0-beta || 2", "1.0.0-beta", True),
        ("1.2.3", "1.2.3+build", True),
        ("<0.0.0-0", "0.0.0-0", False),
    ],
)
def test_a_prerelease_is_inside_only_when_it_was_asked_for(text: str, version: str, is_inside: bool) -> None:
    assert Range.parse(text).contains(Version.parse(version)) is is_inside


def test_include_prerelease_asks_for_all_of_them() -> None:
    bounds = Range.parse("1.x")
    inside = [str(v) for v in NEAR if v.is_prerelease and bounds.contains(v, include_prerelease=True)]
    assert inside == [str(v) for v in NEAR if v.is_prerelease and v.major == 1]


@pytest.mark.parametrize(
    "text",
    [
        "latest", "1.2.3.4", "1.2.", ".1", ">", "=", "^", "~", "1 |", "1 | 2", "!1.2.3", "><1.2.3",
        "==1.2.3", "vv1.2.3",
        "01.2.3", "^01", "1.2.3-01", "1.x.3", "x.1", "1.2.3 -2.0.0 -", "1-beta", "1.2.3-", ">= = 1.2.3",
        "1.2.3\0",
        "1.2.3\u00a0", "١.2.3", "^①", f"^{MAX_NUMBER}", f">{MAX_NUMBER + 1}.0.0", "1.0.0-" + "a" * 251,
        "git+ssh://git.example/x", "file:../x", "npm:x@1", "https://example.com/x.tgz", "1 || " * 300,
    ],
)  # fmt: skip
def test_what_is_not_a_range_is_refused(text: str) -> None:
    with pytest.raises(InvalidRangeError):
        Range.parse(text)


@pytest.mark.parametrize(
    "text", ["v= " * 341, "= " * 511, "* " * 511, "^ " * 511, "1.2.3-" + "a-" * 500, "+" * 1023]
)
def test_a_hostile_range_ends_in_bounded_time(text: str) -> None:
    assert len(text) <= MAX_RANGE_LENGTH
    for _ in range(20):
        try:
            Range.parse(text)
        except InvalidRangeError:
            continue


@settings(deadline=None)
@given(valid_range_texts, valid_range_texts)
def test_an_alternative_adds_its_versions_and_takes_none(one: str, other: str) -> None:
    first, second, both = Range.parse(one), Range.parse(other), Range.parse(f"{one} || {other}")
    # Only releases: npm forgets which pre-releases an alternative of "*" asked for.
    for version in (v for v in NEAR if not v.is_prerelease):
        assert both.contains(version) == (first.contains(version) or second.contains(version))


@settings(deadline=None)
@given(valid_range_texts)
def test_what_is_inside_stays_inside_when_all_prereleases_are(text: str) -> None:
    bounds = Range.parse(text)
    for version in NEAR:
        assert not bounds.contains(version) or bounds.contains(version, include_prerelease=True)


@settings(deadline=None)
@given(versions)
def test_a_caret_range_holds_its_version_and_not_the_next_major(version: Version) -> None:
    assume(version.major < MAX_NUMBER and version.minor < MAX_NUMBER and version.patch < MAX_NUMBER)
    bounds = Range.parse(caret(version))
    assert bounds.contains(version)
    assert not bounds.contains(Version(version.major + 1, 0, 0))


@settings(deadline=None)
@given(st.lists(st.sampled_from(NEAR), max_size=6))
def test_the_highest_is_inside_and_none_inside_is_higher(offered: list[Version]) -> None:
    bounds = Range.parse("^1.0.0 || 2.0.0-alpha")
    highest = bounds.highest(offered)
    inside = [version for version in offered if bounds.contains(version)]
    assert highest == (max(inside) if inside else None)


def test_a_range_keeps_its_text_and_equals_one_of_the_same_text() -> None:
    assert str(Range.parse(">= 1.2 ")) == ">= 1.2 "
    assert Range.parse("^1.0.0") == Range.parse("^1.0.0")
    assert Range.parse("^1.0.0") != Range.parse("^1.0")


# node-semver (PyPI) follows an npm of 2015. These differ there, and npm's present library sides with us
# (see test_ranges_npm): pre-releases at an upper bound (it writes "<2.0.0" where npm writes "<2.0.0-0"),
# and every text off the plain grammar.
_PLAIN = st.builds(
    lambda operator, parts: operator + ".".join(parts),
    st.sampled_from(["", "^", "~", ">", "<", ">=", "<=", "="]),
    st.lists(st.sampled_from(["0", "1", "2"]), min_size=1, max_size=3),
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(_PLAIN, min_size=1, max_size=2).map(" ".join), min_size=1, max_size=2).map(" || ".join)
)
def test_node_semver_agrees_on_releases(text: str) -> None:
    bounds = Range.parse(text)
    for version in NEAR:
        if not version.is_prerelease and version.major < MAX_NUMBER:
            assert bounds.contains(version) == nodesemver.satisfies(str(version), text, False), (
                text,
                version,
            )
