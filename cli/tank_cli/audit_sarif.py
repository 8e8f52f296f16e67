"""An audit as a SARIF log: each finding at the line of skills.lock that holds the version."""

from __future__ import annotations

from collections.abc import Iterator

from tank_cli import __version__
from tank_cli.auditing import Audit, AuditFinding
from tank_core import sarif
from tank_core.analysis.rules import RuleSet
from tank_core.findings import Confidence, Finding
from tank_core.integrity import sha256_digest
from tank_core.strict_json import key_lines
from tank_core.taxonomy import Taxonomy

_CATEGORY = "installed-skills"
# Why each of them matters: what an install would say, in one sentence.
_WHY = {
    "withdrawn-in-lock": "The registry took it down, or does not know it.",
    "signer-differs": "Who signed a version never changes; either the lock or the index was changed.",
    "verdict-changed": "The registry's rules know more today than when the version was locked.",
    "flagged-version": "Its scan found something that a person should look at first.",
    "audit-policy": "`audit` in skills.json and the user's configuration say what every skill must have.",
    "index-expired": "An old index hides fixes and takedowns.",
    "yanked": "Its publisher took it out of new resolutions.",
    "deprecated": "Its publisher advises against it.",
}


def sarif_text(audit: Audit, lock: bytes, path: str) -> str:
    """Returns an audit as the text of a SARIF log.

    Args:
        audit: what was found.
        lock: the bytes of skills.lock.
        path: where skills.lock lies, from the root of the log on.
    """
    folder, slash, file = path.rpartition("/")
    lines = key_lines(lock.decode("utf-8"))
    findings = tuple(_finding(finding, file, lines) for finding in audit.findings)
    package = sarif.Scanned(path, folder + slash, findings, {"skills": len(audit.standings)})
    rules = RuleSet((), sha256_digest("\n".join(sorted(_WHY)).encode()))
    log = sarif.document([package], rules, Taxonomy({}), version=__version__, notices=tuple(_notices(audit)))
    return sarif.to_text(log)


def _finding(finding: AuditFinding, file: str, lines: dict[str, int]) -> Finding:
    name = finding.label.rpartition("@")[0]
    return Finding(
        file=file,
        line=lines.get(f"skills.{name}", 1),
        rule_id=finding.rule_id,
        category=_CATEGORY,
        severity=finding.severity,
        confidence=Confidence.HIGH,
        title=f"{finding.label} {finding.what}",
        evidence=finding.label,
        why=_WHY[finding.rule_id],
        fix=finding.fix,
    )


def _notices(audit: Audit) -> Iterator[sarif.Notice]:
    if audit.age is not None:
        yield sarif.Notice("warning", f"The registry was not asked; its signed index is {audit.age.told}.")
