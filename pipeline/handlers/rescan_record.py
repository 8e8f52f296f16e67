"""The Lambda entry of a rescan's step Record."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from pipeline.rescan import record


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Runs Record for the version that the document names."""
    return record.run(event, wiring.ports())
