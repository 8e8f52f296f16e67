"""Observing text made to be slow takes time that grows with its length, and a bound that is reached is marked."""

from __future__ import annotations

import pytest

from tank_core.analysis.engine import observe
from tank_core.analysis.observers.literals import literals_of
from tank_core.analysis.observers.python_code import parsed
from tank_core.analysis.observers.view import ALONE
from tank_core.archive import ArchiveEntry
from tank_core.permissions import Access

SUFFIXES = (".md", ".sh", ".py", ".js", ".rb", ".php", ".ps1", ".go", ".json", ".html")
PIECES = {
    "concatenation": '"a"+',
    "names": "a+a+",
    "addresses": '"https://a.example/",',
    "half addresses": "https://a@",
    "interpolations": "${",
    "comments": "/*",
    "quotes": "'\"`",
    "calls": "fetch(",
    "listeners": ".listen(",
    "constructors": "new URL(",
    "alternatives": "a?b:",
    "bindings": "A=$A$A\n",
    "self-reference": "a = a + a\n",
    "commands": 'curl "$A" ',
    "wrappers": "sudo ",
    "shells in shells": "bash -c '",
    "methods": "POST to https://a.example ",
    "labels": "base url: ",
    "case labels": "a) ",
    "substitutions": "$((",
    "arrays": "a=(",
    "keys": "host: host, ",
    "environment": "process.env.A_KEY;",
    "tags": "<a href=",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_repeated_text_is_observed_to_its_end(piece: str) -> None:
    data = (piece * (30_000 // len(piece))).encode()
    observed, unknown = observe([ArchiveEntry(f"a{suffix}", data, False) for suffix in SUFFIXES])
    assert len(observed) + len(unknown) < 1_000_000


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "x=" + "[" * 100_000,
        "a" + ".b" * 50_000,
        "x=" + "a+" * 50_000 + "a",
        "f" + "()" * 20_000,
        "x=" + "not " * 50_000 + "1",
        "x=" + "lambda:" * 5_000 + "1",
        "import requests\n"
        + "".join(f"a{n}=a{n - 1}+'x'\n" for n in range(1, 8_000))
        + "requests.get(a7999)",
        "import requests\n" + "a=a+b+c\nb=a+c+b\nc=b+a+a\n" * 2_000 + "requests.get(a)",
    ],
    ids=["parentheses", "lists", "attributes", "sums", "calls", "nots", "lambdas", "long chain", "circle"],
)
def test_deep_python_is_read_or_left_and_never_fails(text: str) -> None:
    observe([ArchiveEntry("a.py", text.encode(), False)])


def test_python_that_is_too_long_is_read_as_text() -> None:
    text = 'import requests\nrequests.get("https://a.example")\n' + "x = 1\n" * 50_000
    assert parsed(text) is None
    observed, _ = observe([ArchiveEntry("a.py", text.encode(), False)])
    assert {item.value for item in observed} == {"a.example"}


@pytest.mark.parametrize("text", [":\n" * 40_001 + "curl https://a.example\n", ":" + "|:" * 40_001])
def test_more_commands_than_are_read_are_marked_unknown(text: str) -> None:
    _, unknown = observe([ArchiveEntry("a.sh", text.encode(), False)])
    assert {item.type for item in unknown} == {Access.NETWORK_OUTBOUND, Access.SUBPROCESS}


def test_an_expression_that_holds_itself_is_a_hole() -> None:
    found = literals_of("a = a + 'x'; b = c; c = b", "a.js", ALONE)
    assert found.name("a", 0) == ("\0x",)
    assert found.name("b", 0) == ("\0",)
