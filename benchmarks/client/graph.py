"""A graph to resolve: 1,000 packages with 20 versions each, of which a project pins 764.

Every range is a caret on a version that exists, so that all three grammars say the
same: ``^1.4.0`` for Tank and npm, ``>=1.4.0,<2`` for uv.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

PACKAGES, VERSIONS, PINS = 1_000, 20, 764
_MOST_DEPENDENCIES = 4
_REACH = 400  # a package depends on some of the next so many: no circle, and chains of a usual length


@dataclass(frozen=True)
class Graph:
    """Number of a package → per version (1.0.0, 1.1.0, ...) its dependencies: number → least minor version."""

    packages: tuple[tuple[Mapping[int, int], ...], ...]
    roots: Mapping[int, int]

    def name(self, number: int) -> str:
        return f"pkg-{number}"


def graph(packages: int = PACKAGES, versions: int = VERSIONS, pins: int = PINS) -> Graph:
    """Returns the graph; the newest versions that its roots reach are exactly ``pins``."""
    chance = random.Random("graph")  # noqa: S311  # a graph, not a secret
    made = tuple(_package(chance, number, packages, versions) for number in range(packages))
    return Graph(made, _roots(made, pins))


def _package(
    chance: random.Random, number: int, packages: int, versions: int
) -> tuple[Mapping[int, int], ...]:
    near = range(number + 1, min(number + 1 + _REACH, packages))
    needed = sorted(chance.sample(near, min(chance.randint(0, _MOST_DEPENDENCIES), len(near))))
    return tuple({other: chance.randint(0, versions - 1) for other in needed} for _ in range(versions))


def _roots(packages: tuple[tuple[Mapping[int, int], ...], ...], pins: int) -> Mapping[int, int]:
    """Returns roots, taken in order where what they reach still fits."""
    reached: set[int] = set()
    roots: dict[int, int] = {}
    for number in range(len(packages)):
        added = _reached(packages, number) - reached
        if number in added and len(reached) + len(added) <= pins:
            reached |= added
            roots[number] = 0
    if len(reached) != pins:
        raise ValueError(f"the graph reaches {len(reached)} packages, not {pins}")
    return roots


def _reached(packages: tuple[tuple[Mapping[int, int], ...], ...], start: int) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += packages[number][-1]
    return found
