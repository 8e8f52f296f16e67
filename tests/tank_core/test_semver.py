"""Versions: the specification's own examples, and a total order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from tank_core.semver import MAX_NUMBER, InvalidVersionError, Version, same_precedence
from tests.support.strategies_core import versions

# semver.org, section 11, and what its grammar says of the rest.
ASCENDING = [
    "0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-1", "1.0.0-10", "1.0.0--", "1.0.0-A", "1.0.0-alpha",
    "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1",
    "2.0.0", "2.1.0", "2.1.1", "10.0.0", f"{MAX_NUMBER}.0.0",
]  # fmt: skip


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(ASCENDING)))
def test_precedence_is_that_of_the_specification(lower: str, higher: str) -> None:
    assert Version.parse(lower) < Version.parse(higher)
    assert not same_precedence(Version.parse(lower), Version.parse(higher))


@settings(deadline=None)
@given(versions)
def test_a_version_is_read_back_from_its_text(version: Version) -> None:
    assert Version.parse(str(version)) == version


@settings(deadline=None)
@given(versions, versions, versions)
def test_the_order_is_total_and_transitive(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (a == b) + (a > b) == 1
    low, middle, high = sorted([a, b, c])
    assert low <= middle <= high
    assert low <= high


def test_build_metadata_decides_the_order_and_not_the_precedence() -> None:
    plain, built, other = map(Version.parse, ("1.0.0", "1.0.0+a", "1.0.0+b"))
    assert plain < built < other
    assert same_precedence(plain, built)
    assert same_precedence(built, other)


def test_the_parts_of_a_version_are_typed() -> None:
    version = Version.parse("1.2.3-beta.4.05x+007.a")
    assert (version.major, version.minor, version.patch) == (1, 2, 3)
    assert version.prerelease == ("beta", 4, "05x")
    assert version.build == ("007", "a")
    assert version.is_prerelease
    assert not Version.parse("1.2.3+beta").is_prerelease


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1.2", "1.2.3.4", "v1.2.3", "=1.2.3", "01.2.3", "1.02.3", "1.2.03", "1.2.3-", "1.2.3-01", "1.2.3-a..b",
        "1.2.3+", "1.2.3+a..b", "1.2.3-a_b", " 1.2.3", "1.2.3\n", "1.2.3-é", "١.2.3", "-1.2.3", "1.2.x", "latest",
        f"{MAX_NUMBER + 1}.0.0", f"1.0.0-{MAX_NUMBER + 1}", "1.0.0-" + "a" * 251, "9" * 5000 + ".0.0",
    ],
)  # fmt: skip
def test_what_is_not_a_version_is_refused(text: str) -> None:
    with pytest.raises(InvalidVersionError):
        Version.parse(text)


def test_the_longest_version_has_256_characters() -> None:
    assert len(str(Version.parse("1.0.0-" + "a" * 250))) == 256
