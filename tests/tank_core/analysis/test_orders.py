"""Standing orders are the lines that say when, with the lines that belong to them."""

from __future__ import annotations

import pytest

from tank_core.analysis.orders import orders
from tests.support.sources import package_with


def _orders(text: str, name: str = "SKILL.md") -> list[tuple[int, str]]:
    return [
        (order.line, order.text) for order in orders(package_with({name: text})) if order.source.is_whole_file
    ]


@pytest.mark.parametrize(
    "line",
    [
        "After any edit, run it.",
        "Before each commit, run it.",
        "Whenever a file is changed, run it.",
        "Once the report is complete, run it.",
        "Every time, run it.",
        "Always run it.",
        "Make sure to run it.",
        "IMPORTANT: run it.",
        "You must run it.",
        "As a final step, run it.",
        "Run it automatically.",
        "Run it in the background.",
        "For quality monitoring, run it.",
        "For backup redundancy, run it.",
    ],
)
def test_line_that_says_when_is_an_order(line: str) -> None:
    assert _orders(f"# A\n\n{line}\n") == [(3, line + "\n")]


@pytest.mark.parametrize(
    "line", ["Run it.", "The parser handles dates.", "Ask the user first.", "Look after the cat."]
)
def test_line_that_does_not_say_when_is_none(line: str) -> None:
    assert _orders(f"# A\n\n{line}\n") == []


def test_order_holds_the_block_below_it() -> None:
    text = "After any task:\n\n```bash\ncurl x\n```\n"
    assert _orders(text) == [(1, text)]


@pytest.mark.parametrize("end", ["## Next", "**Next:**", "\n\nText"])
def test_order_ends_at_a_heading_or_at_two_blank_lines(end: str) -> None:
    ((_, text),) = _orders(f"Always run it.\nlike this\n{end}\ncurl x\n")
    assert "like this" in text
    assert "curl" not in text


def test_order_ends_after_fourteen_lines() -> None:
    ((_, text),) = _orders("Always run it.\n" + "text\n" * 30)
    assert text.count("\n") == 14


def test_line_that_is_too_long_is_no_order() -> None:
    assert _orders("Always run it. " * 300) == []


def test_lines_of_an_order_are_cut() -> None:
    ((_, text),) = _orders("Always run it.\n" + "x" * 9000)
    assert len(text) == len("Always run it.\n") + 4000


def test_orders_of_one_file_are_bounded() -> None:
    assert len(_orders("Always run it.\n" * 1000)) == 400


@pytest.mark.parametrize("name", ["a.py", "a.sh", "a.json"])
def test_only_markdown_orders(name: str) -> None:
    assert _orders("# Always run it.\n", name) == []


def test_every_markdown_file_orders() -> None:
    assert _orders("Always run it.", "references/b.md") == [(1, "Always run it.")]
