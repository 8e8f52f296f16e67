"""Files made to be slow or to multiply are taken apart within their bounds: the time-out catches what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.analysis import reading
from tank_core.analysis.package import take_apart
from tank_core.archive import ArchiveEntry
from tests.support.sources import package_of

PIECES = {
    "integers": "65, ",
    "spaced hexadecimal": "41 ",
    "escaped quotes": '\\"',
    "backticks": "`",
    "quotations": "> ```sh\n",
    "sums": '"a"+',
    "assignments": "a='b'; $a ",
    "joins": "''.join(['a',",
    "templates": "f'{a}'",
    "percent": "a%",
    "keys": "^ 5 key=5 'QUJDQUJDQUJDQUJDQUJDQUJD' ",
    "rot13": "phey ",
    "reversal": "//:ptth [::-1] ",
    "brackets": "[",
    "mappings": "{a:",
    "dashes": "- ",
    "open quotes": 'k: "x\n',
    "tags": "<script>a",
    "comments": "<!--",
    "arguments": 'python -c "',
    "look-alikes": "сurl ｃ\u200b ",
    "here-documents": "cat <<E | python\n",
    "substitutions": "$(echo ",
    "instructions": "RUN a \\\n",
}
_NAMES = (
    "a.md",
    "a.sh",
    "a.py",
    "a.js",
    "a.json",
    "a.yaml",
    "a.toml",
    "a.html",
    "a.ps1",
    "a.bat",
    "Dockerfile",
    "a.dat",
)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_repeated_text_is_taken_apart_in_linear_time(piece: str) -> None:
    data = (piece * (30_000 // len(piece))).encode()
    for name in _NAMES:
        assert package_of(name, data).sources[0].is_whole_file


_STARTS = (
    b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a",
    b"%PDF-", b"RIFF", b"\x7fELF", b"\xa7\r\r\n", b"\0" * 257 + b"ustar", b"---\n", b'{"cells": [', b"\xff\xfe",
)  # fmt: skip


@given(
    st.sampled_from(_STARTS), st.binary(max_size=400), st.sampled_from([*_NAMES, "a.pyc", "a.ipynb", "a.xml"])
)
def test_no_bytes_make_taking_apart_fail(start: bytes, rest: bytes, name: str) -> None:
    once, again = package_of(name, start + rest), package_of(name, start + rest)
    assert (once.sources, once.unread) == (again.sources, again.unread)


@given(st.text(alphabet="ab\"'`[]{}:=-+#<>!$\\|&*%@.,()/\n\t 01", max_size=200), st.sampled_from(_NAMES))
def test_no_text_makes_taking_apart_fail(text: str, name: str) -> None:
    for source in package_of(name, text).sources:
        assert 1 <= source.line_of(1) <= text.count("\n") + 2


@pytest.mark.timeout(60)
def test_ten_thousand_small_files_are_taken_apart() -> None:
    text = b"# Title\n\nSome prose with `inline code`.\n\n```bash\ncurl -s https://a.example/x -o y\n```\n"
    package = take_apart([ArchiveEntry(f"d/{number}.md", text, False) for number in range(10_000)])
    assert (len(package.sources), package.unread) == (20_000, ())


@pytest.mark.parametrize("bound", ["MAX_DERIVED_TEXT", "MAX_DERIVED_SOURCES"])
def test_more_within_files_than_is_analysed_is_told(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, bound, 3)
    package = package_of("a.md", "```sh\nls -la\n```\n" * 10)
    assert package.unread == (("", "it holds more texts within its files than are analysed"),)
    assert len(package.sources) < 5


def test_every_bound_of_text_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PACKAGE_TEXT", 3500)
    monkeypatch.setattr(reading, "MAX_TEXT", 1000)
    entries = [ArchiveEntry(f"{number}.txt", b"word " * 200, False) for number in range(5)]
    package = take_apart([*entries, ArchiveEntry("0-long.txt", b"word " * 300, False)])
    assert [len(s.text) for s in package.sources if s.is_whole_file] == [1000, 1000, 1000, 500, 0, 0]
    assert [path for path, _ in package.unread] == ["0-long.txt", "2.txt", "3.txt", "4.txt"]
