"""The schedule's Lambda entry: does what lost upload events should have done."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.services.uploads import sweep


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Starts uploaded but unstarted publishes and expires those that nobody uploaded."""
    return {"touched": len(sweep(wiring.ports()))}
