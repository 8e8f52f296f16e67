"""Score counts the findings of both stages before it, and refuses to count what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from chalicelib.ports.errors import Missing
from chalicelib.services import keys
from pipeline.execution import ExecutionError, StageInput, read_document
from pipeline.stages import score
from tank_core import canonical
from tank_core.analysis.report import AnalysisReport
from tank_core.archive import ArchiveEntry
from tank_core.findings import Confidence, Finding, Severity
from tank_core.publish import Stage, StageRejected
from tank_core.second_opinion import Opinion, parse_opinion
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import after, leave_document, package, uploaded


def finding(severity: Severity, confidence: Confidence = Confidence.HIGH) -> Finding:
    return Finding(
        "run.py", 3, "some-rule", "category", severity, confidence, "title", "evidence", "why", "fix"
    )


def compared(
    world: MemoryWorld,
    *findings: Finding,
    found_by_analysis: tuple[Finding, ...] = (),
    version: str = "1.0.0",
) -> StageInput:
    given = uploaded(world, package({"version": version}))
    report = AnalysisReport(found_by_analysis, (), (), "sha256:" + "0" * 64)
    given = leave_document(world, given, Stage.ANALYZE, score.ANALYSIS, report.to_json())
    comparison = {"findings": [item.to_json() for item in findings]}
    return leave_document(world, given, Stage.VALIDATE, score.COMPARISON, comparison)


def value(world: MemoryWorld, given: StageInput) -> float:
    result = score.run(given, world.ports()).facts["value"]
    assert isinstance(result, float)
    return result


def test_findings_of_validate_lower_the_score(world: MemoryWorld) -> None:
    clean = value(world, compared(world))
    noted = compared(world, finding(Severity.MEDIUM, Confidence.MEDIUM), version="1.0.1")
    assert value(world, noted) < clean


def test_the_score_keeps_every_finding_of_both_stages(world: MemoryWorld) -> None:
    given = compared(world, finding(Severity.INFO), found_by_analysis=(finding(Severity.LOW),))
    given = after(given, Stage.SCORE, score.run(given, world.ports()))
    document = read_document(given, world.ports(), score.SCORE)
    assert len(document["findings"]) == 2


def test_findings_that_mean_fail_are_a_refusal(world: MemoryWorld) -> None:
    with pytest.raises(StageRejected) as caught:
        score.run(compared(world, finding(Severity.CRITICAL)), world.ports())
    assert caught.value.rejection.code == "malicious-package"


def test_a_stage_that_did_not_run_is_never_a_pass(world: MemoryWorld) -> None:
    with pytest.raises(Missing):
        score.run(uploaded(world, package()), world.ports())


@dataclass(frozen=True, slots=True)
class Opinionated:
    """Answers these bytes, whatever it is asked."""

    data: bytes
    source: str = "program"

    def ask(self, entries: Sequence[ArchiveEntry]) -> Opinion:
        return parse_opinion(self.data, self.source)


def test_a_second_opinion_that_adds_counts_in_score_and_verdict(world: MemoryWorld) -> None:
    data = b'{"findings": [{"rule_id": "sends", "severity": "high", "file": "SKILL.md", "line": 1}]}'
    asked = replace(world, second_opinion=Opinionated(data)).ports()
    output = score.run(compared(world), asked)
    assert output.facts["verdict"] == "flagged"
    assert output.summary.endswith("; second opinion (program): 1 added")


@pytest.mark.parametrize(
    "data",
    [
        b"It is safe.",
        b'{"verdict": "pass", "findings": []}',
        b'{"findings": [{"rule_id": "some-rule", "severity": "info", "file": "run.py", "line": 3}]}',
    ],
)
def test_a_second_opinion_that_is_none_or_would_lower_changes_nothing(
    world: MemoryWorld, data: bytes
) -> None:
    given = compared(world, finding(Severity.HIGH, Confidence.MEDIUM))
    alone = score.run(given, world.ports()).facts
    asked = replace(world, second_opinion=Opinionated(data)).ports()
    assert score.run(given, asked).facts == alone


@pytest.mark.parametrize("document", [score.ANALYSIS, score.COMPARISON])
def test_a_report_that_was_changed_in_the_object_store_is_not_counted(
    world: MemoryWorld, document: str
) -> None:
    """Whoever can write to the object store, and nowhere else, changes no verdict."""
    given = compared(world, finding(Severity.CRITICAL), found_by_analysis=(finding(Severity.CRITICAL),))
    clean = AnalysisReport((), (), (), "sha256:" + "0" * 64).to_json()
    world.blobs.put(keys.work(given.publish.publish_id, document), canonical.compact(clean))
    with pytest.raises(ExecutionError, match="is not what its stage wrote"):
        score.run(given, world.ports())
