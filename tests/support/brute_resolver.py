"""Resolution by trying everything, sharing no code with the resolver: small graphs only.

Versions are triples of numbers and ranges are predicates on them, written down here, so
that neither the range grammar nor PubGrub is trusted to check itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Triple = tuple[int, int, int]

RANGES: dict[str, Callable[[Triple], bool]] = {
    "*": lambda v: True,
    "^1.0.0": lambda v: v[0] == 1,
    "^1.1.0": lambda v: v[0] == 1 and v[1] >= 1,
    "^2.0.0": lambda v: v[0] == 2,
    "^3.0.0": lambda v: v[0] == 3,
    "1.0.0": lambda v: v == (1, 0, 0),
    "2.0.0": lambda v: v == (2, 0, 0),
    "~1.1.0": lambda v: v[:2] == (1, 1),
    "<2.0.0": lambda v: v[0] < 2,
    ">=1.1.0 <3.0.0": lambda v: (1, 1, 0) <= v < (3, 0, 0),
    "1.0.0 || ^2.0.0": lambda v: v == (1, 0, 0) or v[0] == 2,
}
VERSIONS = ("1.0.0", "1.1.0", "1.1.1", "2.0.0", "2.1.0")


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a skill: what it asks for, and whether it may be chosen, locked or not."""

    needs: Mapping[str, str] = field(default_factory=dict)
    is_eligible: bool = True
    is_eligible_when_locked: bool = True


Graph = Mapping[str, Mapping[str, Release]]
Choice = dict[str, str]


def triple(version: str) -> Triple:
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def ranked(name: str, graph: Graph, locked: Mapping[str, str]) -> list[str]:
    """Returns the versions that may be chosen, the preferred first: the locked one, then the highest."""
    releases = graph.get(name, {})
    may = [
        version
        for version, release in releases.items()
        if release.is_eligible or (release.is_eligible_when_locked and locked.get(name) == version)
    ]
    return sorted(may, key=lambda v: (v != locked.get(name), [-part for part in triple(v)]))


def solutions(
    roots: Mapping[str, str],
    graph: Graph,
    locked: Mapping[str, str],
    overrides: Mapping[str, str],
) -> Iterator[Choice]:
    """Yields every choice of exactly the skills that are needed, in which every range holds."""
    yield from _extended({}, dict(roots), [*roots.items()], graph, locked, overrides)


def _extended(
    chosen: Choice,
    roots: dict[str, str],
    waiting: list[tuple[str, str]],
    graph: Graph,
    locked: Mapping[str, str],
    overrides: Mapping[str, str],
) -> Iterator[Choice]:
    if not waiting:
        yield dict(chosen)
        return
    (name, wanted), *rest = waiting
    fits = RANGES[wanted]
    if name in chosen:
        if fits(triple(chosen[name])):
            yield from _extended(chosen, roots, rest, graph, locked, overrides)
        return
    for version in ranked(name, graph, locked):
        if fits(triple(version)):
            needs = [(one, overrides.get(one, asked)) for one, asked in graph[name][version].needs.items()]
            yield from _extended({**chosen, name: version}, roots, rest + needs, graph, locked, overrides)


def is_better(one: Choice, other: Choice, graph: Graph, locked: Mapping[str, str]) -> bool:
    """Returns whether one choice is preferred for some skill of both, and the other one for none."""
    places = [
        (order.index(one[name]), order.index(other[name]))
        for name in one.keys() & other.keys()
        for order in [ranked(name, graph, locked)]
    ]
    return any(a < b for a, b in places) and all(a <= b for a, b in places)
