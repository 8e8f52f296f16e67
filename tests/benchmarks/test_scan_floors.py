"""What analysis must go on finding in the corpus, and must go on leaving alone.

The floors are what the engine reaches; a change that raises a figure raises its floor.
They say nothing of skills outside the corpus: ``make bench-scan --samples`` does.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.scan import figures, own
from benchmarks.scan.outcome import Outcome
from benchmarks.scan.samples import Sample, corpus
from tests.support.semgrep_once import SEMGREP

# At least this share of the malicious skills (without the planted ones) is blocked, flagged, medium, in percent.
# What nobody has read who writes rules is the fairer figure, and the lower one.
MALICIOUS = {"corpus": (90.0, 92.0, 95.0), "unread": (52.0, 56.0, 56.0)}
# At most so many honest skills.
HONEST_BLOCKED, HONEST_FLAGGED, HONEST_MEDIUM = 0, 4, 7
# At least this share of planted attacks is newly blocked, in percent.
NEWLY_BLOCKED = {
    "corpus": {"planted-obvious": 97.0, "planted-subtle": 78.0},
    "unread": {"planted-obvious": 60.0, "planted-subtle": 20.0},
}

pytestmark = pytest.mark.skipif(not SEMGREP.exists(), reason="semgrep is not set up")


@pytest.fixture(scope="module")
def outcomes() -> Mapping[Sample, Outcome]:
    return own.outcomes(corpus())


def test_every_skill_of_the_corpus_can_be_analysed(outcomes):
    assert {sample.id: one.error for sample, one in outcomes.items() if one.error} == {}


def test_malicious_skills_are_found(outcomes):
    found = figures.rates(
        outcomes, is_malicious=True, group=lambda sample: "" if sample.base else sample.source
    )
    reached = {
        one.group: tuple(100 * number / one.count for number in (one.blocked, one.flagged, one.medium))
        for one in found
    }
    assert {
        source: reached[source]
        for source, floors in MALICIOUS.items()
        if any(r < floor for r, floor in zip(reached[source], floors, strict=True))
    } == {}


def test_honest_skills_are_left_alone(outcomes):
    honest = {sample.id: one for sample, one in outcomes.items() if not sample.is_malicious}
    blocked = sorted(name for name, one in honest.items() if one.is_blocked)
    flagged = sorted(name for name, one in honest.items() if one.is_flagged)
    medium = sorted(name for name, one in honest.items() if one.is_medium)
    assert len(blocked) <= HONEST_BLOCKED, blocked
    assert len(flagged) <= HONEST_FLAGGED, flagged
    assert len(medium) <= HONEST_MEDIUM, medium


def test_an_attack_planted_in_an_honest_skill_is_newly_blocked(outcomes):
    for source, floors in NEWLY_BLOCKED.items():
        chosen = {
            sample: one for sample, one in outcomes.items() if not sample.base or sample.source == source
        }
        reached = {one.group: 100 * one.newly_blocked / one.count for one in figures.planted(chosen)}
        assert {name: reached[name] for name in floors if reached[name] < floors[name]} == {}, source
