"""Score: one number and one verdict over everything that was found, itemised.

Takes the findings of Analyze and of Validate. A report that is missing raises:
no stage that did not run can count as clean.
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from pipeline.execution import (
    ANALYSIS,
    COMPARISON,
    SCORE,
    StageInput,
    StageOutput,
    read_document,
    refusing,
    write_document,
)
from pipeline.judging import score_document
from pipeline.package import MANIFEST, file_named, read_entries
from tank_core.analysis.report import AnalysisReport
from tank_core.findings import Finding
from tank_core.manifest import parse_skill_manifest
from tank_core.publish import Stage, StageRejected
from tank_core.refusal import refusal_of


def run(given: StageInput, ports: RegistryPorts) -> StageOutput:
    """Returns score and verdict; the items are in ``score.json``, with all findings.

    Raises:
        StageRejected: ``malicious-package``: the findings together mean ``fail``.
    """
    findings = _findings(given, ports)
    refusal = refusal_of(findings)
    if refusal is not None:
        raise StageRejected.because(Stage.SCORE, refusal)
    with refusing(Stage.SCORE):
        manifest = parse_skill_manifest(file_named(read_entries(given, ports), MANIFEST))
    document = score_document(findings, manifest, is_signed=bool(given.publish.bundle_digest))
    documents = write_document(ports, given.publish.publish_id, SCORE, document)
    return StageOutput(
        f"{document['value']} of 10, {document['verdict']}",
        {"value": document["value"], "verdict": document["verdict"]},
        documents,
    )


def _findings(given: StageInput, ports: RegistryPorts) -> tuple[Finding, ...]:
    analysis = AnalysisReport.from_json(read_document(given, ports, ANALYSIS))
    compared = read_document(given, ports, COMPARISON)["findings"]
    return tuple(sorted((*analysis.findings, *(Finding.from_json(item) for item in compared))))
