"""`tank list`: the tree, drawn once, in what the terminal can show."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from tank_cli.listing import ASCII, BOXES, strokes_for
from tank_cli.main import main
from tank_core.findings import Verdict
from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble


@pytest.fixture
def diamond(tank: Any, trusted: RegistryDouble, project: Path) -> RegistryDouble:
    """notes and other both need text, which needs base."""
    trusted.publish("@acme/base", "1.0.0", score=None)
    trusted.publish("@acme/text", "1.10.0", skills={"@acme/base": "*"}, verdict=Verdict.PASS_WITH_NOTES)
    for name in ("@acme/notes", "@acme/other"):
        trusted.publish(name, "2.0.0", skills={"@acme/text": "^1.0.0"})
    assert tank("add", "@acme/notes", "@acme/other").exit_code == 0
    return trusted


def test_the_tree_is_drawn_in_columns_and_what_was_drawn_is_marked(
    tank: Any, diamond: RegistryDouble
) -> None:
    result = tank("list")
    assert result.out.splitlines() == [
        "skills.json",
        "├── @acme/notes         2.0.0   pass             9.5",
        "│   └── @acme/text      1.10.0  pass_with_notes  9.5",
        "│       └── @acme/base  1.0.0   pass             unscanned",
        "└── @acme/other         2.0.0   pass             9.5",
        "    └── @acme/text      1.10.0  pass_with_notes  9.5 (*)",
    ]
    assert result.err == "(*) What it needs is shown above.\n"
    assert tank("ls").out == result.out


@pytest.mark.parametrize(
    ("depth", "names"),
    [
        ("0", {"@acme/notes", "@acme/other"}),
        ("1", {"@acme/notes", "@acme/other", "@acme/text"}),
        ("9", {"@acme/notes", "@acme/other", "@acme/text", "@acme/base"}),
    ],
)
def test_depth_counts_from_what_the_project_names(
    tank: Any, diamond: RegistryDouble, depth: str, names: set[str]
) -> None:
    assert tank("list", "--depth", depth, "--json").document["skills"].keys() == names
    told = tank("list", "--depth", depth)
    assert {word for word in told.told.split() if word.startswith("@")} == names
    assert ("(*)" in told.out) == (depth == "9")  # nothing is left out above that depth


def test_a_depth_below_nothing_is_a_usage_error(tank: Any, diamond: RegistryDouble) -> None:
    assert tank("list", "--depth", "-1").exit_code == 2


def test_a_circle_ends(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/a", "1.0.0", skills={"@acme/b": "*"})
    trusted.publish("@acme/b", "1.0.0", skills={"@acme/a": "*"})
    assert tank("add", "@acme/a").exit_code == 0
    assert [line.split()[-1] for line in tank("list").out.splitlines()[1:]] == ["9.5", "9.5", "(*)"]


def test_a_stream_without_box_characters_gets_ascii(
    diamond: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["list"]) == 0
    stream.seek(0)
    shown = stream.read().splitlines()
    assert shown[1].startswith("|-- @acme/notes ")
    assert shown[2].startswith("|   `-- @acme/text ")


@pytest.mark.parametrize(
    ("encoding", "strokes"), [("utf-8", BOXES), ("ascii", ASCII), (None, ASCII), ("no-such", ASCII)]
)
def test_what_an_encoding_can_show(encoding: str | None, strokes: object) -> None:
    assert strokes_for(encoding) is strokes


def test_a_deep_tree_of_long_names_still_fits(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    names = [f"@acme/{'long-name-' * 3}{number}" for number in range(8)]
    for name, needed in zip(names, [*names[1:], ""], strict=True):
        trusted.publish(name, "1.0.0", skills={needed: "*"} if needed else {})
    assert tank("add", names[0]).exit_code == 0
    shown = tank("list").out
    assert all(name in shown for name in names)
    assert too_wide(shown) == []


def test_a_project_without_skills_says_so(tank: Any, trusted: RegistryDouble) -> None:
    assert tank("install").exit_code == 0
    result = tank("list")
    assert (result.exit_code, result.out, result.err) == (0, "", "No skills.\n")
