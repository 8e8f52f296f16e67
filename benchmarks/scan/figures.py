"""Outcomes → figures: recall, false alarms, planted attacks that are newly seen, cost."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.scan.outcome import Outcome
from benchmarks.scan.samples import Sample
from benchmarks.scan.workers import Measured

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of a group of skills were blocked, flagged or worse, and given a finding of medium or above."""

    group: str
    count: int
    blocked: int
    flagged: int
    medium: int
    errors: int


@dataclass(frozen=True, slots=True)
class Planted:
    """Pairs of an honest skill and the same with an attack: a planted one counts when its base does not."""

    group: str
    count: int
    newly_blocked: int
    newly_medium: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the wall clock and MiB of memory, per skill, in a warm process."""

    count: int
    seconds_median: float
    seconds_p95: float
    seconds_worst: float
    mib_median: float
    mib_worst: float


def rates(
    outcomes: Mapping[Sample, Outcome], *, is_malicious: bool, group: Callable[[Sample], str]
) -> tuple[Rates, ...]:
    """Returns the rates of each group, sorted by name; samples with no group name are left out."""
    grouped: dict[str, list[Outcome]] = {}
    for sample, outcome in outcomes.items():
        if sample.is_malicious is is_malicious and group(sample):
            grouped.setdefault(group(sample), []).append(outcome)
    return tuple(_rates(name, grouped[name]) for name in sorted(grouped))


def planted(outcomes: Mapping[Sample, Outcome]) -> tuple[Planted, ...]:
    """Returns for each kind of pair how many attacks were seen that the honest half does not explain."""
    honest = {
        sample.id: outcome
        for sample, outcome in outcomes.items()
        if not sample.is_malicious and not sample.base
    }
    pairs: dict[str, list[tuple[Outcome, Outcome]]] = {}
    for sample, outcome in outcomes.items():
        if sample.base:
            pairs.setdefault(sample.category, []).append((outcome, honest[sample.base]))
    return tuple(
        Planted(
            name,
            len(found),
            sum(with_attack.is_blocked and not base.is_blocked for with_attack, base in found),
            sum(with_attack.is_medium and not base.is_medium for with_attack, base in found),
        )
        for name, found in sorted(pairs.items())
    )


def cost(measured: Iterable[Measured]) -> Cost:
    """Returns the cost per skill of what was measured, at least one."""
    found = list(measured)
    seconds = sorted(one.seconds for one in found)
    mib = [one.peak_bytes / MIB for one in found]
    return Cost(
        len(found),
        statistics.median(seconds),
        _at(seconds, 0.95),
        seconds[-1],
        statistics.median(mib),
        max(mib),
    )


def spread(samples: Sequence[Sample], count: int) -> tuple[Sample, ...]:
    """Returns about ``count`` samples at even distances, so that every category has its share; 0 takes all."""
    step = max(1, len(samples) // count) if count else 1
    return tuple(samples[::step])


def _rates(name: str, found: Sequence[Outcome]) -> Rates:
    return Rates(
        name,
        len(found),
        sum(one.is_blocked for one in found),
        sum(one.is_flagged for one in found),
        sum(one.is_medium for one in found),
        sum(bool(one.error) for one in found),
    )


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
