from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.permissions.paths import MAX_SEGMENTS, MAX_WILDCARDS, PathPattern
from tank_core.permissions.refusal import InvalidEntryError
from tests.support.strategies_permissions import path_patterns


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("./src/**", "./src/**"),
        ("./src//a/./b/", "./src/a/b"),
        ("./", "./"),
        (".", "./"),
        ("~", "~/"),
        ("/", "/"),
        ("/etc/hosts", "/etc/hosts"),
        ("skill:/data/*.json", "skill:/data/*.json"),
        ("./**/**/a", "./**/a"),
        ("./**/*", "./*/**"),
        ("./**/*/**/*/a", "./*/*/**/a"),
        ("./cafe\u0301", "./caf\u00e9"),
        ("./...", "./..."),
    ],
)
def test_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(PathPattern.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("src/**", "relative to"),
        ("C:/Users", "relative to"),
        ("~root/.ssh", "relative to"),
        ("skill:data", "relative to"),
        ("", "relative to"),
        ("./../secret", ".. segment"),
        ("./a/..", ".. segment"),
        (".\\src", "backslash"),
        ("./a**", "beside other"),
        ("./***", "beside other"),
        ("./a?", "do not know"),
        ("./[ab]", "do not know"),
        ("./{a,b}", "do not know"),
        ("./a\0b", "control character"),
        ("./a\u202eb", "control character"),
        ("./a\u200bb", "control character"),
        ("./a\nb", "control character"),
        ("./" + "*a" * (MAX_WILDCARDS + 1), "wildcards"),
        ("." + "/a" * (MAX_SEGMENTS + 1), "segments"),
    ],
)
def test_refuses_what_readers_would_read_differently(text: str, what: str) -> None:
    with pytest.raises(InvalidEntryError, match=what):
        PathPattern.parse(text)


@pytest.mark.parametrize("outer", ["./**", "skill:/**", "~/**", "/**"])
@pytest.mark.parametrize("inner", ["./a", "skill:/a", "~/a", "/a"])
def test_roots_never_contain_each_other(outer: str, inner: str) -> None:
    pattern, other = PathPattern.parse(outer), PathPattern.parse(inner)
    assert pattern.contains(other) == (pattern.root == other.root)


def test_matches_paths_of_its_own_root_only() -> None:
    pattern = PathPattern.parse("./src/*.py")
    assert pattern.matches("./src/a.py")
    assert pattern.matches("./src//./a.py")
    assert not pattern.matches("/src/a.py")
    assert not pattern.matches("src/a.py")
    assert not pattern.matches("./src/a/b.py")


@pytest.mark.parametrize("path", ["./src/../secret", "./src\\a", "./src/a\0", "src", ""])
def test_an_unresolved_path_is_nobodys(path: str) -> None:
    assert not PathPattern.parse("./**").matches(path)


def test_a_star_in_a_path_is_only_a_character() -> None:
    assert PathPattern.parse("./*").matches("./*")
    assert not PathPattern.parse("./a").matches("./*")


def test_case_and_hidden_files_are_matched_by_character() -> None:
    assert PathPattern.parse("./*").matches("./.env")
    assert not PathPattern.parse("./readme").matches("./README")


def test_composed_and_decomposed_letters_are_the_same_name() -> None:
    assert PathPattern.parse("./caf\u00e9").matches("./cafe\u0301")


@given(path_patterns())
def test_parsing_the_canonical_form_changes_nothing(text: str) -> None:
    assert str(PathPattern.parse(text)) == text


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        pattern = PathPattern.parse("./" + text)
    except InvalidEntryError:
        return
    assert PathPattern.parse(str(pattern)) == pattern
