"""Text made to be slow is read in time that grows with its length: the time-out catches what does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tank_core.analysis.engine import analyze
from tank_core.analysis.package import MAX_TEXT, take_apart
from tank_core.analysis.scanner import PatternMatch
from tank_core.archive import ArchiveEntry
from tank_core.permissions import NONE
from tests.support.semgrep_once import rule_set

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
}


class _NoMatches:
    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        return ()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_repeated_text_is_read_to_its_end(piece: str) -> None:
    data = (piece * (20_000 // len(piece))).encode()
    entries = [ArchiveEntry(f"a{suffix}", data, False) for suffix in (".md", ".sh", ".py", ".js")]
    assert analyze(entries, RULES, _NoMatches(), declared=NONE).rule_set_digest == RULES.digest


@pytest.mark.timeout(10)
def test_a_here_document_behind_many_pipes_is_read_in_linear_time() -> None:
    data = b"cat <<E " + b"|x" * (MAX_TEXT // 2)
    package = take_apart([ArchiveEntry("a.sh", data, False)], NONE)
    assert package.sources[0].is_whole_file
