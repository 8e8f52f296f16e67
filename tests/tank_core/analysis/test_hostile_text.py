"""Text made to be slow is read in time that grows with its length: the time-out catches what does not."""

from __future__ import annotations

import pytest

from tank_core.analysis.engine import analyze
from tank_core.analysis.package import MAX_TEXT, take_apart
from tank_core.archive import ArchiveEntry
from tank_core.permissions import NONE
from tests.support.semgrep_once import NoMatches, rule_set

RULES = rule_set()
PIECES = {
    "line feeds": "\n",
    "spaces": " ",
    "substitutions": '"$(',
    "integers": "65, ",
    "secret names": "process.env.TOKEN_TOKEN_TOKEN_",
    "name parts": "TOKEN_",
    "here-documents": "cat <<E\n",
    "comments": "<!-- ",
    "docstrings": '"""\n',
    "backslashes": "\\",
    "base64": "QUJD",
    "uploads": "curl -d ",
    "posts": "requests.post(",
    "fetches": "fetch(",
    "standing orders": "always ",
    "orders after": "after any ",
    "prohibitions": "do not ",
    "prohibition lines": "do not tell\n",
    "hidden elements": "<div style='",
    "hidden attributes": "<div hidden ",
    "reference comments": "[//]: # (",
    "pip": "pip install ",
    "npm": "npm install ",
    "endless loops": "while true\n",
    "python loops": "while True:\n",
    "roles": "you are now ",
    "overrides": "ignore previous ",
    "double quotes": '"',
    "single quotes": "'",
    "tabs": "\t",
    "commands on load": "!`",
    "searches": "find . ",
    "downloads": "iwr x\n",
    "starts": 'start "',
    "deletions": "delete all ",
    "passwords": "zip password ",
    "accounts": "create admin account ",
    "agent files": "append CLAUDE.md ",
    "skills": "glob skills/\n",
    "addresses": "https://a.invalid/",
    "sent addresses": "send data https://a.invalid/ ",
    "front matter": "---\nname: a\ndescription:\n  ",
    "titles": "# ",
    "bullets": "- ",
    "table cells": "| ",
    "scripts": "a/",
    "script names": "always run a.sh ",
    "environments": "env: {",
    "indices": "--index-url=",
    "far right": "x" + " " * 170,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_repeated_text_is_read_to_its_end(piece: str) -> None:
    data = (piece * (20_000 // len(piece))).encode()
    entries = [ArchiveEntry(f"a{suffix}", data, False) for suffix in (".md", ".sh", ".py", ".js")]
    assert analyze(entries, RULES, NoMatches(), declared=NONE).rule_set_digest == RULES.digest


@pytest.mark.timeout(10)
def test_a_here_document_behind_many_pipes_is_read_in_linear_time() -> None:
    data = b"cat <<E " + b"|x" * (MAX_TEXT // 2)
    package = take_apart([ArchiveEntry("a.sh", data, False)])
    assert package.sources[0].is_whole_file
