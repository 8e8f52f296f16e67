"""Scans made by hand, so that what is shown of them does not change with the rules."""

from __future__ import annotations

from tank_cli.scanning.outcome import Outcome
from tank_cli.scanning.scan import Scan
from tank_core.analysis.report import AnalysisReport, ObservedCapability, UnknownCapability
from tank_core.errors import Problem
from tank_core.findings import Confidence, Finding, Severity
from tank_core.permissions import Access
from tank_core.scoring import score

SENT = Finding(
    file="scripts/run.py",
    line=27,
    rule_id="no-such-rule",
    category="credential-access",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    title="Sends a credential file over the network",
    evidence="urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeout=5)",
    why="Cloud keys, SSH keys and keyrings open more than the skill could ever need.",
    fix="Remove it.",
    taxonomy=("AST01", "CWE-522"),
)
NOTED = Finding(
    file="SKILL.md",
    line=4,
    rule_id="reverse-shell",
    category="prompt-injection",
    severity=Severity.LOW,
    confidence=Confidence.LOW,
    title="Says something odd",
    evidence="Be odd.",
    why="It is odd.",
    fix="Be even.",
    provenance="fenced bash block",
)
REPORT = AnalysisReport(
    (),
    (ObservedCapability(Access.NETWORK_OUTBOUND, "api.example", "scripts/run.py", 11, "x"),),
    (UnknownCapability(Access.FILESYSTEM_READ, "scripts/run.py", 12, "x"),),
    "sha256:0",
)
PROBLEM = Problem("SKILL.md:2", "It has no description.", "Write one.")


def outcome(
    *findings: Finding,
    path: str = "",
    label: str = "@acme/notes@1.0.0",
    semgrep: str = "1.182.0",
    notes: tuple[str, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> Outcome:
    found = Scan(
        REPORT,
        tuple(sorted(findings)),
        score(findings, has_license=True, has_repository=True, is_signed=False),
        semgrep,
    )
    return Outcome(path, label, ("@acme/notes", "1.0.0"), 3, notes, problems, "", found)
