"""Analyze: what the package does, as far as static analysis can tell.

Reads every file of the archive, runs all rules, and leaves the report with its
findings and observed capabilities. Refuses a package whose findings alone mean
``fail``, unless a waiver is recorded for these very bytes: whether that one counts, Score
decides, which can verify it. A detector that breaks raises: the publish then fails as ours and never
passes (PEERS, hole 7).
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import waivers
from pipeline.execution import ANALYSIS, StageInput, StageOutput, counted, refusing, write_document
from pipeline.judging import rules_in_force
from pipeline.package import archive_of, read_entries
from tank_core.analysis.engine import analyze
from tank_core.publish import Stage, StageRejected
from tank_core.refusal import refusal_of


def run(given: StageInput, ports: RegistryPorts) -> StageOutput:
    """Returns how many findings there are; the report is ``analysis.json``.

    Raises:
        StageRejected: an ``archive-*`` code, or ``malicious-package`` with file and line.
    """
    with refusing(Stage.ANALYZE):
        entries = read_entries(given, ports)
    report = analyze(entries, rules_in_force(ports.settings), ports.scanner)
    documents = write_document(ports, given.publish.publish_id, ANALYSIS, report.to_json())
    refusal = refusal_of(report.findings)
    if refusal is not None and not waivers.are_claimed(ports, archive_of(given)):
        raise StageRejected.because(Stage.ANALYZE, refusal)
    return StageOutput(
        f"{counted(len(entries), 'file')}, {counted(len(report.findings), 'finding')}, "
        f"{counted(len(report.observed), 'observed capability', 'observed capabilities')}",
        {"rule_set": report.rule_set_digest, "findings": len(report.findings)},
        documents,
    )
