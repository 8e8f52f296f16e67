"""Fail: a version could not be scanned or recorded. That is ours; it keeps its verdict and stays due."""

from __future__ import annotations

import sys
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.availability import stored_version
from tank_core.entities import Availability, JsonObject


def run(event: dict[str, Any], ports: RegistryPorts) -> JsonObject:
    """Counts the failure for the version and returns how many versions of this rescan broke off.

    One that was withdrawn meanwhile is none: its bytes are gone on purpose.
    """
    asked, before = event["pick"], int((event.get("failed") or {}).get("failures", 0))
    name, version = str(asked["name"]), str(asked["version"])
    if stored_version(ports, name, version).availability is Availability.WITHDRAWN:
        return {"failures": before}
    count = ports.catalog.count_failed_scan(name, version, str(asked["rule_set"]))
    error = event.get("error")
    kind = str(error.get("Error", "unknown")) if isinstance(error, dict) else "no outcome"
    # For the operator, in the log; what the error says may quote a hostile package.
    print(f"rescan of {name}@{version} broke off, attempt {count}: {kind[:80]}", file=sys.stderr)
    return {"failures": before + 1}
