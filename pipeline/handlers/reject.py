"""Records a refusal: the publish ends rejected, with its audit event."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.services import publish_progress
from pipeline.execution import ExecutionError
from tank_core.publish import Rejection, Stage


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Records the refusal of the stage that refused."""
    rejection = _rejection(event)
    publish_progress.reject(wiring.ports(), str(event["publish_id"]), rejection)
    return {"recorded": "rejected", "code": rejection.code}


def _rejection(event: dict[str, Any]) -> Rejection:
    for stage in Stage:
        outcome = event.get(stage.value)
        if isinstance(outcome, dict) and outcome.get("outcome") == "rejected":
            return Rejection.from_json(outcome["rejection"])
    raise ExecutionError("no stage of this execution refused")
