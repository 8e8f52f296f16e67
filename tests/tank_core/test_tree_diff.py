"""Which files of two packages differ, and how."""

from __future__ import annotations

from tank_core.archive import ArchiveEntry
from tank_core.tree_diff import Change, FileChange, file_changes


def only_change(old: ArchiveEntry | None, new: ArchiveEntry | None) -> FileChange:
    (change,) = file_changes([old] if old else [], [new] if new else [])
    return change


def test_the_same_files_in_another_order_do_not_differ() -> None:
    one, other = ArchiveEntry("a", b"1"), ArchiveEntry("b", b"2", executable=True)
    assert file_changes([one, other], [other, one]) == ()


def test_lines_are_counted() -> None:
    change = only_change(ArchiveEntry("a", b"1\n2\n"), ArchiveEntry("a", b"1\n3\n4\n"))
    assert (change.change, change.added, change.removed) == (Change.MODIFIED, 2, 1)


def test_a_change_of_mode_alone_is_a_change() -> None:
    change = only_change(ArchiveEntry("a", b"1\n"), ArchiveEntry("a", b"1\n", executable=True))
    assert list(change.unified()) == ["a: executable now"]
    back = only_change(ArchiveEntry("a", b"1\n", executable=True), ArchiveEntry("a", b"1\n"))
    assert back.mode_change == "not executable any more"


def test_a_new_executable_says_so() -> None:
    assert only_change(None, ArchiveEntry("run.sh", b"x\n", executable=True)).mode_change == "executable"


def test_what_is_not_utf8_or_has_a_nul_is_binary() -> None:
    for data in (b"a\0b", b"\xff\xfe"):
        change = only_change(ArchiveEntry("a", b"text\n"), ArchiveEntry("a", data))
        assert (change.is_binary, change.lines, change.added) == (True, (), 0)


def test_an_empty_file_that_is_new_has_no_lines_and_is_still_named() -> None:
    change = only_change(None, ArchiveEntry("empty", b""))
    assert (change.change, change.lines, change.is_binary) == (Change.ADDED, (), False)
