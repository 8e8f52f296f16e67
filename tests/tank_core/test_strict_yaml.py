"""Strict YAML: texts, lists and mappings, and nothing that two readers read differently."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.strict_yaml import MAX_YAML_LENGTH, InvalidYamlError, YamlValue, parse_yaml


def test_every_scalar_stays_text() -> None:
    text = "a: no\nb: 1.0\nc: null\nd: 2024-01-01\ne: 0o17\nf:\ng: '1'\nh: |\n  x\n  y\ni: [true, ~]\n'<<': {x: 1}"
    assert parse_yaml(text) == {
        "a": "no", "b": "1.0", "c": "null", "d": "2024-01-01", "e": "0o17", "f": "", "g": "1", "h": "x\ny\n",
        "i": ["true", "~"], "<<": {"x": "1"},
    }  # fmt: skip


def test_the_empty_text_is_empty() -> None:
    assert parse_yaml("") == parse_yaml("# nothing\n") == ""


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: &x 1\nb: *x", 1, "anchor"),
        ("a: 1\nb: *x", 2, "alias"),
        ("a: !!python/object/apply:os.system [id]", 1, "tag"),
        ("a: 1\nb: !!str 2", 2, "tag"),
        ("!x\na: 1", 1, "tag"),
        ("a: 1\nb: 2\na: 3", 3, "twice"),
        ("a: {b: 1, 'b': 2}", 1, "twice"),
        ("a: 1\n---\nb: 2", 2, "more than one document"),
        ("a: 1\n...\n---\nb: 2", 3, "more than one document"),
        ("%YAML 1.1\n---\na: 1", 1, "directive"),
        ("%TAG ! tag:x.example,2024:\n---\na: 1", 1, "directive"),
        ("? [a]\n: 1", 1, "key"),
        ("{{a: 1}: 2}", 1, "key"),
        ("a: [1, 2", 1, "expected"),
        ("a: 'open", 1, "end of stream"),
        ("a:\n\t- 1", 2, "cannot start any token"),
        ("a: 1\n b: 2", 2, "mapping values"),
        ("a: \x07", 0, "character"),
        ("a: \x00", 0, "character"),
        ("a: 1\u2028b: 2", 1, "line break"),
        ("a: 1\n\x85b: 2", 2, "line break"),
        ("a: 1\rb: 2", 1, "line break"),
        ("a: " + "[" * 9 + "]" * 9, 1, "nested"),
        ("[" * 60_000, 1, "nested"),
        ("- 1\n" * 2001, 2000, "more than 2000"),
        ("a" * (MAX_YAML_LENGTH + 1), 0, "limit"),
    ],
)
def test_what_is_outside_the_safe_part_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(InvalidYamlError) as caught:
        parse_yaml(text)
    assert word.lower() in caught.value.why.lower()
    assert caught.value.line == line


def test_crlf_is_one_line_break() -> None:
    assert parse_yaml("a: 1\r\nb: 2\r\n") == {"a": "1", "b": "2"}


_WORDS = st.text("abc -:#[]{}'\"!&*%@`\n0123", max_size=8)
_TREES: st.SearchStrategy[YamlValue] = st.recursive(
    _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(_WORDS, _TREES, max_size=3))
def test_what_pyyaml_writes_is_read_back(value: dict[str, YamlValue]) -> None:
    assert parse_yaml(yaml.safe_dump(value, default_style='"'), max_depth=20) == value


@settings(deadline=None, max_examples=300)
@given(st.text("ab:-[]{}'\"!&*%?|>\n\r\t #,0\x00\x85\u2028\ufeff", max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(InvalidYamlError):
        parse_yaml(text)


@pytest.mark.parametrize(
    "text", ["? " * 32_000, "- " * 32_000, "a: " * 20_000, "{a: " * 16_000, "'" * 65_000, "|\n" * 30_000]
)
def test_large_hostile_text_ends_in_bounded_time(text: str) -> None:
    started = time.process_time()
    with suppress(InvalidYamlError):
        parse_yaml(text)
    assert time.process_time() - started < 10
