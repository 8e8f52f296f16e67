"""The functions behind the state machines' resources, on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from infra.local.states.engine import TaskFunction
from pipeline.handlers import (
    fail,
    reject,
    rescan_fail,
    rescan_pick,
    rescan_record,
    rescan_withdraw,
    score,
    sign,
    store,
    validate,
)
from tank_core.entities import JsonObject


class _Handler(Protocol):
    def __call__(self, event: dict[str, Any], context: object) -> dict[str, Any]: ...


def stage_functions(analyze: TaskFunction) -> Mapping[str, TaskFunction]:
    """Returns resource → function of a publish: the Lambda handlers, and the given function for Analyze."""
    handlers: Mapping[str, _Handler] = {
        "${SignFunctionArn}": sign.handler,
        "${ValidateFunctionArn}": validate.handler,
        "${ScoreFunctionArn}": score.handler,
        "${StoreFunctionArn}": store.handler,
        "${RejectFunctionArn}": reject.handler,
        "${FailFunctionArn}": fail.handler,
    }
    return {"${AnalyzeFunctionArn}": analyze, **_called(handlers)}


def rescan_functions(scan: TaskFunction) -> Mapping[str, TaskFunction]:
    """Returns resource → function of a rescan: the Lambda handlers, and the given function for Scan."""
    handlers: Mapping[str, _Handler] = {
        "${RescanPickFunctionArn}": rescan_pick.handler,
        "${RescanRecordFunctionArn}": rescan_record.handler,
        "${RescanWithdrawFunctionArn}": rescan_withdraw.handler,
        "${RescanFailFunctionArn}": rescan_fail.handler,
    }
    return {"${RescanScanFunctionArn}": scan, **_called(handlers)}


def _called(handlers: Mapping[str, _Handler]) -> dict[str, TaskFunction]:
    def called(handler: _Handler) -> TaskFunction:
        def call(document: JsonObject) -> object:
            return handler(document, None)

        return call

    return {resource: called(handler) for resource, handler in handlers.items()}
