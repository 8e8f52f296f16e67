"""Score: one number and one verdict over everything that was found, itemised.

Takes the findings of Analyze and of Validate, what a second opinion adds to them where
the registry has one, and the waivers that count for exactly
these bytes: recorded, signed by the registry, in force. A report that is missing
raises: no stage that did not run can count as clean.
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import second_opinions, waivers
from pipeline.execution import (
    ANALYSIS,
    COMPARISON,
    SCORE,
    StageInput,
    StageOutput,
    counted,
    read_document,
    refusing,
    write_document,
)
from pipeline.judging import score_document
from pipeline.package import MANIFEST, archive_of, file_named, read_entries
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
    ours = _findings(given, ports)
    with refusing(Stage.SCORE):
        # The digests that a waiver must name are checked against the bytes at hand.
        entries = read_entries(given, ports)
    heard = second_opinions.hear(ports, entries, ours)
    granted = waivers.verified(ports, archive_of(given))
    refusal = refusal_of(heard.findings, tuple(granted.values()))
    if refusal is not None:
        raise StageRejected.because(Stage.SCORE, refusal)
    with refusing(Stage.SCORE):
        manifest = parse_skill_manifest(file_named(entries, MANIFEST))
    document = score_document(
        heard.findings,
        manifest,
        is_signed=bool(given.publish.bundle_digest),
        waivers=granted,
        second_opinion=heard.document,
    )
    documents = write_document(ports, given.publish.publish_id, SCORE, document)
    counting = document.get("waivers", ())
    return StageOutput(
        f"{document['value']} of 10, {document['verdict']}"
        + (f" with {counted(len(counting), 'waiver')}" if counting else "")
        + (f"; {heard.line}" if heard.line else ""),
        {"value": document["value"], "verdict": document["verdict"]},
        documents,
    )


def _findings(given: StageInput, ports: RegistryPorts) -> tuple[Finding, ...]:
    analysis = AnalysisReport.from_json(read_document(given, ports, ANALYSIS))
    compared = read_document(given, ports, COMPARISON)["findings"]
    return tuple(sorted((*analysis.findings, *(Finding.from_json(item) for item in compared))))
