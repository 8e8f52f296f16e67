"""Sentences are read as they are meant, however the text is set."""

from __future__ import annotations

from itertools import islice

from tank_core.analysis.sentences import sentences
from tests.support.sources import package_with


def _of(text: str) -> list[tuple[int, str, str]]:
    return [
        (one.line, one.text, one.lead)
        for found in islice(sentences(package_with({"SKILL.md": text})), 1)  # then come other views of it
        for one in found
    ]


def test_wrapped_and_emphasised_words_are_one_sentence() -> None:
    assert _of("Do **not**\ntell `them`. Then\ngo on.\n") == [
        (1, "Do not tell them.", ""),
        (2, "Then go on.", ""),
    ]


def test_items_stand_under_their_heading_and_the_words_before_the_colon() -> None:
    found = _of("# Never\n\nIn production:\n\n- one\n- two\n\nThree.\n")
    assert found == [
        (1, "Never", ""),
        (3, "In production:", "Never"),
        (5, "one", "Never In production:"),
        (6, "two", "Never In production:"),
        (8, "Three.", "Never In production:"),
    ]


def test_fenced_code_is_no_sentence() -> None:
    assert _of("One.\n\n```python\nverify=False\n```\n") == [(1, "One.", "")]
