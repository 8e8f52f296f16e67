from __future__ import annotations

import sys

import pytest

from benchmarks.scan.outcome import Outcome
from benchmarks.scan.samples import Sample
from benchmarks.scan.workers import measured

SCANNER = """
import os
from benchmarks.scan.serving import serve

def scan(folder):
    text = (folder / "SKILL.md").read_text()
    print("this is no answer")
    if "dies" in text:
        os._exit(3)
    if "raises" in text:
        raise ValueError("cannot read it")
    return {"blocked": "bad" in text, "flagged": "bad" in text, "medium": True}

serve(scan)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")


def skill(text: str) -> Sample:
    return Sample(text, "corpus", "cat", True, {"SKILL.md": f"---\nname: {text}\n---\n".encode()})


def test_a_scanner_that_fails_or_dies_on_one_skill_answers_for_the_others():
    samples = [skill(text) for text in ("fine", "raises", "dies", "bad")]
    found = measured((sys.executable, "-c", SCANNER), samples)
    assert [found[sample].outcome for sample in samples] == [
        Outcome(is_medium=True),
        Outcome(error="ValueError: cannot read it"),
        Outcome(error="the scanner died or ran out of time"),
        Outcome(is_blocked=True, is_flagged=True, is_medium=True),
    ]
    assert found[samples[0]].seconds > 0
    assert found[samples[0]].peak_bytes > 1024 * 1024
