"""Solves for one version of each skill, with nab-resolver's PubGrub.

The only importer of nab-resolver. It sees positions in version lists (see
``universe``); a range of positions is half-open, so that runs of versions are one
interval. Its proof of a failure comes back as our own facts.

Source: nex3.medium.com, "PubGrub: Next-Generation Version Solving".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nab_resolver.errors import ResolutionError, ResolutionTerminatedError
from nab_resolver.ranges import Range as Positions
from nab_resolver.resolver import BaseProvider, Resolver
from nab_resolver.types import Incompatibility, IncompatibilityCause, RangeProtocol

from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.resolver.facts import Fact, NoneEligible, Requirement, UnsolvableError
from tank_core.resolver.universe import Universe, runs

_MAX_ROUNDS = 50_000  # a project of thousands of skills needs some thousands; beyond it somebody attacks
# Discarded decisions. Each teaches the solver a fact, and its work grows faster than their square: 500 take some
# seconds, 4,000 a minute. An honest search discards fewer than there are versions to look at.
MAX_CONFLICTS = 1_500


class _TooManyConflictsError(Exception):
    """Whoever published these versions made them hard to resolve."""


def solve(
    roots: Mapping[SkillName, Range], universe: Universe, *, max_conflicts: int | None = None
) -> dict[SkillName, int]:
    """Returns the chosen position for each skill that the roots need, directly or not.

    Args:
        roots: the project's own dependencies.
        universe: where versions come from.
        max_conflicts: decisions that may be discarded before the search is given up; None for ``MAX_CONFLICTS``.

    Raises:
        UnsolvableError: there is no such choice, or the search was too long.
    """
    provider = _Provider(universe, MAX_CONFLICTS if max_conflicts is None else max_conflicts)
    resolver: Resolver[SkillName, int] = Resolver(provider, max_iterations=_MAX_ROUNDS)
    wanted = {name: provider.positions(name, wanted) for name, wanted in sorted(roots.items())}
    try:
        return dict(resolver.solve(wanted).pins)
    except (ResolutionTerminatedError, _TooManyConflictsError):
        raise UnsolvableError(()) from None
    except ResolutionError as error:
        proof = error.incompatibility
        raise UnsolvableError(() if proof is None else _facts(proof, universe)) from None


class _Provider(BaseProvider[SkillName, int]):
    """Answers nab-resolver's questions from the universe."""

    def __init__(self, universe: Universe, max_conflicts: int) -> None:
        self._universe = universe
        self._max_conflicts = max_conflicts
        self._conflicts: Mapping[SkillName, int] = {}
        self._dependencies: dict[tuple[SkillName, int], dict[SkillName, RangeProtocol[int]]] = {}

    def positions(self, name: SkillName, wanted: Range) -> RangeProtocol[int]:
        """Returns a range of versions as half-open intervals of positions."""
        matching = runs(self._universe.matching(name, wanted))
        return Positions[int](tuple((first, True, last + 1, False) for first, last in matching))

    def choose_version(self, package: SkillName, version_range: RangeProtocol[int]) -> int | None:
        """Returns the eligible position that is preferred, or None."""
        if sum(self._conflicts.values()) > self._max_conflicts:
            raise _TooManyConflictsError
        return next((p for p in self._universe.by_preference(package) if p in version_range), None)

    def has_satisfying_version(self, package: SkillName, version_range: RangeProtocol[int]) -> bool:
        """Returns whether ``choose_version`` would return a position."""
        return self.choose_version(package, version_range) is not None

    def get_dependencies(self, package: SkillName, version: int) -> Mapping[SkillName, RangeProtocol[int]]:
        """Returns the dependencies of a position; the same mapping each time."""
        key = (package, version)
        if key not in self._dependencies:
            wanted = self._universe.dependencies(package, version)
            self._universe.announce(wanted.keys())
            self._dependencies[key] = {
                name: self.positions(name, spelled) for name, spelled in sorted(wanted.items())
            }
        return self._dependencies[key]

    def prioritize(
        self,
        package: SkillName,
        version_range: RangeProtocol[int],
        conflict_counts: Mapping[SkillName, int],
        culprit_counts: Mapping[SkillName, int] | None = None,
    ) -> tuple[int, int, SkillName]:
        """Decides the most contested skill first, then the one with the fewest choices, then by name."""
        del culprit_counts
        self._conflicts = conflict_counts
        choices = sum(
            1 for position in range(len(self._universe.versions(package))) if position in version_range
        )
        return (-conflict_counts.get(package, 0), choices, package)

    def widen_decision(self, package: SkillName, version: int) -> RangeProtocol[int]:
        """Returns the position as the half-open interval that ranges are made of, so that runs join."""
        del package
        return Positions[int].between(version, version + 1)


def _facts(proof: Incompatibility[Any, Any], universe: Universe) -> tuple[Fact, ...]:
    """Returns the leaves of a proof: what is so, without what follows from it."""
    facts = (_fact(leaf, universe) for leaf in proof.walk() if leaf.cause is not IncompatibilityCause.DERIVED)
    return tuple(dict.fromkeys(facts))


def _fact(leaf: Incompatibility[Any, Any], universe: Universe) -> Fact:
    subject = leaf.terms[0]
    match leaf.cause:
        case IncompatibilityCause.ROOT:
            return Requirement(None, (), leaf.terms[1].package)
        case IncompatibilityCause.DEPENDENCY:
            # A dependency on itself has one term only.
            dependency = leaf.terms[-1].package
            return Requirement(
                subject.package, _inside(subject.constraint, subject.package, universe), dependency
            )
        case _:
            return NoneEligible(subject.package, _inside(subject.constraint, subject.package, universe))


def _inside(constraint: RangeProtocol[int], name: SkillName, universe: Universe) -> tuple[int, ...]:
    return tuple(position for position in range(len(universe.versions(name))) if position in constraint)
