"""A diff says exactly what changed, whatever the texts are."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core import line_diff
from tank_core.line_diff import edits, lines_of, unified

texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=14)
open_texts = st.tuples(texts, st.sampled_from(["", "a", "z"])).map(
    lambda t: [*t[0], *([t[1]] if t[1] else [])]
)


def applied(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Returns both texts as the edits tell them."""
    found = edits(old, new)
    before = [line for e in found if e.sign != "+" for line in old[e.old : e.old + e.length]]
    after = [
        line
        for e in found
        if e.sign != "-"
        for line in (new[e.new : e.new + e.length] if e.sign == "+" else old[e.old : e.old + e.length])
    ]
    return before, after


def changed(old: list[str], new: list[str]) -> int:
    return sum(edit.length for edit in edits(old, new) if edit.sign != " ")


@settings(max_examples=400, deadline=None)
@given(open_texts, open_texts)
def test_the_edits_make_the_new_text_of_the_old_one(old: list[str], new: list[str]) -> None:
    assert applied(old, new) == (old, new)


@settings(max_examples=300, deadline=None)
@given(open_texts, open_texts)
def test_no_script_is_shorter(old: list[str], new: list[str]) -> None:
    """Compared with the longest common subsequence, by the textbook's table."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for x, one in enumerate(old):
        for y, other in enumerate(new):
            table[x + 1][y + 1] = table[x][y] + 1 if one == other else max(table[x][y + 1], table[x + 1][y])
    assert changed(old, new) == len(old) + len(new) - 2 * table[-1][-1]


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the patch program")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "a\nb\n"),
        ("a\nb\n", ""),
        ("a\nb", "a\nb\n"),
        ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\nnine\n"),
        ("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n", "1\nx\n3\n4\n5\n6\n7\n8\n9\ny\n11"),
    ],
)
def test_patch_understands_it(tmp_path: Path, old: str, new: str) -> None:
    target = tmp_path / "file"
    target.write_text(old)
    head = ["--- file", "+++ file"]
    text = "\n".join([*head, *unified(lines_of(old), lines_of(new))]) + "\n"
    command = ["patch", "--quiet", str(target)]
    subprocess.run(command, input=text, text=True, check=True, cwd=tmp_path, timeout=30)
    assert (target.read_text() if target.exists() else "") == new


def test_it_reads_like_any_unified_diff() -> None:
    old, new = "a\nb\nc\nd\ne\n", "a\nb\nX\nd\ne\nf\n"
    told = list(unified(lines_of(old), lines_of(new)))
    expected = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm=""))[2:]
    assert told == expected


def test_equal_texts_have_no_diff() -> None:
    assert list(unified(["a\n"], ["a\n"])) == []


def test_only_a_line_feed_ends_a_line() -> None:
    assert lines_of("a\rb\x0bc\u2028d\ne") == ["a\rb\x0bc\u2028d\n", "e"]


def test_too_many_changes_are_told_as_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_diff, "MAX_CHANGES", 3)
    old, new = ["s\n", "a\n", "x\n", "b\n", "e\n"], ["s\n", "1\n", "x\n", "2\n", "e\n"]
    assert [(e.sign, e.length) for e in edits(old, new)] == [(" ", 1), ("-", 3), ("+", 3), (" ", 1)]
    assert applied(old, new) == (old, new)


def test_hostile_texts_cost_no_more_than_the_limit() -> None:
    class Counted(str):
        compared = 0
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            Counted.compared += 1
            return str.__eq__(self, other)

    old = [Counted("ab"[n % 2] + "\n") for n in range(20_000)]
    new = [Counted("cd"[n % 2] + "\n") for n in range(20_000)]
    assert changed(old, new) == 40_000
    assert Counted.compared <= (line_diff.MAX_CHANGES + 2) ** 2
