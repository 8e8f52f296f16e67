from __future__ import annotations

from pipeline import rule_pages


def test_rules_page_is_what_the_rule_folders_say() -> None:
    assert rule_pages.PAGE.read_text(encoding="utf-8") == rule_pages.page(rule_pages.read_rules()), (
        "run: python -m pipeline.rule_pages"
    )
