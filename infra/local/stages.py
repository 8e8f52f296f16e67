"""The functions behind the state machine's resources, on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from infra.local.states.engine import TaskFunction
from pipeline.handlers import fail, reject, score, sign, store, validate
from tank_core.entities import JsonObject


def stage_functions(analyze: TaskFunction) -> Mapping[str, TaskFunction]:
    """Returns resource → function: the Lambda handlers, and the given function for Analyze."""
    handlers = {
        "${SignFunctionArn}": sign.handler,
        "${ValidateFunctionArn}": validate.handler,
        "${ScoreFunctionArn}": score.handler,
        "${StoreFunctionArn}": store.handler,
        "${RejectFunctionArn}": reject.handler,
        "${FailFunctionArn}": fail.handler,
    }

    def called(resource: str) -> TaskFunction:
        def call(document: JsonObject) -> object:
            return handlers[resource](document, None)

        return call

    return {"${AnalyzeFunctionArn}": analyze, **{resource: called(resource) for resource in handlers}}
