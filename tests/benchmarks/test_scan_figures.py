from __future__ import annotations

import pytest

from benchmarks.scan import figures, tables
from benchmarks.scan.outcome import Outcome, outcome_of
from benchmarks.scan.samples import Sample
from benchmarks.scan.workers import Measured
from tank_core.findings import Confidence, Finding, Severity

BLOCKED = Outcome(is_blocked=True, is_flagged=True, is_medium=True)
MEDIUM = Outcome(is_medium=True)


def sample(name: str, *, malicious: bool, base: str = "") -> Sample:
    return Sample(name, "corpus", "planted-x" if base else "cat", malicious, {}, base=base)


def test_a_planted_attack_counts_only_when_its_base_is_left_alone():
    outcomes = {
        sample("clean", malicious=False): Outcome(),
        sample("suspected", malicious=False): BLOCKED,
        sample("one", malicious=True, base="clean"): BLOCKED,
        sample("two", malicious=True, base="suspected"): BLOCKED,
        sample("three", malicious=True, base="clean"): MEDIUM,
    }
    assert figures.planted(outcomes) == (figures.Planted("planted-x", 3, newly_blocked=1, newly_medium=2),)


def test_rates_count_a_label_and_leave_out_nameless_groups():
    outcomes = {
        sample("a", malicious=True): BLOCKED,
        sample("b", malicious=True): MEDIUM,
        sample("c", malicious=True): Outcome(error="broken"),
        sample("d", malicious=False): BLOCKED,
        sample("e", malicious=True): BLOCKED,
    }
    found = figures.rates(outcomes, is_malicious=True, group=lambda one: "" if one.id == "e" else "g")
    assert found == (figures.Rates("g", 3, blocked=1, flagged=1, medium=2, errors=1),)


def test_cost_is_median_p95_and_worst():
    seconds = [float(number) for number in range(1, 101)]
    cost = figures.cost(Measured(Outcome(), value, int(value) * figures.MIB) for value in seconds)
    assert (cost.count, cost.seconds_median, cost.seconds_p95, cost.seconds_worst) == (100, 50.5, 96.0, 100.0)
    assert (cost.mib_median, cost.mib_worst) == (50.5, 100.0)


@pytest.mark.parametrize(("count", "expected"), [(0, 10), (5, 5), (3, 4), (100, 10)])
def test_spread_takes_samples_at_even_distances(count, expected):
    assert len(figures.spread([sample(str(n), malicious=True) for n in range(10)], count)) == expected


@pytest.mark.parametrize(
    ("severity", "confidence", "outcome"),
    [
        (Severity.CRITICAL, Confidence.HIGH, BLOCKED),
        (Severity.HIGH, Confidence.LOW, Outcome(is_flagged=True, is_medium=True)),
        (Severity.LOW, Confidence.HIGH, Outcome()),
    ],
)
def test_outcome_follows_the_verdict(severity, confidence, outcome):
    finding = Finding("a.md", 1, "rule", "category", severity, confidence, "t", "e", "w", "f")
    assert outcome_of([finding]) == outcome


def test_report_has_tank_beside_the_peer():
    one, honest = sample("a", malicious=True), sample("h", malicious=False)
    outcomes = {tables.TANK: {one: BLOCKED, honest: Outcome()}, tables.PEER: {one: MEDIUM, honest: BLOCKED}}
    costs = {name: {one: Measured(Outcome(), 0.5, figures.MIB)} for name in outcomes}
    lines = list(tables.lines(outcomes, costs))
    assert "| corpus | 1 | 100.0 | 100.0 | 100.0 | 0.0 | 100.0 | – |" in lines
    assert "| Tank / peer | | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 |" in lines
    document = tables.document(outcomes, costs)
    assert [item["id"] for item in document["samples"]] == ["a", "h"]
