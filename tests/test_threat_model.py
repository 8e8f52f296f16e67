"""docs/THREAT-MODEL.md says what an attacker can and cannot do, and each line names tests that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/THREAT-MODEL.md").read_text(encoding="utf-8")
HEADER = ["| | what | tests |", "|---|---|---|"]
# The attackers that a reader looks for; a section of the page is about each.
ATTACKERS = (
    "The object store",
    "The network, a mirror, a CDN",
    "The database",
    "The registry's keys",
    "Object store and database",
    "Object store and attestation key",
    "Database and attestation key",
    "Object store, attestation key, and what names versions: the index key or the database",
    "The offline keys",
    "A stolen token",
    "A stolen ticket, a stolen id token",
    "A publisher's build, taken over",
    "A stranger who looks like the bound build",
    "Sigstore itself, and OIDC providers",
    "An owner's account, taken over",
    "The author of a malicious skill",
    "Who can change a project: its lock, its manifest",
    "Who hands out a file of `tank vendor`",
    "Who can write to a user's cache",
    "Who can write to a user's configuration",
    "A client that was away for long",
)


def sections() -> Iterator[tuple[str, list[str]]]:
    """Yields each section of an attacker with the rows of its table, head included."""
    for part in re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        rows = [line for line in text.splitlines() if line.startswith("|")]
        if rows[:2] == HEADER:
            yield title, rows[2:]


def rows() -> list[tuple[str, str, str]]:
    """Returns kind, claim and tests of every row of every attacker."""
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for _, found in sections() for row in found]
    return [(kind, claim, tests) for kind, claim, tests in cells]


def named(tests: str) -> list[tuple[str, str]]:
    return re.findall(r"`(tests/\S+?\.py)::(\w+)`", tests)


def test_there_is_a_section_for_every_attacker() -> None:
    assert [title for title, _ in sections()] == list(ATTACKERS)


@pytest.mark.parametrize(("title", "found"), list(sections()), ids=[title for title, _ in sections()])
def test_an_attacker_has_limits_on_both_sides(title: str, found: list[str]) -> None:
    """A page that only said what cannot happen would be no threat model."""
    assert {row.split("|")[1].strip() for row in found} == {"can", "cannot"}


def test_every_line_names_tests_and_nothing_else() -> None:
    for _, claim, tests in rows():
        assert named(tests), claim
        assert re.sub(r"`[^`]+`", "", tests).strip() == "", claim
        assert "::" not in claim, claim


def test_every_named_test_exists() -> None:
    every = {(path, test) for path, test in named(PAGE)}
    assert len(every) > 150
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in every}
    missing = [
        f"{path}::{test}"
        for path, test in sorted(every)
        if not re.search(rf"^def {test}\(", texts[path], re.MULTILINE)
    ]
    assert missing == []


def test_every_scenario_is_on_the_page() -> None:
    """A threat that has a test has a line: what was tried is told, whichever way it went."""
    listed = {test for path, test in named(PAGE) if path.startswith("tests/threats/")}
    controls = {"test_an_honest_row_is_installed"}
    written = {
        test
        for path in (ROOT / "tests/threats").glob("test_*.py")
        for test in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert written - listed == controls
