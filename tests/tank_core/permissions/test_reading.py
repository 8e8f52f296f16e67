from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.permissions import (
    ANY_PROGRAM,
    NONE,
    Access,
    Entry,
    InvalidPermissionsError,
    PermissionSet,
    entries,
)
from tank_core.permissions.reading import MAX_ENTRIES, MAX_ENTRY_LENGTH
from tests.support.strategies_permissions import permission_sets

WHERE = "skills.json: capabilities"


def problems_of(value: object) -> dict[str, str]:
    with pytest.raises(InvalidPermissionsError) as caught:
        PermissionSet.from_json(value, WHERE)
    return {problem.where.removeprefix(WHERE): problem.what for problem in caught.value.problems}


def test_the_documented_example_is_read_and_written_alike() -> None:
    value = {
        "network": {"outbound": ["*.example.com:443", "api.github.com"], "inbound": ["127.0.0.1:8080"]},
        "filesystem": {"read": ["./src/**"], "write": ["./out/**"]},
        "subprocess": ["git", "jq"],
        "secrets": ["GITHUB_TOKEN"],
    }
    assert PermissionSet.from_json(value, WHERE).to_json() == value


def test_absent_is_none() -> None:
    assert PermissionSet.from_json({}, WHERE) == NONE
    assert PermissionSet.from_json({"network": {}, "subprocess": [], "secrets": []}, WHERE) == NONE
    assert NONE.to_json() == {}


def test_true_is_any_program() -> None:
    assert PermissionSet.from_json({"subprocess": True}, WHERE).subprocess is ANY_PROGRAM


def test_entries_are_canonical_sorted_and_unique() -> None:
    value = {
        "filesystem": {"read": ["./b", "./a//", "./a"]},
        "network": {"outbound": ["B.example", "a.example"]},
    }
    read = PermissionSet.from_json(value, WHERE)
    assert read.filesystem_read == ("./a", "./b")
    assert read.network_outbound == ("a.example", "b.example")


def test_every_problem_is_reported_with_its_place() -> None:
    value = {
        "netwrok": {},
        "network": {"outbound": ["https://a.example", "a.example", "127.1"], "inbound": "127.0.0.1"},
        "filesystem": {"raed": [], "write": ["../a"]},
        "subprocess": ["/bin/sh"],
        "secrets": [1],
    }
    assert set(problems_of(value)) == {
        "",
        ".network.outbound[0]",
        ".network.outbound[2]",
        ".network.inbound",
        ".filesystem",
        ".filesystem.write[0]",
        ".subprocess[0]",
        ".secrets[0]",
    }


def test_an_unknown_key_suggests_the_nearest() -> None:
    with pytest.raises(InvalidPermissionsError) as caught:
        PermissionSet.from_json({"netwrok": {}}, WHERE)
    assert caught.value.problems[0].fix == "did you mean network?"
    assert "skills.json: capabilities has 1 problem" in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "network", True, 1])
def test_anything_but_an_object_is_refused(value: object) -> None:
    assert problems_of(value) == {"": "is not an object"}


@pytest.mark.parametrize("value", [None, False, {}, "git", 1])
def test_subprocess_is_a_list_or_true(value: object) -> None:
    assert problems_of({"subprocess": value}) == {".subprocess": "is not a list of strings"}


@pytest.mark.parametrize("name", ["git status", "./run", "C:\\a", "*", "-rf", "", "a\nb", "ｇit"])
def test_a_program_is_a_plain_name(name: str) -> None:
    assert ".subprocess[0]" in problems_of({"subprocess": [name]})


@pytest.mark.parametrize("name", ["1A", "A B", "A-B", "*", "AWS_*", "$A", "A=1", "É"])
def test_a_secret_is_the_name_of_an_environment_variable(name: str) -> None:
    assert ".secrets[0]" in problems_of({"secrets": [name]})


def test_a_list_and_an_entry_have_limits() -> None:
    longest = [f"V{number}" for number in range(MAX_ENTRIES)]
    assert len(PermissionSet.from_json({"secrets": longest}, WHERE).secrets) == MAX_ENTRIES
    assert ".secrets" in problems_of({"secrets": [*longest, "ONE_MORE"]})
    PermissionSet.from_json({"secrets": ["A" * MAX_ENTRY_LENGTH]}, WHERE)
    assert ".secrets[0]" in problems_of({"secrets": ["A" * (MAX_ENTRY_LENGTH + 1)]})


def test_hostile_text_is_escaped_in_problems() -> None:
    (what,) = problems_of({"subprocess": ["\x1b[31m"]}).values()
    assert "\x1b" not in what


def test_entries_say_what_to_type() -> None:
    shown = [
        entry.json_line
        for entry in entries(PermissionSet(("a.example",), (), ("./a",), (), ANY_PROGRAM, ("B",)))
    ]
    assert shown == [
        '"network": {"outbound": ["a.example"]}',
        '"filesystem": {"read": ["./a"]}',
        '"subprocess": true',
        '"secrets": ["B"]',
    ]
    assert Entry(Access.SUBPROCESS, "git").json_line == '"subprocess": ["git"]'
    assert Entry(Access.FILESYSTEM_READ, './a"b').json_line == '"filesystem": {"read": ["./a\\"b"]}'


def test_a_single_text_in_the_place_of_a_list_is_answered_with_the_list_to_write() -> None:
    with pytest.raises(InvalidPermissionsError) as caught:
        PermissionSet.from_json({"secrets": "A_TOKEN"}, WHERE)
    assert caught.value.fix == 'write ["A_TOKEN"]'


@given(permission_sets)
def test_json_round_trip(permissions: PermissionSet) -> None:
    assert PermissionSet.from_json(permissions.to_json(), WHERE) == permissions


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["network", "filesystem", "outbound", "read", "subprocess", "secrets", "x"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_value_is_read_or_refused(value: object) -> None:
    try:
        read = PermissionSet.from_json(value, WHERE)
    except InvalidPermissionsError:
        return
    assert PermissionSet.from_json(read.to_json(), WHERE) == read
