from __future__ import annotations

import pytest

from tank_core.analysis.detectors import DETECTORS, SCANNER_DETECTORS
from tank_core.analysis.rules import RuleError, load
from tests.support.semgrep_once import rule_set

GOOD = """\
id: demo
title: Demo
category: hidden-subprocess
severity: low
confidence: high
taxonomy: [CWE-506]
why: Why.
fix: Fix.
cannot_see: Nothing.
engine: detector
detector: programs
"""


def test_rule_is_read() -> None:
    (rule,) = load({"demo/rule.yaml": GOOD.encode(), "demo/bad.py": b"x"}).rules
    assert (rule.id, rule.detector, rule.taxonomy) == ("demo", "programs", ("CWE-506",))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD.replace("id: demo", "id: other"), id="id is not the folder"),
        pytest.param(GOOD.replace("severity: low", "severity: bad"), id="severity"),
        pytest.param(GOOD.replace("confidence: high", "confidence: sure"), id="confidence"),
        pytest.param(GOOD.replace("hidden-subprocess", "other"), id="category"),
        pytest.param(GOOD + "typo: 1\n", id="unknown key"),
        pytest.param(GOOD.replace("why: Why.\n", ""), id="missing key"),
        pytest.param(GOOD + "semgrep: [{languages: [python]}]\n", id="two engines"),
        pytest.param(GOOD.replace("engine: detector", "engine: semgrep"), id="engine without its patterns"),
        pytest.param("- a\n", id="not an object"),
        pytest.param("a: [", id="not YAML"),
    ],
)
def test_malformed_rule_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        load({"demo/rule.yaml": text.encode()})


def test_no_rules_is_an_error() -> None:
    with pytest.raises(RuleError):
        load({})


def test_every_detector_has_a_rule_and_every_rule_a_detector() -> None:
    named = {rule.detector for rule in rule_set().rules if rule.detector}
    assert named == set(DETECTORS) | SCANNER_DETECTORS
