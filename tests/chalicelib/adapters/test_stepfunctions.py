"""Starting the state machine twice with one name starts one execution."""

from __future__ import annotations

import pytest

from chalicelib.adapters import aws
from chalicelib.adapters.stepfunctions import StepFunctionsExecutions
from chalicelib.ports.errors import PortError
from tests.support.aws_ports import emulated_aws, made_state_machine


def test_same_name_starts_once_even_with_another_document() -> None:
    with emulated_aws():
        client = aws.stepfunctions_client()
        machine = made_state_machine(client)
        executions = StepFunctionsExecutions(client, machine)
        executions.start("p1", {"publish_id": "p1"})
        executions.start("p1", {"publish_id": "p1"})
        executions.start("p1", {"publish_id": "p1", "attempt": 2})
        started = client.list_executions(stateMachineArn=machine)["executions"]
        assert [execution["name"] for execution in started] == ["p1"]


def test_unknown_state_machine_is_a_port_error() -> None:
    with emulated_aws():
        client = aws.stepfunctions_client()
        absent = made_state_machine(client) + "-absent"
        with pytest.raises(PortError, match="StateMachineDoesNotExist"):
            StepFunctionsExecutions(client, absent).start("p1", {})
