"""The reader: it goes on after a problem, and says where each one is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tank_core.errors import Problem
from tank_core.shape import Reader, kind
from tank_core.spdx import check_license


def reader_of(value: object) -> tuple[Reader, list[Problem]]:
    problems: list[Problem] = []
    return Reader.of(value, "x.json", problems), problems


@pytest.mark.parametrize(
    ("read", "value", "empty"),
    [
        (lambda r: r.required_string("k"), 1, ""),
        (lambda r: r.required_string("k"), "", ""),
        (lambda r: r.required_string("k"), "a\nb", ""),
        (lambda r: r.required_string("k"), "a\u2028b", ""),
        (lambda r: r.optional_string("k"), None, None),
        (lambda r: r.optional_string("k", max_length=3), "abcd", None),
        (lambda r: r.optional_string("k", is_one_line=False), "a\x1b", None),
        (lambda r: r.strings("k"), "a", ()),
        (lambda r: r.strings("k", max_items=1), ["a", "b"], ()),
        (lambda r: r.strings("k"), [1], ()),
        (lambda r: r.object("k").values, [], {}),
        (lambda r: r.boolean("k"), 1, False),
        (lambda r: r.integer("k"), 1.0, 0),
        (lambda r: r.integer("k"), True, 0),
        (lambda r: r.integer("k", minimum=2), 1, 2),
        (lambda r: r.optional_number("k", minimum=0, maximum=10), None, None),
        (lambda r: r.optional_number("k", minimum=0, maximum=10), False, None),
        (lambda r: r.parsed("k", check_license), "Mine", None),
    ],
)
def test_a_wrong_value_is_one_problem_and_reads_as_empty(
    read: Callable[[Reader], object], value: object, empty: object
) -> None:
    reader, problems = reader_of({"k": value})
    assert read(reader) == empty
    assert [problem.where.partition("[")[0] for problem in problems] == ["x.json: k"]
    assert problems[0].fix


def test_right_values_are_read_without_a_problem() -> None:
    reader, problems = reader_of(
        {"s": "a", "t": "a\n\tb", "l": ["a"], "o": {"x": 1}, "b": True, "i": 2, "n": 2.5, "z": None}
    )
    assert reader.required_string("s") == "a"
    assert reader.optional_string("t", is_one_line=False) == "a\n\tb"
    assert reader.optional_string("absent") is None
    assert reader.strings("l") == ("a",)
    assert reader.object("o").integer("x") == 1
    assert reader.boolean("b") is True
    assert reader.integer("i") == 2
    assert reader.optional_number("n", minimum=0, maximum=3) == 2.5
    assert reader.optional_number("z", minimum=0, maximum=3, is_nullable=True) is None
    assert problems == []


def test_a_missing_key_says_what_to_add() -> None:
    reader, problems = reader_of({})
    reader.required_string("name", example="@acme/pdf")
    assert problems == [Problem("x.json: name", "is missing", 'Add "name": "@acme/pdf".')]


def test_an_unknown_key_suggests_the_nearest_or_lists_all() -> None:
    reader, problems = reader_of({"versoin": 1, "qqq": 1, "moved": 1, "v" * 1000: 1})
    reader.reject_unknown(["version", "name"], {"moved": "It moved."})
    fixes = {problem.where.removeprefix("x.json: ")[:7]: problem.fix for problem in problems}
    assert fixes["moved"] == "It moved."
    assert fixes["versoin"] == "Did you mean “version”?"
    assert fixes["qqq"] == "Remove it. Known keys: name, version."
    assert len(problems) == 4


def test_the_place_of_a_nested_problem_names_every_key() -> None:
    reader, problems = reader_of({"a": {"b": {"c": 1}}})
    reader.object("a").object("b").required_string("c")
    assert problems[0].where == "x.json: a.b.c"


def test_a_hostile_key_is_escaped_in_the_place() -> None:
    reader, problems = reader_of({"\x1b[31m": 1})
    reader.reject_unknown(["name"])
    assert "\x1b" not in problems[0].where


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "a", [], object()])
def test_what_is_not_an_object_is_one_problem(value: object) -> None:
    reader, problems = reader_of(value)
    assert reader.values == {}
    assert kind(value) in problems[0].what
