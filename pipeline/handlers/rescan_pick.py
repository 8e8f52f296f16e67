"""The Lambda entry of a rescan's step Pick."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from pipeline.rescan import pick


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Names the next version that is due, or the end."""
    return pick.run(event, wiring.ports())
