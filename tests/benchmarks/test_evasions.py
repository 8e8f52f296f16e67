"""What the rules find must be found when it is written otherwise; a sample of ``make bench-evasions``."""

from __future__ import annotations

import ast
from random import Random

import pytest

from benchmarks.scan import evasions
from benchmarks.scan.evading import other_languages
from tests.support.semgrep_once import SEMGREP

# At least this share of a random sample is still caught, in percent.
CAUGHT = 93.0
_SAMPLE = 120


@pytest.fixture(scope="module")
def matrix() -> tuple[list[evasions.Case], list[evasions.Case]]:
    originals = list(evasions.bad_samples())
    return originals, list(evasions.rewritten(originals))


def test_every_way_changes_some_sample(matrix):
    _, others = matrix
    unused = {evasion.name for evasion in evasions.EVASIONS} - {case.evasion for case in others}
    assert unused <= {"config: escapes"}


def test_same_seed_gives_the_same_texts(matrix):
    originals, others = matrix
    again = list(evasions.rewritten(originals[:5]))
    assert [case.files for case in again] == [case.files for case in others[: len(again)]]


def test_rewritten_python_is_python(matrix):
    _, others = matrix
    for case in others:
        if case.evasion.startswith("python: ") and case.rule_id != "partial-parse":
            for path, text in case.files.items():
                if path.endswith(".py"):
                    ast.parse(text)


@pytest.mark.parametrize("act", sorted(other_languages.ACTS))
def test_each_act_is_written_in_ten_languages(act):
    assert len(other_languages.ACTS[act]) >= 10


@pytest.mark.skipif(not SEMGREP.exists(), reason="semgrep is not set up")
def test_rewritten_samples_are_still_caught(matrix):
    originals, others = matrix
    chosen = Random(evasions.SEED).sample(others, _SAMPLE)  # noqa: S311
    wanted = {(case.rule_id, case.sample) for case in chosen}
    found = list(evasions.results([c for c in originals if (c.rule_id, c.sample) in wanted], chosen))
    missed = [(one.case.rule_id, one.case.evasion) for one in found if not one.is_caught]
    assert 100 * (len(found) - len(missed)) / len(found) >= CAUGHT, missed


@pytest.mark.skipif(not SEMGREP.exists(), reason="semgrep is not set up")
def test_acts_are_caught_in_every_language():
    assert [(act, path) for act, path, is_caught in evasions.translated() if not is_caught] == []
