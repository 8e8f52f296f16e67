"""Canonical JSON: one value, one sequence of bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.canonical import compact, pretty
from tests.support.strategies_core import json_values


def test_pretty_sorts_every_level_and_ends_with_a_newline() -> None:
    value = {"b": [{"z": 1, "a": "é"}], "a": {}}
    assert (
        pretty(value)
        == '{\n  "a": {},\n  "b": [\n    {\n      "a": "é",\n      "z": 1\n    }\n  ]\n}\n'.encode()
    )


def test_compact_has_no_white_space() -> None:
    assert compact({"b": [1, 2.5, None, True], "a": "x y"}) == b'{"a":"x y","b":[1,2.5,null,true]}'


@settings(deadline=None)
@given(json_values)
def test_both_forms_are_read_back_as_the_same_value(value: Any) -> None:
    assert json.loads(compact(value)) == value
    assert json.loads(pretty(value)) == value


@settings(deadline=None)
@given(st.dictionaries(st.text(), json_values, min_size=2))
def test_the_order_of_keys_changes_nothing(value: dict[str, Any]) -> None:
    assert compact(dict(reversed(value.items()))) == compact(value)


_BASIC_PLANE = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))


@settings(deadline=None)
@given(st.dictionaries(_BASIC_PLANE, _BASIC_PLANE | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans()))
def test_without_floats_and_rare_keys_it_is_rfc_8785(value: dict[str, Any]) -> None:
    assert compact(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), [-float("inf")], {1: "a"}, {"a": {None: 1}}, [{True: 1}], "\ud800",
    {"\udc00": 1}, b"x", {1, 2}],
)  # fmt: skip
def test_what_has_no_one_form_is_refused(value: object) -> None:
    for form in (compact, pretty):
        with pytest.raises(ValueError, match=r"no canonical JSON form|not JSON compliant"):
            form(value)
