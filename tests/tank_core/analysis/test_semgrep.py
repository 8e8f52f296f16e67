from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tank_core.analysis import semgrep
from tank_core.analysis.scanner import PatternMatch, ScannerError

NAMES = {"scripts/a.py": "000001.py"}


def _document(**changes: Any) -> dict[str, Any]:
    match = {"check_id": "r", "path": "targets/000001.py", "start": {"line": 3}, "end": {"line": 4}}
    return {"results": [match], "errors": [], "paths": {"scanned": ["targets/000001.py"]}} | changes


def _parse(document: object, returncode: int = 0) -> tuple[PatternMatch, ...]:
    return semgrep.parse_output(json.dumps(document).encode(), returncode, NAMES)


def test_match_gets_its_path_back() -> None:
    assert _parse(_document()) == (PatternMatch("scripts/a.py", 3, 4, "r"),)


def test_layout_is_flat_and_keeps_only_the_extension() -> None:
    names = semgrep.layout({"tests/x.py": b"", "../../etc/.semgrepignore": b"", "a b.sh": b""})
    assert sorted(names.values()) == ["000001", "000002.sh", "000003.py"]


def test_command_lets_nothing_be_skipped_and_uses_no_network() -> None:
    arguments = semgrep.command(Path("semgrep"))
    for flag in ("--disable-nosem", "--no-git-ignore", "--max-target-bytes=0", "--metrics=off"):
        assert flag in arguments
    assert f"--config={semgrep.RULES_NAME}" in arguments


@pytest.mark.parametrize(
    ("document", "returncode"),
    [
        pytest.param(_document(), 2, id="exit status"),
        pytest.param(_document(paths={"scanned": []}), 0, id="file not scanned"),
        pytest.param(_document(paths={"scanned": ["targets/000001.py", "x"]}), 0, id="foreign file scanned"),
        pytest.param(_document(skipped_rules=["r"]), 0, id="rule skipped"),
        pytest.param(_document(errors=[{"type": "Timeout", "path": "targets/000001.py"}]), 0, id="time-out"),
        pytest.param(_document(errors=[{"type": "Rule parse error"}]), 0, id="rule does not parse"),
        pytest.param(_document(errors=[{"type": ["Something new", []]}]), 0, id="unknown error"),
        pytest.param(_document(errors=[{}]), 0, id="error without a type"),
        pytest.param({"results": []}, 0, id="missing keys"),
        pytest.param([], 0, id="not an object"),
    ],
)
def test_incomplete_result_is_an_error(document: object, returncode: int) -> None:
    with pytest.raises(ScannerError):
        _parse(document, returncode)


def test_output_that_is_not_json_is_an_error() -> None:
    with pytest.raises(ScannerError):
        semgrep.parse_output(b"\xff{", 0, NAMES)


def test_partial_parse_is_a_match_of_its_own() -> None:
    error = {
        "type": ["PartialParsing", []],
        "path": "targets/000001.py",
        "spans": [{"start": {"line": 7}, "end": {"line": 9}}],
    }
    assert PatternMatch("scripts/a.py", 7, 9, semgrep.PARTIAL_PARSE) in _parse(_document(errors=[error]))
