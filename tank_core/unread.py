"""Findings about what lies in a skill's folder and cannot be in a package: links, and files that nobody read.

A package holds regular files only, so the registry never meets these. A folder that
somebody is about to use may hold them: a link lends a harmless name to any file of the
machine, and what was not read was not analysed.
"""

from __future__ import annotations

from tank_core.errors import quoted
from tank_core.findings import Confidence, Finding, Severity


def link(path: str, target: str, *, severity: Severity) -> Finding:
    """Returns the finding for a link.

    Args:
        path: of the link, inside the folder.
        target: as the link says it.
        severity: what the target means: inside the folder, beside it, or anywhere on the machine.
    """
    return Finding(
        file=path,
        line=0,
        rule_id="link-in-folder",
        category="suspicious-file-operation",
        severity=severity,
        confidence=Confidence.MEDIUM,
        title="Is a link, which was not followed",
        evidence=f"links to {quoted(target)}",
        why="What is read by this name is another file: of the skill, or of the machine that it is used on.",
        fix="Replace the link by the file itself.",
        taxonomy=("AST03", "CWE-59"),
    )


def unread(path: str, reason: str) -> Finding:
    """Returns the finding for a file that was not read. ``reason``: a clause, such as ``it is a device``."""
    return Finding(
        file=path,
        line=0,
        rule_id="unread-file",
        category="analysis-coverage",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        title="Could not be read, so it was not analysed",
        evidence=reason,
        why="What was not analysed may hold anything; no rule has seen it.",
        fix="Remove the file, make it smaller, or allow it to be read.",
        taxonomy=("AST08",),
    )
