"""What a scan ends with: the worst of it, and never less than that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tank_cli.scanning.documents import json_document, sarif_text
from tank_cli.scanning.outcome import FailOn, Outcome, Report, complaint
from tank_cli.scanning.scan import ScanFailedError
from tank_core.findings import Severity, Verdict
from tests.cli.scanning.reports import NOTED, PROBLEM, SENT, outcome

FLAGGED = replace(SENT, severity=Severity.HIGH, confidence=SENT.confidence.MEDIUM)
ERROR = ScanFailedError("The scan did not finish.", why="semgrep ended with status 2", fix="Run it again.")
BROKEN = Outcome("b", "b", error=ERROR)


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "code"),
    [
        ((outcome(),), FailOn.FLAGGED, None),
        ((outcome(NOTED),), FailOn.FLAGGED, None),
        ((outcome(FLAGGED),), FailOn.FAIL, None),
        ((outcome(FLAGGED),), FailOn.FLAGGED, "flagged-package"),
        ((outcome(SENT),), FailOn.FAIL, "malicious-package"),
        ((outcome(SENT),), FailOn.FLAGGED, "malicious-package"),
        ((outcome(), outcome(SENT), BROKEN), FailOn.FAIL, "malicious-package"),
        ((outcome(), outcome(FLAGGED), BROKEN), FailOn.FLAGGED, "flagged-package"),
        ((outcome(), outcome(FLAGGED), BROKEN), FailOn.FAIL, "partly-scanned"),
        ((outcome(), outcome()), FailOn.FLAGGED, None),
    ],
)
def test_the_worst_decides(outcomes: tuple[Outcome, ...], fail_on: FailOn, code: str | None) -> None:
    for minimum in Severity:  # what is shown decides nothing
        error = complaint(Report(outcomes, minimum), fail_on)
        assert (error.code if error else None) == code
        if error is not None:
            assert int(error.exit_code) == (1 if code == "partly-scanned" else 8)


def test_the_verdict_takes_in_what_is_not_shown() -> None:
    report = Report((outcome(FLAGGED, NOTED),), Severity.CRITICAL)
    document = json_document(report, None)
    assert (document["findings"], document["hidden"]) == ([], 2)
    assert document["verdict"] == "flagged" == str(report.verdict)
    assert report.verdict is Verdict.FLAGGED


def test_a_document_of_many_has_each_and_the_error_beside_them() -> None:
    report = Report((outcome(SENT, path="a"), BROKEN))
    document = json_document(report, complaint(report, FailOn.FAIL))
    assert [package["path"] for package in document["packages"]] == ["a", "b"]
    assert document["packages"][1]["error"]["code"] == "scan-failed"
    assert "verdict" not in document["packages"][1]
    assert (document["verdict"], document["error"]["code"]) == ("fail", "malicious-package")


def test_another_semgrep_is_said_once_and_the_tested_one_is_not() -> None:
    others = [outcome(path=path, semgrep=version) for path, version in (("a", "1.0.0"), ("b", "1.0.0"))]
    assert len(Report(tuple(others)).notes) == 1
    assert Report((outcome(), outcome(semgrep=""))).notes == ()


def test_a_log_says_what_was_not_scanned_and_why_it_is_no_package() -> None:
    text = sarif_text(
        Report((outcome(SENT, path="a", problems=(PROBLEM,), notes=("Said.",)), BROKEN)), "skills/"
    )
    for said in (
        '"skills/a/scripts/run.py"',
        "It has no description",
        "not scanned",
        '"executionSuccessful": false',
    ):
        assert said in text
