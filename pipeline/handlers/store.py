"""The Store stage's Lambda entry."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from pipeline.handlers.runner import run_stage
from pipeline.stages import store
from tank_core.publish import Stage


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Runs Store for the publish that the document names."""
    return run_stage(Stage.STORE, store.run, event, wiring.ports())
