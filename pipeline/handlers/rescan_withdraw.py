"""The Lambda entry of a rescan's step Withdraw."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from pipeline.rescan import withdraw


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Runs Withdraw for the version that the document names."""
    return withdraw.run(event, wiring.ports())
