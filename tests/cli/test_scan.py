"""Scanning on this machine: semgrep is found or asked for, and a failed scan is never a pass."""

from __future__ import annotations

import json
import os
import select
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tank_cli.config import load
from tank_cli.scanning.deadline import deadline
from tank_cli.scanning.scan import rule_set
from tank_cli.scanning.semgrep import CHECKED_VERSION, ChildScanner, SemgrepMissingError, find
from tank_core.analysis.scanner import ScannerError
from tests.support import fake_semgrep
from tests.support.publishing_documents import write_skill
from tests.support.sarif_schema import complaints

ROOT = Path(__file__).resolve().parents[2]
SEMGREP = ROOT / ".venv-semgrep/bin/semgrep"
FOUND = str(SEMGREP) if SEMGREP.exists() else shutil.which("semgrep")
needs_semgrep = pytest.mark.skipif(FOUND is None, reason="semgrep is not installed here")
MALICIOUS = "---\nname: bad\ndescription: Bad.\n---\n\n```bash\necho aWQK | base64 -d | sh\n```\n"
HONEST = "---\nname: good\ndescription: Good.\n---\nWrite notes.\n"


def fake(tmp_path: Path, script: str) -> Path:
    return fake_semgrep.write(tmp_path / "semgrep", script)


@pytest.fixture
def quick(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a semgrep that is done at once; the detectors find what they find."""
    monkeypatch.setenv("TANK_SEMGREP", str(fake_semgrep.complete(tmp_path)))
    return project


def skill(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(text)
    return folder


def flagged(folder: Path) -> Path:
    (skill(folder, HONEST) / "data.md").symlink_to("/etc/passwd")
    return folder


def test_rules_ship_with_the_command() -> None:
    assert len(rule_set().rules) > 20


def test_environment_wins_over_path(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    on_path, named = fake(tmp_path / "a", ""), fake(tmp_path, "")
    environment = {"HOME": str(tmp_path), "PATH": str(on_path.parent)}
    assert find(load(environment)) == on_path
    assert find(load(environment | {"TANK_SEMGREP": str(named)})) == named


def test_without_semgrep_the_hint_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SemgrepMissingError) as caught:
        find(load({"HOME": str(tmp_path), "PATH": str(tmp_path)}))
    assert "pipx install semgrep" in caught.value.fix


def test_the_tested_semgrep_is_the_locked_one() -> None:
    assert f"semgrep=={CHECKED_VERSION}" in (ROOT / "requirements/semgrep.in").read_text()


@pytest.mark.parametrize("script", ["exit 2", "exit 0", "echo nonsense", "echo '{}'"])
def test_anything_but_a_complete_answer_is_a_failed_scan(tmp_path: Path, script: str) -> None:
    with pytest.raises(ScannerError):
        ChildScanner(fake(tmp_path, script)).scan({"a.py": b"x = 1\n"}, b'{"rules": []}')


def test_a_semgrep_that_cannot_be_started_is_a_failed_scan(tmp_path: Path) -> None:
    with pytest.raises(ScannerError, match="could not be started"):
        ChildScanner(tmp_path / "none").scan({"a.py": b"x = 1\n"}, b"{}")


@pytest.mark.skipif(sys.platform != "linux", reason="needs handles of processes")
def test_a_semgrep_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"(echo $$ > {pids}; exec tail -f /dev/null) & echo $! >> {pids}; wait"
    with pytest.raises(ScannerError, match="longer than"):
        ChildScanner(fake(tmp_path, script), timeout_seconds=1).scan({"a.py": b"1\n"}, b"{}")
    assert [pid for pid in pids.read_text().split() if not has_ended(int(pid))] == []


def has_ended(pid: int) -> bool:
    """Returns whether a process ends within seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle):
        return bool(select.select([handle], [], [], 10)[0])


def test_the_version_that_answered_is_known(tmp_path: Path) -> None:
    scanner = ChildScanner(fake_semgrep.complete(tmp_path, "1.2.3"))
    assert scanner.version == ""
    assert scanner.scan({"a.py": b"x = 1\n"}, b"{}") == ()
    assert scanner.version == "1.2.3"


def test_an_analysis_without_end_is_broken_off() -> None:
    with pytest.raises(ScannerError, match="longer than"), deadline(0.01):
        threading.Event().wait(60)
    with deadline(60):  # what was set before is set again
        pass


def test_a_failed_scan_does_not_pass_a_skill(
    tank: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tank("init", "--skill", "@acme/notes")
    (project / "notes/run.py").write_text("print(1)\n")
    monkeypatch.setenv("TANK_SEMGREP", str(fake(tmp_path, "exit 2")))
    result = tank("scan", "notes", "--json")
    assert (result.exit_code, result.error_code) == (1, "scan-failed")


def test_another_semgrep_is_said(
    tank: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_SEMGREP", str(fake_semgrep.complete(tmp_path, "1.2.3")))
    (skill(project / "good", HONEST) / "run.py").write_text("print(1)\n")
    result = tank("scan", "good", "--json")
    assert (result.exit_code, result.document["semgrep"]) == (0, "1.2.3")
    assert any("semgrep 1.2.3 was used" in note for note in result.document["notes"])
    assert "semgrep 1.2.3 was used" in tank("scan", "good").told


@needs_semgrep
def test_a_malicious_skill_is_refused_with_8_and_an_honest_one_is_not(
    tank: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_SEMGREP", str(FOUND))
    bad = tank("scan", ROOT / "examples/malicious-weather", "--json")
    assert (bad.exit_code, bad.error_code) == (8, "malicious-package")
    assert bad.document["verdict"] == "fail"
    assert bad.document["findings"]
    good = tank("scan", ROOT / "examples/text-tools", "--json")
    assert good.exit_code == 0
    assert good.document["verdict"] == "pass"


def test_a_public_skill_is_scanned_and_it_is_said_that_nothing_was_compared(tank: Any, quick: Path) -> None:
    skill(quick / "bad", MALICIOUS)
    result = tank("scan", "bad")
    assert result.exit_code == 8
    assert "Nothing is declared and nothing was compared" in result.told
    assert "error[malicious-package]" in result.err
    assert "base64 -d" in result.out
    assert "base64 -d" not in result.err  # the report has the findings, the error repeats none


def test_a_broken_manifest_hides_nothing(tank: Any, quick: Path) -> None:
    folder = skill(quick / "bad", MALICIOUS)
    (folder / "skills.json").write_text('{"name": 1}')
    result = tank("scan", "bad", "--json")
    assert (result.exit_code, result.document["verdict"]) == (8, "fail")
    assert result.document["problems"]
    assert result.document["declared"] is False


def test_a_folder_of_skills_ends_as_its_worst(tank: Any, quick: Path) -> None:
    skill(quick / "s/good", HONEST)
    assert tank("scan", "s").exit_code == 0
    (quick / "s/two").mkdir()
    skill(quick / "s/two/good", HONEST)
    result = tank("scan", "s")
    assert result.exit_code == 0
    assert "all 2 packages" in result.told
    skill(quick / "s/bad", MALICIOUS)
    result = tank("scan", "s", "--json")
    assert (result.exit_code, result.error_code) == (8, "malicious-package")
    assert {p["path"]: p["verdict"] for p in result.document["packages"]} == {
        "bad": "fail",
        "good": "pass",
        "two/good": "pass",
    }


def test_one_package_too_many_keeps_no_other_from_being_scanned(tank: Any, quick: Path) -> None:
    skill(quick / "s/good", HONEST)
    skill(quick / "s/huge", HONEST)
    for number in range(2001):
        (quick / f"s/huge/{number}").touch()
    result = tank("scan", "s", "--json")
    assert (result.exit_code, result.error_code) == (1, "partly-scanned")
    assert [p.get("verdict") for p in result.document["packages"]] == ["pass", None]
    alone = tank("scan", "s/huge", "--json")
    assert (alone.exit_code, alone.error_code) == (1, "too-much-to-scan")


def test_a_scan_of_nothing_is_no_pass(tank: Any, quick: Path) -> None:
    (quick / "empty/.git").mkdir(parents=True)
    result = tank("scan", "empty", "--json")
    assert (result.exit_code, result.error_code) == (3, "nothing-to-scan")


def test_flagged_ends_with_8_where_it_is_asked_for(tank: Any, quick: Path) -> None:
    flagged(quick / "s")
    assert tank("scan", "s").exit_code == 0
    result = tank("scan", "s", "--fail-on", "flagged", "--json")
    assert (result.exit_code, result.error_code, result.document["verdict"]) == (
        8,
        "flagged-package",
        "flagged",
    )


def test_severity_hides_findings_and_no_verdict(tank: Any, quick: Path) -> None:
    flagged(quick / "s")
    result = tank("scan", "s", "--min-severity", "critical", "--fail-on", "flagged")
    assert result.exit_code == 8
    assert "link-in-folder (" not in result.out
    assert "not shown: 1 below critical" in result.told
    assert "verdict: flagged" in result.out


@pytest.mark.parametrize("text", [HONEST, MALICIOUS])
def test_a_log_keeps_the_format(tank: Any, quick: Path, text: str) -> None:
    skill(quick / "a folder/s", text)
    result = tank("scan", "a folder/s", "--format", "sarif")
    assert result.exit_code == (8 if text == MALICIOUS else 0)
    log = json.loads(result.out)
    assert complaints(log) == []
    places = [r["locations"][0]["physicalLocation"] for r in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} <= {"a%20folder/s/SKILL.md"}
    assert bool(places) == (text == MALICIOUS)


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_report_goes_to_a_file(tank: Any, quick: Path, form: str) -> None:
    skill(quick / "s", MALICIOUS)
    to_stdout = tank("scan", "s", "--format", form)
    (quick / "out").mkdir()
    result = tank("scan", "s", "--format", form, "--output", "out/report")
    assert result.exit_code == to_stdout.exit_code == 8
    assert "The report is in out/report" in result.told
    written = (quick / "out/report").read_text()
    assert "malicious-package" not in written or form == "json"
    if form == "json":
        assert json.loads(written) == json.loads(to_stdout.out)
        assert result.error_code == "malicious-package"
    else:
        assert (written, result.out) == (to_stdout.out, "")


def test_a_device_is_written_to_and_not_replaced(tank: Any, quick: Path) -> None:
    skill(quick / "s", HONEST)
    pipe = quick / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert tank("scan", "s", "--output", "pipe").exit_code == 0
    assert b"verdict: pass" in os.read(reader, 65536)
    os.close(reader)
    assert pipe.is_fifo()


def test_json_by_either_name_is_one_document_whatever_happens(tank: Any, quick: Path) -> None:
    skill(quick / "s", HONEST)
    assert tank("scan", "s", "--json").out == tank("scan", "s", "--format", "json").out
    assert tank("scan", "s", "--json", "--output", "o.json").document == {
        "output": "o.json",
        "verdict": "pass",
    }
    (quick / "a.zip").write_bytes(b"PK\x03\x04")
    for option in ("--json", "--format=json"):
        result = tank("scan", "a.zip", option)
        assert (result.exit_code, result.error_code, result.err) == (1, "not-scannable", "")


def test_two_formats_are_a_mistake(tank: Any, quick: Path) -> None:
    result = tank("scan", quick, "--json", "--format", "sarif")
    assert (result.exit_code, result.error_code) == (2, "usage")


def test_a_packed_skill_has_the_findings_of_its_folder(tank: Any, quick: Path) -> None:
    from tank_cli.publishing.prepare import prepare

    folder = write_skill(quick / "notes")
    (folder / "SKILL.md").write_text(MALICIOUS.replace("bad", "notes"))
    (quick / "notes.tgz").write_bytes(prepare(folder).archive)
    packed, plain = (tank("scan", name, "--json") for name in ("notes.tgz", "notes"))
    assert packed.exit_code == plain.exit_code == 8
    assert packed.document["findings"] == plain.document["findings"]


def test_colour_is_for_terminals_alone(
    tank: Any, quick: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    skill(quick / "s", MALICIOUS)
    assert "\x1b" not in tank("scan", "s").out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    coloured = tank("scan", "s").out
    assert "\x1b[31m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in tank("scan", "s").out
