"""The example skills get the verdicts that the guides promise."""

from __future__ import annotations

import json

import pytest

from chalicelib.adapters.semgrep import SemgrepScanner
from tank_core.analysis.engine import analyze
from tank_core.analysis.report import AnalysisReport
from tank_core.archive import ArchiveEntry
from tank_core.findings import Verdict
from tank_core.permissions import PermissionSet
from tank_core.scoring import verdict_of
from tests.support.semgrep_once import REPOSITORY, SEMGREP, rule_set

pytestmark = pytest.mark.skipif(not SEMGREP.exists(), reason="semgrep is not installed in .venv-semgrep")


def _report(name: str) -> AnalysisReport:
    folder = REPOSITORY / "examples" / name
    entries = [
        ArchiveEntry(path.relative_to(folder).as_posix(), path.read_bytes(), False)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    manifest = json.loads((folder / "skills.json").read_text(encoding="utf-8"))
    declared = PermissionSet.from_json(manifest["capabilities"], "skills.json")
    return analyze(entries, rule_set(), SemgrepScanner(SEMGREP), declared=declared)


@pytest.mark.parametrize("name", ["text-tools", "release-notes"])
def test_honest_example_passes_without_a_note(name: str) -> None:
    report = _report(name)
    assert verdict_of(report.findings) is Verdict.PASS


def test_malicious_example_fails_at_the_line_that_sends() -> None:
    report = _report("malicious-weather")
    assert verdict_of(report.findings) is Verdict.FAIL
    sent = [finding for finding in report.findings if finding.rule_id == "credential-file-egress"]
    assert [finding.file for finding in sent] == ["scripts/weather.py"]
    lines = (
        (REPOSITORY / "examples/malicious-weather/scripts/weather.py")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    assert "urlopen" in lines[sent[0].line - 1]
    assert "undeclared-network" in {finding.rule_id for finding in report.findings}
