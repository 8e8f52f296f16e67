"""docs/errors.md says what the source says."""

from __future__ import annotations

from infra import reference_pages


def test_the_page_of_errors_is_up_to_date() -> None:
    assert reference_pages.PAGE.read_text(encoding="utf-8") == reference_pages.page()


def test_no_code_belongs_to_two_errors() -> None:
    codes = [entry.code for entry in reference_pages.entries()]
    assert sorted(set(codes)) == codes


def test_every_error_says_what_it_means() -> None:
    assert [entry.code for entry in reference_pages.entries() if not entry.meaning] == []
