"""The Lambda entry of a rescan's step Fail."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from pipeline.rescan import fail


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Runs Fail for the version that the document names."""
    return fail.run(event, wiring.ports())
