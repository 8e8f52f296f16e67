"""A program gives an opinion within its limits, or none."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from chalicelib.adapters.second_opinion.program import ProgramOpinion
from tank_core.archive import ArchiveEntry
from tank_core.second_opinion import OpinionError

ENTRIES = (
    ArchiveEntry("SKILL.md", b"# Skill\n", executable=False),
    ArchiveEntry("scripts/run.py", b"print(1)\n", executable=True),
)


def program(folder: Path, text: str) -> Path:
    """Returns an executable that runs some Python; the folder that it is given is ``argv[1]``."""
    script, made = folder / "opinion.py", folder / "opinion"
    script.write_text(f"import json, os, sys\n{text}\n")
    made.write_text(f"#!/bin/sh\nexec '{sys.executable}' -I '{script}' \"$@\"\n")
    made.chmod(0o755)
    return made


def asked(tmp_path: Path, text: str, *, seconds: float = 20) -> ProgramOpinion:
    return ProgramOpinion(program(tmp_path, text), timeout_seconds=seconds)


LOOKS = """
seen = {}
for place, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(place, name)
        seen[os.path.relpath(path, sys.argv[1])] = open(path).read()
facts = {"seen": seen, "environment": sorted(set(os.environ) - {"PWD", "SHLVL", "_", "LC_CTYPE", "OLDPWD"}),
         "stdin": sys.stdin.read(), "cwd": os.getcwd() == os.path.realpath(sys.argv[1])}
print(json.dumps({"findings": [{"rule_id": "looks", "severity": "low", "file": sys.argv[1] + "/SKILL.md", "line": 1,
                                "evidence": json.dumps(facts, sort_keys=True)[:150]}]}))
open("left.txt", "w").write("x")
"""


def test_it_sees_the_package_and_nothing_else(tmp_path: Path) -> None:
    (remark,) = asked(tmp_path, LOOKS).ask(ENTRIES).remarks
    assert (remark.file, remark.line) == ("SKILL.md", 1)
    expected = {
        "seen": {"SKILL.md": "# Skill\n", "scripts/run.py": "print(1)\n"},
        "environment": [],
        "stdin": "",
        "cwd": True,
    }
    assert remark.evidence == json.dumps(expected, sort_keys=True)[:150]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sys.exit(3)", "status 3"),
        ("print('It is safe.')", "JSON"),
        ("pass", "JSON"),
        ("sys.stdout.write('x' * 5_000_000)", "status|bytes"),
        ("print(json.dumps({'verdict': 'pass'}))", "neither"),
    ],
)
def test_what_is_no_opinion_is_not_available(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(OpinionError, match=f"(?i){why}"):
        asked(tmp_path, text).ask(ENTRIES)


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "child.pid"
    text = (
        "import subprocess\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "child.wait()"
    )
    with pytest.raises(OpinionError, match="longer than"):
        asked(tmp_path, text, seconds=2).ask(ENTRIES)
    stat = Path(f"/proc/{note.read_text()}/stat")
    deadline = time.monotonic() + 10  # it is told to end before we go on, and ends when it is next scheduled
    while _runs(stat) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(stat)


def _runs(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_program_that_is_not_there_is_not_available(tmp_path: Path) -> None:
    with pytest.raises(OpinionError, match="could not be started"):
        ProgramOpinion(tmp_path / "missing", timeout_seconds=1).ask(ENTRIES)


def test_a_path_that_leads_out_is_never_written(tmp_path: Path) -> None:
    for path in ("../out", "/out", "a/../../out"):
        with pytest.raises(OpinionError, match="leads out"):
            asked(tmp_path, "pass").ask((ArchiveEntry(path, b"x", executable=False),))
