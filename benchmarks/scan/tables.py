"""Figures → Markdown tables, Tank beside the peer, in percent and as ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from benchmarks.scan.figures import Cost, Planted, Rates, cost, planted, rates
from benchmarks.scan.outcome import Outcome
from benchmarks.scan.samples import OWN, Sample
from benchmarks.scan.workers import Measured

TANK, PEER = "tank", "cisco-ai-skill-scanner"
Outcomes = Mapping[Sample, Outcome]
Costs = Mapping[Sample, Measured]
_ALL = "all"


def lines(outcomes: Mapping[str, Outcomes], costs: Mapping[str, Costs]) -> Iterator[str]:
    """Yields the report line by line; ``outcomes`` and ``costs`` have one entry per scanner."""
    yield from _rate_table("Malicious, by source", _by_source(outcomes, is_malicious=True))
    yield from _rate_table("Malicious, our corpus, by category", _by_category(outcomes, is_malicious=True))
    yield from _rate_table("Malicious, our corpus, by surface", _by_surface(outcomes))
    yield from _rate_table("Honest, by source", _by_source(outcomes, is_malicious=False))
    yield from _rate_table("Honest, our corpus, by category", _by_category(outcomes, is_malicious=False))
    yield from _planted_table({name: planted(found) for name, found in outcomes.items()})
    yield from _cost_table({name: cost(found.values()) for name, found in costs.items() if found})


def document(outcomes: Mapping[str, Outcomes], costs: Mapping[str, Costs]) -> dict[str, object]:
    """Returns everything as JSON: the tables' figures, and what each scanner said of each sample."""
    return {
        "figures": {
            name: {
                "malicious_by_source": _json(_by_source(outcomes, is_malicious=True)[name]),
                "malicious_by_category": _json(_by_category(outcomes, is_malicious=True)[name]),
                "malicious_by_surface": _json(_by_surface(outcomes)[name]),
                "honest_by_source": _json(_by_source(outcomes, is_malicious=False)[name]),
                "honest_by_category": _json(_by_category(outcomes, is_malicious=False)[name]),
                "planted": _json(planted(found)),
                "cost": asdict(cost(costs[name].values())) if costs.get(name) else None,
            }
            for name, found in outcomes.items()
        },
        "samples": [
            {
                "source": sample.source,
                "id": sample.id,
                "category": sample.category,
                "is_malicious": sample.is_malicious,
                "base": sample.base,
                "outcomes": {name: asdict(found[sample]) for name, found in outcomes.items()},
            }
            for sample in next(iter(outcomes.values()))
        ],
    }


def _json(found: Sequence[Rates] | Sequence[Planted]) -> list[dict[str, object]]:
    return [asdict(one) for one in found]


def _by_source(outcomes: Mapping[str, Outcomes], *, is_malicious: bool) -> dict[str, tuple[Rates, ...]]:
    def source(sample: Sample) -> str:
        return f"{sample.source}, planted" if sample.base else sample.source

    return {
        name: rates(found, is_malicious=is_malicious, group=source)
        + rates(found, is_malicious=is_malicious, group=lambda _: _ALL)
        for name, found in outcomes.items()
    }


def _by_category(outcomes: Mapping[str, Outcomes], *, is_malicious: bool) -> dict[str, tuple[Rates, ...]]:
    return {
        name: rates(
            found,
            is_malicious=is_malicious,
            group=lambda sample: sample.category if sample.source in OWN else "",
        )
        for name, found in outcomes.items()
    }


def _by_surface(outcomes: Mapping[str, Outcomes]) -> dict[str, tuple[Rates, ...]]:
    return {
        name: rates(
            found, is_malicious=True, group=lambda sample: sample.surface if sample.source in OWN else ""
        )
        for name, found in outcomes.items()
    }


def _rate_table(title: str, found: Mapping[str, Sequence[Rates]]) -> Iterator[str]:
    """Yields a table in percent of the group; the last column is Tank's blocked over the peer's."""
    if not any(found.values()):
        return
    own, peer = found[TANK], found.get(PEER, ())
    yield f"\n### {title}\n"
    yield "| | skills | blocked | flagged | ≥ medium | peer blocked | peer ≥ medium | blocked, Tank / peer |"
    yield "|---|---|---|---|---|---|---|---|"
    theirs = {one.group: one for one in peer}
    for one in own:
        other = theirs.get(one.group)
        peer_cells = (
            [_percent(other.blocked, other.count), _percent(other.medium, other.count)] if other else ["", ""]
        )
        cells = [
            one.group + _failed(one) + (_failed(other, "peer ") if other else ""),
            str(one.count),
            *(_percent(number, one.count) for number in (one.blocked, one.flagged, one.medium)),
            *peer_cells,
            _ratio(one.blocked, other.blocked) if other else "",
        ]
        yield f"| {' | '.join(cells)} |"


def _planted_table(found: Mapping[str, Sequence[Planted]]) -> Iterator[str]:
    yield "\n### Planted in an honest skill, and newly seen\n"
    yield "| | pairs | newly blocked | newly ≥ medium | peer newly blocked | peer newly ≥ medium |"
    yield "|---|---|---|---|---|---|"
    theirs = {one.group: one for one in found.get(PEER, ())}
    for one in found[TANK]:
        cells = [one.group, str(one.count)]
        for pair in (one, theirs.get(one.group)):
            cells += (
                [_percent(n, pair.count) for n in (pair.newly_blocked, pair.newly_medium)]
                if pair
                else ["", ""]
            )
        yield f"| {' | '.join(cells)} |"


def _cost_table(found: Mapping[str, Cost]) -> Iterator[str]:
    yield "\n### Cost per skill, warm, one after the other\n"
    yield "| | skills | s median | s p95 | s worst | MiB median | MiB worst |"
    yield "|---|---|---|---|---|---|---|"
    for name, one in found.items():
        seconds = (f"{value:.3f}" for value in (one.seconds_median, one.seconds_p95, one.seconds_worst))
        yield f"| {name} | {one.count} | {' | '.join(seconds)} | {one.mib_median:.0f} | {one.mib_worst:.0f} |"
    if TANK in found and PEER in found:
        own, peer = asdict(found[TANK]), asdict(found[PEER])
        ratios = [_ratio(own[key], peer[key]) for key in own if key != "count"]
        yield f"| Tank / peer | | {' | '.join(ratios)} |"


def _failed(one: Rates, whose: str = "") -> str:
    return f" ({whose}failed on {one.errors})" if one.errors else ""


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def _ratio(own: float, peer: float) -> str:
    return f"{own / peer:.2f}" if peer else "–"
