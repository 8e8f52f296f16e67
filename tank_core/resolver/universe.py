"""What there is to choose from: each skill's published versions, fetched once, with the objections to them.

Versions are handled as positions in a skill's list, lowest first, so that the
solver compares small integers and npm's rule for pre-releases stays where it
belongs: a range is the set of positions that it contains. Only versions that may be
chosen are looked at closely, because index documents are read lazily.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain

from tank_core.absence import SkillNotFoundError
from tank_core.consent import Acceptance
from tank_core.entities import Availability
from tank_core.index import IndexDocument, IndexVersion
from tank_core.names import SkillName
from tank_core.overrides import NO_OVERRIDES, Overrides, in_place_of
from tank_core.ranges import Range
from tank_core.resolver.policy import ResolutionPolicy, objection, risks
from tank_core.semver import Version

Fetch = Callable[[SkillName], IndexDocument]
Prefetch = Callable[[Collection[SkillName]], None]


class Universe:
    """The skills that a resolution has looked at so far."""

    def __init__(
        self,
        fetch: Fetch,
        prefetch: Prefetch | None,
        preferred: Mapping[SkillName, Version],
        policy: ResolutionPolicy,
        overrides: Overrides = NO_OVERRIDES,
    ) -> None:
        self._fetch = fetch
        self._prefetch = prefetch
        self._preferred = preferred
        self._policy = policy
        self.overrides = overrides
        self._versions: dict[SkillName, tuple[IndexVersion, ...]] = {}
        self._objections: dict[tuple[SkillName, int], str | None] = {}
        self._matching: dict[tuple[SkillName, Range], tuple[int, ...]] = {}

    def announce(self, names: Collection[SkillName]) -> None:
        """Lets the caller fetch several documents at once, before they are asked for one by one."""
        unknown = sorted(name for name in names if name not in self._versions)
        if self._prefetch is not None and unknown:
            self._prefetch(unknown)

    def require(self, name: SkillName) -> None:
        """Looks at a skill that must exist.

        Raises:
            SkillNotFoundError: "skill-not-found".
        """
        if name not in self._versions:
            self._versions[name] = self._fetch(name).versions

    def versions(self, name: SkillName) -> tuple[IndexVersion, ...]:
        """Returns a skill's versions, lowest first; none when there is no such skill."""
        try:
            self.require(name)
        except SkillNotFoundError:
            self._versions[name] = ()
        return self._versions[name]

    def matching(self, name: SkillName, wanted: Range) -> tuple[int, ...]:
        """Returns the positions of the versions in a range, eligible or not, ascending."""
        key = (name, wanted)
        if key not in self._matching:
            self._matching[key] = tuple(
                position
                for position, candidate in enumerate(self.versions(name))
                if wanted.contains(candidate.version)
            )
        return self._matching[key]

    def objection(self, name: SkillName, position: int) -> str | None:
        """Returns why the version at a position may not be chosen, or None."""
        key = (name, position)
        if key not in self._objections:
            candidate = self.versions(name)[position]
            is_locked = candidate.version == self._preferred.get(name)
            self._objections[key] = objection(name, candidate, self._policy, is_locked=is_locked)
        return self._objections[key]

    def acceptances(self, name: SkillName, position: int) -> tuple[Acceptance, ...]:
        """Returns what a person would have to accept for the version at a position to be chosen.

        Nothing where it may be chosen as it is, and where no consent helps.
        """
        candidate = self.versions(name)[position]
        is_locked = candidate.version == self._preferred.get(name)
        found = risks(name, candidate, self._policy, is_locked=is_locked)
        return tuple(Acceptance(risk, name, candidate.version) for risk in found)

    def by_preference(self, name: SkillName) -> Iterator[int]:
        """Yields the positions of eligible versions: the locked one first, then the highest first."""
        candidates = self.versions(name)
        locked = self._preferred.get(name)
        held = [position for position, item in enumerate(candidates) if item.version == locked]
        others = (position for position in range(len(candidates) - 1, -1, -1) if position not in held)
        return (position for position in chain(held, others) if self.objection(name, position) is None)

    def dependencies(self, name: SkillName, position: int) -> Mapping[SkillName, Range]:
        """Returns what a version depends on, with the project's ranges where it sets them.

        Nothing for a withdrawn one, which says nothing any more.
        """
        candidate = self.versions(name)[position]
        if candidate.availability is Availability.WITHDRAWN:
            return {}
        if not self.overrides:
            return candidate.dependencies
        return in_place_of(candidate.dependencies, self.overrides)

    def with_overrides(self, overrides: Overrides) -> Universe:
        """Returns the same skills under other overrides."""
        return Universe(self._fetch, self._prefetch, self._preferred, self._policy, overrides)


def runs(positions: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Returns ascending positions as runs without gaps: (first, last)."""
    result: list[tuple[int, int]] = []
    for position in positions:
        if result and result[-1][1] == position - 1:
            result[-1] = (result[-1][0], position)
        else:
            result.append((position, position))
    return tuple(result)
