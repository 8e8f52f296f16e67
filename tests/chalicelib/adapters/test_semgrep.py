from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.adapters.semgrep import SemgrepScanner
from tank_core.analysis.scanner import PatternMatch, ScannerError
from tests.support.semgrep_once import RULES, SEMGREP, rule_set

needs_semgrep = pytest.mark.skipif(not SEMGREP.exists(), reason="semgrep is not installed in .venv-semgrep")
RULE = b"""{"rules": [{"id": "calls-exec", "languages": ["python"], "severity": "INFO", "message": "m",
"pattern": "exec($X)"}]}"""


def _program(folder: Path, text: str) -> Path:
    """Returns an executable that runs some Python; through a shell, because no ``#!`` line can hold a space."""
    script, program = folder / "semgrep.py", folder / "semgrep"
    script.write_text(f"{text}\n", encoding="utf-8")
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{script}'\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@needs_semgrep
def test_nothing_in_a_package_silences_a_rule() -> None:
    files = {
        "tests/node_modules/skipped.py": b"exec('1')  # nosemgrep\n",
        "vendor/large.py": b"# padding beyond one megabyte\n" * 50_000 + b"exec('2')\n",
        ":(exclude)-.py": b"# nosem\nexec('3')\n",
    }
    found = SemgrepScanner(SEMGREP).scan(files, RULE)
    assert found == (
        PatternMatch(":(exclude)-.py", 2, 2, "calls-exec"),
        PatternMatch("tests/node_modules/skipped.py", 1, 1, "calls-exec"),
        PatternMatch("vendor/large.py", 50_001, 50_001, "calls-exec"),
    )


@needs_semgrep
def test_rule_that_does_not_parse_fails_the_scan() -> None:
    broken = RULE.replace(b"exec($X)", b"exec($X")
    with pytest.raises(ScannerError, match="status 7"):
        SemgrepScanner(SEMGREP).scan({"a.py": b"exec('1')\n"}, broken)


@needs_semgrep
def test_file_in_a_language_without_rules_fails_the_scan() -> None:
    with pytest.raises(ScannerError, match="did not scan"):
        SemgrepScanner(SEMGREP).scan({"a.py": b"exec('1')\n", "b.rb": b"puts 1\n"}, RULE)


@needs_semgrep
def test_partly_parsed_file_is_reported_and_its_rest_still_scanned() -> None:
    found = SemgrepScanner(SEMGREP).scan({"a.py": b"exec('1')\ndef f(:\n  )))\nclass\n"}, RULE)
    assert {match.rule_id for match in found} == {"calls-exec", "partial-parse"}


@needs_semgrep
def test_fast_front_end_agrees_with_the_documented_one() -> None:
    samples = [path for path in sorted(RULES.glob("*/*")) if path.suffix in {".py", ".js", ".sh"}]
    files = {path.relative_to(RULES).as_posix(): path.read_bytes() for path in samples}
    document = rule_set().semgrep_document()
    fast = SemgrepScanner(SEMGREP).scan(files, document)
    assert len(fast) > 20
    assert fast == SemgrepScanner(SEMGREP, native=False).scan(files, document)


def test_no_files_need_no_process() -> None:
    assert SemgrepScanner(Path("/nowhere/semgrep")).scan({}, RULE) == ()


def test_missing_program_is_a_scanner_error(tmp_path: Path) -> None:
    with pytest.raises(ScannerError, match="could not be started"):
        SemgrepScanner(tmp_path / "semgrep").scan({"a.py": b"1\n"}, RULE)


def test_scan_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = _program(
        tmp_path,
        "import os, time\n"
        f"child = os.fork()\nif child: open({str(mark)!r}, 'w').write(str(child))\ntime.sleep(600)",
    )
    with pytest.raises(ScannerError, match="longer than 1 seconds"):
        SemgrepScanner(program, timeout_seconds=1).scan({"a.py": b"1\n"}, RULE)
    assert (
        not Path(f"/proc/{mark.read_text()}/cmdline").exists()
        or not Path(f"/proc/{mark.read_text()}/cmdline").read_bytes()
    )


def test_child_sees_none_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "environment"
    monkeypatch.setenv("AWS_SESSION_TOKEN", "not for the child")
    program = _program(tmp_path, f"import os\nopen({str(seen)!r}, 'w').write(repr(dict(os.environ)))")
    with pytest.raises(ScannerError, match="unknown shape"):
        SemgrepScanner(program).scan({"a.py": b"1\n"}, RULE)
    assert "AWS_SESSION_TOKEN" not in seen.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_child_that_takes_too_much_memory_fails_the_scan(tmp_path: Path) -> None:
    program = _program(tmp_path, "import time\ntime.sleep(0.2)\ndata = bytearray(1 << 30)\nprint('{}')")
    with pytest.raises(ScannerError, match="status"):
        SemgrepScanner(program, max_memory_bytes=512 << 20).scan({"a.py": b"1\n"}, RULE)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set from outside on Linux only")
def test_limits_that_this_process_inherited_are_never_raised(tmp_path: Path) -> None:
    """A caller whose own limit is tighter must not fail on trying to loosen it."""
    program = _program(tmp_path, "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU))")
    scan = (
        "import resource, sys; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        "from chalicelib.adapters.semgrep import SemgrepScanner\n"
        "from tank_core.analysis.scanner import ScannerError\n"
        "try: SemgrepScanner(Path(sys.argv[1]), timeout_seconds=50).scan({'a.py': b'1\\n'}, b'{}')\n"
        "except ScannerError as error: print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", scan, str(program)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "unknown shape" in ended.stdout
