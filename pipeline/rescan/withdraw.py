"""Withdraw: takes down a version that failed its rescan, or finishes such a takedown.

Only where the operator wants it (``Settings.takes_down_failed``); by default a version
that failed stays readable, is resolved by nobody, and is reported by every audit.
"""

from __future__ import annotations

import json
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from chalicelib.services.audit_events import REGISTRY
from chalicelib.services.availability import stored_version, withdraw
from pipeline.execution import MAX_WORK_BYTES, ExecutionError
from tank_core.entities import Availability, JsonObject, SkillVersion
from tank_core.findings import Finding, Severity, Verdict

_RULES_NAMED = 20


def run(event: dict[str, Any], ports: RegistryPorts) -> JsonObject:
    """Withdraws the version on every read path, with its own audit event, and settles it.

    Raises:
        ExecutionError: it neither failed nor is withdrawn already, or nobody wants it taken down.
    """
    asked = event["pick"]
    stored = stored_version(ports, str(asked["name"]), str(asked["version"]))
    is_withdrawn = stored.availability is Availability.WITHDRAWN
    if not is_withdrawn and not (stored.verdict is Verdict.FAIL and ports.settings.takes_down_failed):
        raise ExecutionError(f"{stored.name}@{stored.version} is not to be taken down")
    withdraw(ports, REGISTRY, stored, {"reason": ""} if is_withdrawn else _detail(ports, stored))
    ports.catalog.settle_scan(stored.name, stored.version, stored.rule_set)
    return {"outcome": "withdrawn"}


def _detail(ports: RegistryPorts, stored: SkillVersion) -> JsonObject:
    document = json.loads(ports.blobs.get(keys.blob(stored.findings_digest), max_bytes=MAX_WORK_BYTES))
    findings = [Finding.from_json(item) for item in document["findings"] if "waived" not in item]
    rules = sorted({finding.rule_id for finding in findings if finding.severity >= Severity.HIGH})
    return {
        "reason": f"A rescan found it to be malicious: {', '.join(rules[:_RULES_NAMED])}.",
        "by": "rescan",
        "rules": rules[:_RULES_NAMED],
        "rule_set": stored.rule_set,
    }
