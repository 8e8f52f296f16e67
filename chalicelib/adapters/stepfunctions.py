"""Starts the publish state machine in Step Functions.

A standard workflow keeps an execution's name for 90 days and answers the same
name with the same input again as a success, with another input with
``ExecutionAlreadyExists``: both mean that it was started.

Source: Step Functions API reference, StartExecution, "Idempotency".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chalicelib.adapters.aws import port_errors

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from tank_core.entities import JsonObject


class StepFunctionsExecutions:
    """The ``Executions`` port over one state machine."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, name: str, document: JsonObject) -> None:
        """See ``Executions.start``."""
        with port_errors(f"start execution {name}"):
            try:
                self._client.start_execution(
                    stateMachineArn=self._state_machine_arn,
                    name=name,
                    input=json.dumps(document, sort_keys=True),
                )
            except self._client.exceptions.ExecutionAlreadyExists:
                return
