"""Graphs that are hard to resolve: counted, never timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tank_core.index import IndexDocument
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.resolver import NoResolutionError, ResolutionPolicy, resolve, solver
from tank_core.resolver.universe import Universe
from tests.support.index_documents import Published, ranges, registry

POLICY = ResolutionPolicy(0)
VERSIONS = tuple(f"{number}.0.0" for number in range(1, 21))


@dataclass
class Counted:
    """What resolving took."""

    fetched: Counter[str] = field(default_factory=Counter)
    looked_into: Counter[tuple[str, int]] = field(default_factory=Counter)
    searches: int = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    found = Counted()
    dependencies, solve = Universe.dependencies, solver.solve

    def counting(self: Universe, name: SkillName, position: int) -> Mapping[SkillName, Range]:
        found.looked_into[name.name, position] += 1
        return dependencies(self, name, position)

    def searching(*args: object, **options: object) -> dict[SkillName, int]:
        found.searches += 1
        return solve(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Universe, "dependencies", counting)
    monkeypatch.setattr("tank_core.resolver.resolution.solve", searching)
    return found


def resolved(roots: Mapping[str, str], published: Published, counted: Counted) -> dict[str, str]:
    inner = registry(published)

    def fetch(name: SkillName) -> IndexDocument:
        counted.fetched[name.name] += 1
        return inner(name)

    found = resolve(ranges(roots), fetch, policy=POLICY)
    return {name.name: str(item.version) for name, item in found.versions.items()}


def fan(width: int) -> dict[str, dict[str, dict[str, str]]]:
    """Skills each version of which needs the version of the same number of one that all need."""
    needing = {f"s{n}": {version: {"base": version} for version in VERSIONS} for n in range(width)}
    return needing | {"base": {version: {} for version in VERSIONS}}


def pigeons(holes: int) -> dict[str, dict[str, dict[str, str]]]:
    """One skill more than there are places, each of which holds one: no proof of that is short."""
    birds = {
        f"p{i}": {f"{h}.0.0": {f"h{h}": f"{i}.0.0"} for h in range(1, holes + 1)} for i in range(1, holes + 2)
    }
    return birds | {f"h{h}": {f"{i}.0.0": {} for i in range(1, holes + 2)} for h in range(1, holes + 1)}


def test_going_back_through_every_version_of_many_skills_looks_into_each_once(counted: Counted) -> None:
    """The hard case: naive backtracking would try twenty to the power of thirty combinations."""
    width = 30
    chosen = resolved({f"s{n}": "*" for n in range(width)} | {"base": "1.0.0"}, fan(width), counted)
    assert set(chosen.values()) == {"1.0.0"}
    assert max(counted.fetched.values()) == 1
    assert max(counted.looked_into.values()) == 1
    assert len(counted.looked_into) <= width * len(VERSIONS) + 1


def test_a_long_chain_that_has_to_go_back_to_its_oldest_end(counted: Counted) -> None:
    length = 20
    published = {f"s{n}": {v: {f"s{n + 1}": v} for v in VERSIONS} for n in range(length)}
    published[f"s{length}"] = {v: {"base": v} for v in VERSIONS}
    published["base"] = {v: {} for v in VERSIONS}
    chosen = resolved({"s0": "*", "base": "1.0.0"}, published, counted)
    assert set(chosen.values()) == {"1.0.0"}
    assert max(counted.fetched.values()) == 1
    assert sum(counted.looked_into.values()) <= (length + 2) * len(VERSIONS)


def test_the_versions_that_are_not_needed_are_not_looked_into(counted: Counted) -> None:
    resolved({"s0": "*", "s1": "*"}, fan(30), counted)
    assert set(counted.fetched) == {"s0", "s1", "base"}
    assert len(counted.looked_into) == 3


def test_what_cannot_be_is_proven_and_proposals_stay_few(counted: Counted) -> None:
    with pytest.raises(NoResolutionError) as caught:
        resolved({f"p{i}": "*" for i in range(1, 6)}, pigeons(4), counted)
    assert len(caught.value.problems) > 20
    assert max(counted.fetched.values()) <= counted.searches  # each search may look anew, at what is cached
    assert counted.searches <= 1 + 4 + 4  # the search itself, ranges to propose, overrides to propose


def test_a_search_that_somebody_made_endless_is_given_up(
    monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    monkeypatch.setattr(solver, "MAX_CONFLICTS", 30)
    with pytest.raises(NoResolutionError) as caught:
        resolved({f"p{i}": "*" for i in range(1, 9)}, pigeons(7), counted)
    assert "too many combinations" in caught.value.what
    assert "Narrow some ranges" in caught.value.fix
    assert counted.searches == 1


def test_an_honest_search_stays_far_below_the_limit(
    monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    monkeypatch.setattr(solver, "MAX_CONFLICTS", 30 * len(VERSIONS))
    resolved({f"s{n}": "*" for n in range(30)} | {"base": "1.0.0"}, fan(30), counted)
    assert solver.MAX_CONFLICTS <= 1_500
