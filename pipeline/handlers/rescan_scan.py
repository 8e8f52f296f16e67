"""The Lambda entry of a rescan's step Scan."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from pipeline.rescan import scan


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Runs Scan for the version that the document names."""
    return scan.run(event, wiring.ports())
