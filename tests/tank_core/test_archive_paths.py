"""Which paths may be in a package."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.archive import (
    ArchiveDuplicatePathError,
    ArchiveForbiddenEntryError,
    check_path,
    check_paths,
)
from tank_core.archive.header import read_header, render_header
from tank_core.archive.paths import (
    MAX_DEPTH,
    MAX_PATH_BYTES,
    MAX_SEGMENT_BYTES,
    _complaint,
    _complaint_of_rules,
)

GOOD = [
    "SKILL.md",
    "scripts/run.sh",
    ".hidden/file",
    "references/Ünïcode.md",
    "資料/日本語.md",
    "assets/a b (1).png",
    "nulls.txt",
    "console/x",
    "a..b/...c",
    "/".join("a" * MAX_DEPTH),
    "a" * MAX_SEGMENT_BYTES,
]


@pytest.mark.parametrize("path", GOOD)
def test_ordinary_path_is_accepted(path: str):
    check_path(path)


@given(
    st.one_of(
        st.text("aZ0_-./ cConNpP1", max_size=120), st.from_regex(r"([a-z]+[./]){0,18}(aux|con\d?|x)[./]?")
    )
)
def test_the_short_cut_for_usual_paths_lets_nothing_in_that_the_rules_refuse(path: str):
    assert _complaint(path) == _complaint_of_rules(path)


def test_path_one_byte_too_long_is_refused():
    path = "a" * 80 + "/" + "b" * (MAX_PATH_BYTES - 81)
    check_path(path)
    with pytest.raises(ArchiveForbiddenEntryError, match="may not be in a package"):
        check_path(path + "b")


@given(st.text(min_size=1, max_size=200))
def test_every_accepted_path_survives_a_header(path: str):
    try:
        check_path(path)
    except ArchiveForbiddenEntryError:
        return
    assert read_header(render_header(path, 7, True)) == (path, 7, True)


@given(st.lists(st.integers(1, MAX_SEGMENT_BYTES), min_size=1, max_size=MAX_DEPTH))
def test_every_path_within_the_limits_fits_a_header(lengths: list[int]):
    path = "/".join("a" * length for length in lengths)
    if len(path) <= MAX_PATH_BYTES:
        assert len(render_header(path, 0, False)) == 512


def test_files_in_the_same_folder_do_not_meet():
    check_paths(["a/b", "a/c", "a/d/e", "b"])


@pytest.mark.parametrize(
    "pair", [("a", "A"), ("a/b", "a"), ("straße", "STRASSE"), ("Σ/x", "ς/y"), ("é", "É"), ("a/B/c", "a/b/d")]
)
def test_paths_that_some_file_system_merges_are_refused_in_either_order(pair: tuple[str, str]):
    for order in (pair, pair[::-1]):
        with pytest.raises(ArchiveDuplicatePathError):
            check_paths(order)
