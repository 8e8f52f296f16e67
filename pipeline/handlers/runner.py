"""The one way in which a stage runs: progress, refusal and everything else.

The document of an execution is ``{"publish_id", "key", "version_id"}``; each stage's
outcome lands under its own name. Anything but ``passed`` leads away from the
next stage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import publish_progress
from pipeline.execution import ExecutionError, StageInput, StageOutput
from tank_core.entities import JsonObject, Publish
from tank_core.publish import PublishState, Stage, StageRejected

StageFunction = Callable[[StageInput, RegistryPorts], StageOutput]
_ENDED = frozenset({PublishState.REJECTED, PublishState.FAILED, PublishState.EXPIRED})


def run_stage(
    stage: Stage, run: StageFunction, event: dict[str, Any], ports: RegistryPorts
) -> dict[str, Any]:
    """Runs one stage of one publish and returns its outcome for the state machine.

    Raises:
        ExecutionError: the document names no running publish, or another object than
            the one bound to it.
        Exception: whatever the stage raised; the state machine retries it.
    """
    publish = publish_progress.stage_started(ports, str(event["publish_id"]), stage)
    given = _input(event, publish)
    try:
        output = run(given, ports)
    except StageRejected as refused:
        return {"outcome": "rejected", "rejection": refused.rejection.to_json()}
    publish_progress.stage_passed(ports, publish.publish_id, stage, output.summary)
    return {"outcome": "passed", **output.to_json()}


def _input(event: dict[str, Any], publish: Publish) -> StageInput:
    given = StageInput(publish, str(event["key"]), str(event["version_id"]), _earlier(event))
    if publish.state in _ENDED:
        raise ExecutionError(f"publish {publish.publish_id} has ended as {publish.state}")
    if not given.version_id or given.version_id != publish.object_version:
        raise ExecutionError(f"publish {publish.publish_id} is bound to another object version")
    return given


def _earlier(event: dict[str, Any]) -> dict[Stage, JsonObject]:
    """Returns the outcomes of the stages that passed."""
    outcomes = {stage: event.get(stage.value) for stage in Stage}
    return {
        stage: outcome
        for stage, outcome in outcomes.items()
        if isinstance(outcome, dict) and outcome.get("outcome") == "passed"
    }
