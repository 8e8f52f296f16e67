"""Resolves a project's skills to one version of each: the newest that fit together.

Ranges mean what they mean in npm, but there is one version of a skill in a
project, because an agent cannot load two of one name. The result depends on
nothing but the arguments.

Source: DESIGN, "Install, as a walk", step 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tank_core.absence import WithdrawnError
from tank_core.entities import Availability
from tank_core.errors import TankError
from tank_core.index import IndexVersion
from tank_core.names import SkillName
from tank_core.overrides import NO_OVERRIDES, Overrides
from tank_core.ranges import Range, caret
from tank_core.resolver.explanation import Changes, explained, gave_up
from tank_core.resolver.facts import Fact, Requirement, UnsolvableError
from tank_core.resolver.policy import ResolutionPolicy
from tank_core.resolver.solver import solve
from tank_core.resolver.universe import Fetch, Prefetch, Universe
from tank_core.semver import Version

_MAX_ALTERNATIVES = 4  # each costs another search
_PROPOSAL_CONFLICTS = 200  # of such a search, whose answer is a courtesy


@dataclass(frozen=True, slots=True)
class Resolution:
    """One version for each skill that the project needs, directly or not, sorted by name."""

    versions: Mapping[SkillName, IndexVersion]


def resolve(
    roots: Mapping[SkillName, Range],
    fetch: Fetch,
    *,
    policy: ResolutionPolicy,
    preferred: Mapping[SkillName, Version] | None = None,
    prefetch: Prefetch | None = None,
    overrides: Overrides = NO_OVERRIDES,
    typed: Collection[SkillName] = (),
) -> Resolution:
    """Returns the newest versions that fit together, locked ones first.

    Args:
        roots: the project's own dependencies.
        fetch: returns the index document of a skill, or raises ``SkillNotFoundError``.
        policy: which versions the project accepts.
        preferred: the locked versions; kept wherever the ranges still allow them.
        prefetch: told which documents will be fetched next, so that it can get them in parallel.
        overrides: ranges of the project in place of what skills ask for.
        typed: the roots that a person asks for now; an explanation says so.

    Raises:
        SkillNotFoundError: "skill-not-found"; one of the roots does not exist.
        WithdrawnError: "version-withdrawn"; a root's range holds nothing but withdrawn versions.
        NoResolutionError: "no-resolution", with the chain of facts and what to change.
    """
    universe = Universe(fetch, prefetch, preferred or {}, policy, overrides)
    universe.announce(roots.keys())
    for name in sorted(roots):
        universe.require(name)
    try:
        chosen = solve(roots, universe)
    except UnsolvableError as unsolvable:
        raise _failure(unsolvable.facts, roots, universe, typed) from None
    return Resolution({name: universe.versions(name)[chosen[name]] for name in sorted(chosen)})


def _failure(
    facts: tuple[Fact, ...],
    roots: Mapping[SkillName, Range],
    universe: Universe,
    typed: Collection[SkillName],
) -> TankError:
    for name, wanted in sorted(roots.items()):
        candidates = [universe.versions(name)[position] for position in universe.matching(name, wanted)]
        if candidates and all(item.availability is Availability.WITHDRAWN for item in candidates):
            return WithdrawnError.of(name, candidates[-1].version, candidates[-1].availability_reason)
    if not facts:
        return gave_up()
    involved = sorted(
        fact.dependency for fact in facts if isinstance(fact, Requirement) and fact.dependent is None
    )
    alternatives = _alternatives(involved, roots, universe)
    dropped = _dropped(facts, roots, universe)
    added = {} if alternatives or dropped else _added(facts, roots, universe)
    return explained(facts, roots, universe, Changes(alternatives, dropped, added), typed)


def _alternatives(
    involved: Collection[SkillName], roots: Mapping[SkillName, Range], universe: Universe
) -> dict[SkillName, str]:
    """Returns, for each root that could end the conflict alone, the range that would."""
    result = {}
    for name in sorted(involved)[:_MAX_ALTERNATIVES]:
        chosen = _solved({**roots, name: Range.parse("*")}, universe)
        if chosen is None:
            continue
        result[name] = caret(universe.versions(name)[chosen[name]].version)
    return result


def _dropped(
    facts: tuple[Fact, ...], roots: Mapping[SkillName, Range], universe: Universe
) -> tuple[SkillName, ...]:
    """Returns the overrides each of which could be removed to end the conflict."""
    involved = sorted(
        {fact.dependency for fact in facts if isinstance(fact, Requirement)} & universe.overrides.keys()
    )
    result = []
    for name in involved[:_MAX_ALTERNATIVES]:
        others = {other: wanted for other, wanted in universe.overrides.items() if other != name}
        if _solved(roots, universe.with_overrides(others)) is not None:
            result.append(name)
    return tuple(result)


def _added(
    facts: tuple[Fact, ...], roots: Mapping[SkillName, Range], universe: Universe
) -> dict[SkillName, str]:
    """Returns, for each skill whose range another one could set aside to end the conflict, the override to write."""
    asked = {
        fact.dependency for fact in facts if isinstance(fact, Requirement) and fact.dependent is not None
    }
    result = {}
    for name in sorted(asked - roots.keys() - universe.overrides.keys())[:_MAX_ALTERNATIVES]:
        open_universe = universe.with_overrides({**universe.overrides, name: Range.parse("*")})
        chosen = _solved(roots, open_universe)
        if chosen is not None and name in chosen:
            result[name] = caret(open_universe.versions(name)[chosen[name]].version)
    return result


def _solved(roots: Mapping[SkillName, Range], universe: Universe) -> Mapping[SkillName, int] | None:
    """Returns a solution for a proposal, or None: not even a broken registry may hide the conflict itself."""
    try:
        return solve(roots, universe, max_conflicts=_PROPOSAL_CONFLICTS)
    except (UnsolvableError, TankError):
        return None
