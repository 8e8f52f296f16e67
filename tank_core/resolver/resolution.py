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
from tank_core.ranges import Range, caret
from tank_core.resolver.explanation import explained, gave_up
from tank_core.resolver.facts import Fact, Requirement, UnsolvableError
from tank_core.resolver.policy import ResolutionPolicy
from tank_core.resolver.solver import solve
from tank_core.resolver.universe import Fetch, Prefetch, Universe
from tank_core.semver import Version

_MAX_ALTERNATIVES = 4  # each costs another search


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
) -> Resolution:
    """Returns the newest versions that fit together, locked ones first.

    Args:
        roots: the project's own dependencies.
        fetch: returns the index document of a skill, or raises ``SkillNotFoundError``.
        policy: which versions the project accepts.
        preferred: the locked versions; kept wherever the ranges still allow them.
        prefetch: told which documents will be fetched next, so that it can get them in parallel.

    Raises:
        SkillNotFoundError: "skill-not-found"; one of the roots does not exist.
        WithdrawnError: "version-withdrawn"; a root's range holds nothing but withdrawn versions.
        NoResolutionError: "no-resolution", with the chain of facts and what to change.
    """
    universe = Universe(fetch, prefetch, preferred or {}, policy)
    universe.announce(roots.keys())
    for name in sorted(roots):
        universe.require(name)
    try:
        chosen = solve(roots, universe)
    except UnsolvableError as unsolvable:
        raise _failure(unsolvable.facts, roots, universe) from None
    return Resolution({name: universe.versions(name)[chosen[name]] for name in sorted(chosen)})


def _failure(facts: tuple[Fact, ...], roots: Mapping[SkillName, Range], universe: Universe) -> TankError:
    for name, wanted in sorted(roots.items()):
        candidates = [universe.versions(name)[position] for position in universe.matching(name, wanted)]
        if candidates and all(item.availability is Availability.WITHDRAWN for item in candidates):
            return WithdrawnError.of(name, candidates[-1].version, candidates[-1].availability_reason)
    if not facts:
        return gave_up()
    involved = sorted(
        fact.dependency for fact in facts if isinstance(fact, Requirement) and fact.dependent is None
    )
    return explained(facts, roots, universe, _alternatives(involved, roots, universe))


def _alternatives(
    involved: Collection[SkillName], roots: Mapping[SkillName, Range], universe: Universe
) -> dict[SkillName, str]:
    """Returns, for each root that could end the conflict alone, the range that would."""
    result = {}
    for name in sorted(involved)[:_MAX_ALTERNATIVES]:
        try:
            chosen = solve({**roots, name: Range.parse("*")}, universe)
        except (UnsolvableError, TankError):
            continue  # a proposal is a courtesy: not even a broken registry may hide the conflict itself
        result[name] = caret(universe.versions(name)[chosen[name]].version)
    return result
