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
from pipeline.package import MANIFEST, archive_of, file_named, read_entries
from tank_core.analysis.report import AnalysisReport
from tank_core.findings import Finding
from tank_core.manifest import parse_skill_manifest
from tank_core.publish import Stage, StageRejected
from tank_core.refusal import refusal_of
from tank_core.scoring import score, verdict_of
from tank_core.waivers import marked, waiver_of


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
    findings = heard.findings
    granted = waivers.verified(ports, archive_of(given))
    counting = {d: w for d, w in granted.items() if any(waiver_of(f, (w,)) for f in findings)}
    refusal = refusal_of(findings, tuple(counting.values()))
    if refusal is not None:
        raise StageRejected.because(Stage.SCORE, refusal)
    with refusing(Stage.SCORE):
        manifest = parse_skill_manifest(file_named(entries, MANIFEST))
    result = score(
        findings,
        has_license=bool(manifest.license),
        has_repository=bool(manifest.repository),
        is_signed=bool(given.publish.bundle_digest),
        waivers=tuple(counting.values()),
    )
    document = result.to_json() | {
        "findings": marked(findings, counting.values()),
        "second_opinion": heard.document,
    }
    if counting:
        document |= {"unwaived_verdict": str(verdict_of(findings)), "waivers": sorted(counting)}
    documents = write_document(ports, given.publish.publish_id, SCORE, document)
    return StageOutput(
        f"{result.value} of 10, {result.verdict}"
        + (f" with {counted(len(counting), 'waiver')}" if counting else "")
        + (f"; {heard.line}" if heard.line else ""),
        {"value": result.value, "verdict": str(result.verdict)},
        documents,
    )


def _findings(given: StageInput, ports: RegistryPorts) -> tuple[Finding, ...]:
    analysis = AnalysisReport.from_json(read_document(given, ports, ANALYSIS))
    compared = read_document(given, ports, COMPARISON)["findings"]
    return tuple(sorted((*analysis.findings, *(Finding.from_json(item) for item in compared))))
