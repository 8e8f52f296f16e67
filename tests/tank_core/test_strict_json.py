"""Strict JSON: what two readers could understand differently is refused, with its place."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings

from tank_core.strict_json import MAX_DEPTH, MalformedJsonError, key_lines, parse_json
from tests.support.strategies_core import json_values


def parse(data: bytes) -> object:
    return parse_json(data, what="x.json", max_bytes=1_000_000)


@settings(deadline=None)
@given(json_values)
def test_every_value_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    for data in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False, indent=1).encode()):
        assert parse(data) == json.loads(data)


@pytest.mark.parametrize(
    ("data", "line", "column", "word"),
    [
        (b"", 1, 1, "Expecting value"),
        (b"{}x", 1, 3, "Extra data"),
        (b'{"a": 1,}', 1, 0, "double quotes"),
        (b"// no\n{}", 1, 1, "Expecting"),
        (b'{\n "a": 1,\n "a": 2}', 3, 2, "twice"),
        (b'{"a": {"b": 1, "b": 2}, "a": 3}', 1, 16, "twice"),
        (b'{"a": 1, "\\u0061": 2}', 1, 10, "twice"),
        (b'{"}": [{"]": 1}], "k": 1, "k": 2}', 1, 27, "twice"),
        (b'{\n"a": 1e999}', 2, 6, "1e999"),
        (b'{"NaN": NaN}', 1, 9, "NaN"),
        (b"[-Infinity]", 1, 2, "-Infinity"),
        (b"[9007199254740992]", 1, 2, "9007199254740992"),
        (b"[" + b"9" * 5000 + b"]", 1, 2, "999"),
        (b'{"a":\n"\xff"}', 2, 2, "not UTF-8"),
        (b'"\xed\xa0\x80"', 1, 2, "not UTF-8"),
        (b"\xef\xbb\xbf{}", 1, 1, "byte order mark"),
        (b'{"a": "\x00"}', 1, 8, "control character"),
        ('{"a": 1}'.encode("utf-16"), 1, 1, "not UTF-8"),
        (b'["\\ud800"]', 0, 0, "surrogate"),
        (b'{"\\udc00x": 1}', 0, 0, "surrogate"),
        (b"[" * 65 + b"]" * 65, 0, 0, "64 levels"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, 0, 0, "64 levels"),
        (b"[" * 200_000, 0, 0, "64 levels"),
        (b" " * 1_000_001, 0, 0, "limit"),
    ],
)
def test_hostile_bytes_are_refused_with_their_place(data: bytes, line: int, column: int, word: str) -> None:
    with pytest.raises(MalformedJsonError) as caught:
        parse(data)
    assert word in caught.value.why
    assert caught.value.line == line
    assert column in (0, caught.value.column)
    assert caught.value.fix


def test_brackets_in_texts_are_no_depth() -> None:
    assert parse(json.dumps(["[" * 500 + "\\" + '"']).encode()) == ["[" * 500 + "\\" + '"']
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize(
    "data",
    [
        b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b',"k0":2}',
        b'["' + b"\\\\" * 400_000,
        b"[" + b"[]," * 300_000 + b"1]",
        b'{"a":"' + b"[" * 900_000 + b'","a":1}',
    ],
    ids=["many keys", "backslashes", "many lists", "long text"],
)
def test_large_hostile_input_takes_linear_time(data: bytes) -> None:
    started = time.process_time()
    with suppress(MalformedJsonError):
        parse(data)
    assert time.process_time() - started < 5  # quadratic code takes minutes


def test_lines_of_keys_are_those_of_the_text() -> None:
    text = '{\n "a": {"b": 1,\n  "c": [{"x": 1}]},\n "d": {\n  "@o/n": 2}\n}'
    assert key_lines(text) == {"a": 2, "a.b": 2, "a.c": 3, "d": 4, "d.@o/n": 5}
