"""Text for 80 columns: nothing gets lost, and nothing is wider but a word that stands alone."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_cli import render
from tank_cli.console import Console
from tank_cli.folding import folded
from tests.support.columns import too_wide

WORDS = st.lists(st.text("ab:/", min_size=1, max_size=100), max_size=20)
DIGEST = "sha256:" + "0" * 64


@given(WORDS, st.integers(0, 6), st.integers(0, 20))
def test_folding_keeps_every_word_and_lets_only_single_words_be_wide(
    words: list[str], indent: int, taken: int
) -> None:
    lines = list(folded(" " * indent + " ".join(words), taken=taken))
    assert " ".join(lines).split() == words
    assert [line for line in lines[1:] if too_wide(line)] == []
    assert len(lines[0]) + taken <= 80 or len(lines[0].split()) <= 1


@given(st.lists(st.tuples(st.text("ab", max_size=50), WORDS.map(" ".join)), max_size=5))
def test_a_printed_table_keeps_every_word_and_is_never_too_wide(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    Console(out, io.StringIO()).show({}, render.section("title", render.table(rows)))
    assert too_wide(out.getvalue()) == []
    assert out.getvalue().split()[1:] == " ".join(f"{a} {b}" for a, b in rows).split()


def test_what_goes_on_is_indented_deeper_than_the_line() -> None:
    assert list(folded("  " + "word " * 20)) == [
        "  " + " ".join(["word"] * 15),
        "    " + " ".join(["word"] * 5),
    ]


def test_a_digest_behind_a_label_gets_a_line_of_its_own() -> None:
    assert list(folded(f"  fingerprint  {DIGEST}")) == ["  fingerprint", f"    {DIGEST}"]


def test_a_wide_last_column_goes_on_below_its_start() -> None:
    first, second = render.table([("label:", "word " * 18)])
    assert (first[:12], second[:12]) == ("label:  word", "        word")


@pytest.mark.parametrize("colour", [False, True])
def test_a_warning_counts_its_label_and_not_the_style_of_it(colour: bool) -> None:
    err = io.StringIO()
    Console(io.StringIO(), err, colour_err=colour).warn("x" * 35 + " " + "y" * 35)
    assert err.getvalue().count("\n") == 1
    Console(io.StringIO(), err, colour_err=colour).warn("x" * 35 + " " + "y" * 36)
    assert err.getvalue().count("\n") == 3


def test_documents_and_program_text_are_not_folded() -> None:
    long = "word " * 40 + "end"
    out = io.StringIO()
    Console(out, io.StringIO()).show({}, [long], folds=False)
    assert out.getvalue() == long + "\n"
    out = io.StringIO()
    Console(out, io.StringIO(), as_json=True).show({"text": long}, ())
    assert json.loads(out.getvalue()) == {"text": long}
    assert long in out.getvalue()
