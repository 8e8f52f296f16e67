"""Pick: the next version that is due, or the end of this rescan.

One execution looks at a bounded number of versions, because the history of an
execution is bounded; what is left then is due for the next one.

Source: Step Functions developer guide, "Quotas": 25,000 events; a version takes about 20.
"""

from __future__ import annotations

from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.rescans import is_due
from pipeline.judging import rules_in_force
from tank_core.entities import Availability, JsonObject, SkillVersion

BATCH = 500  # versions of one execution
_PAGE = 25  # named ahead in the execution's document


def run(event: dict[str, Any], ports: RegistryPorts) -> JsonObject:
    """Returns the next version and where to go on.

    ``outcome``: ``scan``, or ``withdrawn`` when only a takedown has to be finished; at the end
    ``done``, ``paused`` when the batch was used up, or ``incomplete`` when versions broke off.

    Args:
        event: ``batch`` and ``retry`` of whoever started it; ``pick`` and ``failed`` of earlier steps.
        ports: the registry.
    """
    rule_set = rules_in_force(ports.settings).digest
    before = event.get("pick") or {}
    left = int(before.get("left", event.get("batch", BATCH)))
    queue = [(str(name), str(version)) for name, version in before.get("queue", ())]
    cursor, is_last = str(before.get("cursor", "")), bool(before.get("is_last", False))
    retries = bool(event.get("retry", False))
    while left > 0 and (queue or not is_last):
        if not queue:
            page = ports.catalog.scanned_otherwise(rule_set, cursor=cursor, limit=_PAGE)
            queue = [(v.name, v.version) for v in page.items if is_due(v, rule_set, retries=retries)]
            cursor, is_last = page.cursor, not page.cursor
            continue
        version = ports.catalog.version(*queue.pop(0))
        if version is not None and is_due(version, rule_set, retries=retries):
            rest = {"queue": [list(one) for one in queue], "cursor": cursor, "is_last": is_last}
            return {**_named(version, rule_set), **rest, "left": left - 1}
    return {"outcome": _end(event, has_rest=bool(queue) or not is_last)}


def _named(version: SkillVersion, rule_set: str) -> JsonObject:
    is_withdrawn = version.availability is Availability.WITHDRAWN
    return {
        "outcome": "withdrawn" if is_withdrawn else "scan",
        "name": version.name,
        "version": version.version,
        "digest": version.digest,
        "size_bytes": version.size_bytes,
        "rule_set": rule_set,
    }


def _end(event: dict[str, Any], *, has_rest: bool) -> str:
    if (event.get("failed") or {}).get("failures"):
        return "incomplete"
    return "paused" if has_rest else "done"
