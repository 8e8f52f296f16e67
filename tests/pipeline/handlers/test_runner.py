"""A stage runs for the running publish it names, and its refusal is an outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.ports.registry import RegistryPorts
from pipeline.execution import ExecutionError, StageInput, StageOutput
from pipeline.handlers import fail, reject
from pipeline.handlers.runner import run_stage
from tank_core.publish import PublishState, Rejection, Stage, StageRejected, StageState
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import package, uploaded


def passing(given: StageInput, ports: RegistryPorts) -> StageOutput:
    return StageOutput("all good", {"fact": 1})


def refusing(given: StageInput, ports: RegistryPorts) -> StageOutput:
    raise StageRejected(Rejection(Stage.SIGN, "some-code", "what", "why", "fix"))


def breaking(given: StageInput, ports: RegistryPorts) -> StageOutput:
    raise OSError("disk full")


def event_of(given: StageInput) -> dict[str, Any]:
    return {"publish_id": given.publish.publish_id, "key": given.key, "version_id": given.version_id}


def test_a_passing_stage_is_recorded_with_its_summary(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    outcome = run_stage(Stage.SIGN, passing, event_of(given), world.ports())
    publish = world.publishes.get(given.publish.publish_id)
    assert publish is not None
    assert outcome == {"outcome": "passed", "summary": "all good", "fact": 1}
    assert (publish.stages[0].state, publish.stages[0].summary) == (StageState.PASSED, "all good")


def test_a_refusal_is_an_outcome_that_the_reject_handler_records(world: MemoryWorld) -> None:
    wiring.provide(world.ports())
    given = uploaded(world, package())
    outcome = run_stage(Stage.SIGN, refusing, event_of(given), world.ports())
    reject.handler(event_of(given) | {"sign": outcome}, None)
    publish = world.publishes.get(given.publish.publish_id)
    assert publish is not None
    assert publish.rejection is not None
    assert (publish.state, publish.rejection.code) == (PublishState.REJECTED, "some-code")


def test_an_error_of_ours_is_raised_for_the_state_machine_to_retry(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    with pytest.raises(OSError, match="disk full"):
        run_stage(Stage.SIGN, breaking, event_of(given), world.ports())
    publish = world.publishes.get(given.publish.publish_id)
    assert publish is not None
    assert publish.stages[0].state is StageState.RUNNING


def test_a_failure_says_that_it_is_ours_and_tells_no_detail(world: MemoryWorld) -> None:
    wiring.provide(world.ports())
    given = uploaded(world, package())
    fail.handler(event_of(given) | {"error": {"Error": "OSError", "Cause": "/secret/path"}}, None)
    publish = world.publishes.get(given.publish.publish_id)
    assert publish is not None
    assert publish.state is PublishState.FAILED
    assert "not your package's fault" in publish.failure
    assert "secret" not in publish.failure


def test_another_object_than_the_bound_one_is_never_looked_at(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    with pytest.raises(ExecutionError):
        run_stage(Stage.SIGN, passing, event_of(given) | {"version_id": "other"}, world.ports())


def test_a_publish_that_has_ended_runs_no_stage(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    world.publishes.advance(replace(given.publish, state=PublishState.REJECTED))
    with pytest.raises(ExecutionError):
        run_stage(Stage.SIGN, passing, event_of(given), world.ports())


def test_a_document_without_a_refusal_is_an_error_of_ours(world: MemoryWorld) -> None:
    wiring.provide(world.ports())
    given = uploaded(world, package())
    with pytest.raises(ExecutionError):
        reject.handler(event_of(given) | {"sign": {"outcome": "passed"}}, None)
