"""The state machine interpreter: what it refuses, what follows what, and who may move an execution."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.ports.errors import ConditionFailed
from infra.local.sqlite.database import Database
from infra.local.states.checkpoints import Checkpoints
from infra.local.states.definition import parse_definition
from infra.local.states.engine import Engine, TaskFunction
from infra.local.states.fields import DefinitionError
from infra.local.states.task_thread import TaskThread, TooLate
from infra.local.states.transition import Checkpoint, Status, first_checkpoint
from infra.local.states.workers import EmbeddedExecutions, Workers
from tank_core.entities import JsonObject
from tests.support.embedded_ports import MovableClock

PIPELINE = Path(__file__).parents[3] / "pipeline" / "publish.asl.json"
RETRY = {
    "ErrorEquals": ["States.ALL"],
    "IntervalSeconds": 1,
    "BackoffRate": 3,
    "MaxAttempts": 3,
    "MaxDelaySeconds": 5,
}
TWO_STAGES: dict[str, Any] = {
    "StartAt": "One",
    "States": {
        "One": {
            "Type": "Task",
            "Resource": "one",
            "TimeoutSeconds": 5,
            "ResultPath": "$.one",
            "Retry": [RETRY],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Record"}],
            "Next": "OneOutcome",
        },
        "OneOutcome": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.one.outcome", "StringEquals": "passed", "Next": "Two"}],
            "Default": "Record",
        },
        "Two": {
            "Type": "Task",
            "Resource": "two",
            "TimeoutSeconds": 5,
            "ResultPath": "$.two",
            "Next": "Done",
        },
        "Record": {
            "Type": "Task",
            "Resource": "record",
            "TimeoutSeconds": 5,
            "ResultPath": "$.end",
            "Next": "Failed",
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "PublishFailed", "Cause": "It did not work."},
    },
}


class World:
    """An engine over a fresh database, with functions that a test scripts."""

    def __init__(self, folder: Path, definition: dict[str, Any]) -> None:
        self.clock = MovableClock()
        self.database = Database(folder / "registry.sqlite")
        self.checkpoints = Checkpoints(self.database, b"k" * 32)
        self.machine = parse_definition(definition)
        self.calls: list[str] = []
        self.script: dict[str, Callable[[JsonObject], object]] = {}
        functions = {resource: self._function(resource) for resource in self.machine.resources()}
        self.engine = Engine(self.machine, functions, self.checkpoints, self.clock)
        self.executions = EmbeddedExecutions(self.machine, self.checkpoints, self.clock)
        self.thread = TaskThread()

    def _function(self, resource: str) -> TaskFunction:
        def call(document: JsonObject) -> object:
            self.calls.append(resource)
            return self.script.get(resource, lambda _: {"outcome": "passed"})(document)

        return call

    def run(self, owner: str = "me") -> bool:
        return self.engine.run_one(owner, self.thread)

    def standing(self, name: str = "x") -> Checkpoint:
        at = self.checkpoints.get(name)
        assert at is not None
        return at


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, TWO_STAGES)
    yield made
    made.thread.close()
    made.database.close()


def failing(error: type[Exception] = RuntimeError) -> Callable[[JsonObject], object]:
    def fail(_: JsonObject) -> object:
        raise error("broken")

    return fail


def test_the_pipeline_is_in_the_language_that_is_known() -> None:
    machine = parse_definition(json.loads(PIPELINE.read_bytes()))
    assert machine.start_at == "Sign"
    assert len(machine.resources()) == 7


def changed(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(TWO_STAGES)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("TimeoutSeconds",), 5, "unsupported fields TimeoutSeconds"),
        (("StartAt",), "Nowhere", "'Nowhere', which is not a state"),
        (("States", "Two", "Next"), "Nowhere", "'Nowhere', which is not a state"),
        (("States", "One", "Catch", 0, "Next"), "Nowhere", "'Nowhere', which is not a state"),
        (("States", "OneOutcome", "Default"), "Nowhere", "'Nowhere', which is not a state"),
        (("States", "OneOutcome", "Choices", 0, "Next"), "Record", "nothing leads to: Done, Two"),
        (("States", "Extra"), {"Type": "Succeed"}, "nothing leads to: Extra"),
        (("States", "Two", "Type"), "Map", "type 'Map' is not supported"),
        (("States", "Two", "InputPath"), "$.x", "unsupported fields InputPath"),
        (("States", "Two", "ResultPath"), "$", "ResultPath '$' is not one key"),
        (("States", "Two", "ResultPath"), "$.a.b", "is not one key"),
        (("States", "Two", "TimeoutSeconds"), 0, "TimeoutSeconds must be a whole number"),
        (("States", "Two", "TimeoutSeconds"), True, "TimeoutSeconds must be a whole number"),
        (("States", "One", "Retry", 0, "JitterStrategy"), "FULL", "unsupported fields JitterStrategy"),
        (("States", "One", "Retry", 0, "BackoffRate"), 0.5, "BackoffRate must be a number"),
        (("States", "One", "Retry", 0, "ErrorEquals"), [], "ErrorEquals must be a list"),
        (("States", "OneOutcome", "Choices", 0, "NumericEquals"), 1, "unsupported fields NumericEquals"),
        (("States", "OneOutcome", "Choices", 0, "Variable"), "one.outcome", "is not a path"),
        (("States", "Failed", "Next"), "Done", "unsupported fields Next"),
        (("States",), {}, "States must be an object"),
    ],
)
def test_what_is_not_exactly_known_is_refused(path: tuple[Any, ...], value: object, words: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_definition(changed(path, value))
    assert words in str(refused.value)


def test_a_resource_without_a_function_is_refused(world: World) -> None:
    with pytest.raises(DefinitionError, match="no function for: one, record, two"):
        Engine(world.machine, {}, world.checkpoints, world.clock)


def test_results_land_under_their_keys_and_the_execution_succeeds(world: World) -> None:
    world.executions.start("x", {"publish_id": "p"})
    assert world.run()
    assert not world.run()
    at = world.standing()
    assert (at.status, at.state) == (Status.SUCCEEDED, "Done")
    assert at.data == {"publish_id": "p", "one": {"outcome": "passed"}, "two": {"outcome": "passed"}}


def test_any_other_outcome_takes_the_default(world: World) -> None:
    world.script["one"] = lambda _: {"outcome": "odd"}
    world.executions.start("x", {})
    world.run()
    assert world.calls == ["one", "record"]
    assert world.standing().status is Status.FAILED
    assert world.standing().data["error"]["Error"] == "PublishFailed"


def test_a_choice_on_a_value_that_is_not_there_fails_the_execution(world: World) -> None:
    world.script["one"] = lambda _: {}
    world.executions.start("x", {})
    world.run()
    assert world.standing().data["error"]["Error"] == "States.Runtime"


def test_a_failing_task_is_retried_with_back_off_and_then_caught(world: World) -> None:
    world.script["one"] = failing()
    world.executions.start("x", {})
    waits = []
    for _ in range(3):
        assert world.run()
        waits.append(world.standing().wake_at - world.clock.now())
        assert not world.run()
        world.clock.move(waits[-1])
    assert waits == [1, 3, 5]
    assert world.run()
    assert world.calls == ["one"] * 4 + ["record"]
    assert world.standing().data["error"] == {"Error": "PublishFailed", "Cause": "It did not work."}


def test_a_caught_error_is_told_to_the_state_it_leads_to(world: World) -> None:
    told: list[JsonObject] = []
    world.script |= {"one": failing(KeyError), "record": told.append}
    world.executions.start("x", {})
    for _ in range(4):
        world.run()
        world.clock.move(10)
    assert told[0]["error"] == {"Error": "KeyError", "Cause": "'broken'"}


def test_an_uncaught_error_ends_the_execution(world: World) -> None:
    world.script["two"] = failing()
    world.executions.start("x", {})
    world.run()
    at = world.standing()
    assert (at.status, at.state, at.data["error"]["Error"]) == (Status.FAILED, "Two", "RuntimeError")


def test_a_result_that_is_no_json_is_an_error(world: World) -> None:
    world.script["two"] = lambda _: {"score": float("nan")}
    world.executions.start("x", {})
    world.run()
    assert world.standing().data["error"]["Error"] == "ValueError"


def test_a_task_gets_a_copy_of_the_data(world: World) -> None:
    world.script["one"] = lambda document: document.clear() or {"outcome": "passed"}
    world.executions.start("x", {"kept": 1})
    world.run()
    assert world.standing().data["kept"] == 1


def test_each_step_is_recorded_before_and_after(world: World) -> None:
    world.executions.start("x", {})
    world.run()
    steps = [(step.state, step.happened) for step in world.checkpoints.history("x")]
    assert steps == [
        ("One", "started"),
        ("One", "entered"),
        ("One", "led to Two"),
        ("Two", "entered"),
        ("Two", "succeeded"),
    ]


def test_a_step_that_its_process_did_not_survive_runs_again_from_its_checkpoint(world: World) -> None:
    def die(_: JsonObject) -> object:
        raise SystemExit  # stands for the process going away: nothing is recorded

    world.script["two"] = die
    world.executions.start("x", {})
    with pytest.raises(SystemExit):
        world.run("dead")
    assert world.standing().state == "Two"
    world.script["two"] = lambda _: {}
    world.run("alive")
    assert world.calls == ["one", "two", "two"]
    assert world.standing().status is Status.SUCCEEDED


def test_a_name_is_started_once_with_its_first_document(world: World) -> None:
    world.executions.start("x", {"n": 1})
    world.executions.start("x", {"n": 2})
    assert world.standing().data == {"n": 1}


def test_a_lease_keeps_others_out_until_it_ends(world: World) -> None:
    world.executions.start("x", {})
    now = world.clock.now()
    assert world.checkpoints.claim("first", now, now + 30) is not None
    assert world.checkpoints.claim("second", now + 29, now + 60) is None
    assert world.checkpoints.claim("second", now + 30, now + 60) is not None


def test_who_lost_the_lease_changes_nothing(world: World) -> None:
    world.executions.start("x", {})
    now = world.clock.now()
    at = world.checkpoints.claim("first", now, now + 30)
    assert at is not None
    world.checkpoints.claim("second", now + 30, now + 60)
    late = first_checkpoint(world.machine, "x", {"late": True})
    with pytest.raises(ConditionFailed):
        world.checkpoints.enter(at, "first", now, now + 90)
    with pytest.raises(ConditionFailed):
        world.checkpoints.leave(at, late, "first", now, "")
    assert world.standing() == at
    assert [step.happened for step in world.checkpoints.history("x")] == ["started"]


def test_leases_of_the_dead_are_given_back_at_start(world: World) -> None:
    world.executions.start("x", {})
    now = world.clock.now()
    world.checkpoints.claim("dead", now, now + 1000)
    world.checkpoints.release_all()
    assert world.checkpoints.claim("alive", now, now + 30) is not None


def test_a_failure_while_stopping_is_not_the_steps(world: World) -> None:
    world.script["one"] = failing()
    world.executions.start("x", {})
    asked: list[bool] = []

    def stopping() -> bool:
        asked.append(True)
        return len(asked) > 1  # asked before the step, and again after it

    world.engine.run_one("me", world.thread, stopping=stopping)
    at = world.standing()
    assert (at.state, at.tries, at.wake_at) == ("One", (), 0)


def test_an_execution_that_a_new_definition_left_behind_fails(world: World, tmp_path: Path) -> None:
    world.executions.start("x", {})
    newer = copy.deepcopy(TWO_STAGES)
    newer["States"]["First"] = newer["States"].pop("One")
    newer["StartAt"] = "First"
    functions: dict[str, TaskFunction] = {"one": dict, "two": dict, "record": dict}
    engine = Engine(parse_definition(newer), functions, world.checkpoints, world.clock)
    engine.run_one("me", world.thread)
    assert world.standing().data["error"]["Error"] == "States.Runtime"


def test_a_late_task_times_out_and_is_abandoned(tmp_path: Path) -> None:
    release, thread = threading.Event(), TaskThread()
    with pytest.raises(TooLate):
        thread.call(lambda: release.wait(30), 0.01)
    assert thread.call(lambda: "next", 10) == "next"
    release.set()
    thread.close()


def test_workers_run_what_is_started_and_stop(world: World) -> None:
    done = threading.Event()
    world.script["two"] = lambda _: done.set() or {}
    workers = Workers(world.engine, world.checkpoints, world.clock, count=2)
    world.executions.attach(workers)
    workers.start()
    for name in ("x", "y", "z"):
        done.clear()
        world.executions.start(name, {})
        assert done.wait(20)
    workers.stop()
    assert sorted(world.calls) == ["one"] * 3 + ["two"] * 3


def stalled_at_two(world: World) -> None:
    """Leaves an execution that passed One and has Two before it, as a crash would."""

    def die(_: JsonObject) -> object:
        raise SystemExit

    world.script["two"] = die
    world.executions.start("x", {"n": 1})
    with pytest.raises(SystemExit):
        world.run("dead")
    world.script.clear()
    world.calls.clear()


CHANGES = [
    "data = json_set(data, '$.one.outcome', 'forged')", "state = 'Record'", "tries = '[0]'", "wake_at = 1",
    "seal = ''", "name = 'y'",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_an_execution_that_was_changed_in_the_database_starts_from_the_beginning(
    world: World, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stalled_at_two(world)
    with world.database.writing() as rows:
        rows.execute("PRAGMA defer_foreign_keys = ON")
        rows.execute("UPDATE execution_steps SET name = 'y'" if change.startswith("name") else "SELECT 1")
        rows.execute(f"UPDATE executions SET {change}")  # noqa: S608  # the fixed texts above
    assert not world.run()
    assert (world.calls, world.checkpoints.names()) == ([], ())
    assert "was changed in the database" in capsys.readouterr().err
    world.executions.start("x", {"n": 1})  # as the sweep does for a publish that runs
    world.run()
    assert world.calls == ["one", "two"]


def test_an_execution_that_was_written_into_the_database_never_runs(world: World) -> None:
    stalled_at_two(world)
    with world.database.writing() as rows:
        rows.execute(
            "INSERT INTO executions SELECT 'a', status, state, data, tries, wake_at, '', 0, seal, machine"
            " FROM executions"
        )
    world.run()
    assert world.calls == ["two"]
    assert world.checkpoints.names() == ("x",)


def test_the_rescan_is_in_the_language_that_is_known() -> None:
    machine = parse_definition(json.loads(PIPELINE.with_name("rescan.asl.json").read_bytes()))
    assert machine.start_at == "Pick"
    assert len(machine.resources()) == 5


@pytest.fixture
def other(world: World) -> Checkpoints:
    """A second state machine in the same database."""
    return Checkpoints(world.database, b"o" * 32, "other")


def test_two_machines_see_only_their_own_executions(world: World, other: Checkpoints) -> None:
    other.add(first_checkpoint(world.machine, "y", {}), world.clock.now())
    assert not world.run()
    world.executions.start("x", {})
    assert (world.checkpoints.names(), other.names()) == (("x",), ("y",))
    world.run()
    assert world.checkpoints.next_due() is None
    assert other.next_due() is not None


def test_an_execution_that_was_moved_to_another_machine_never_runs(
    world: World, other: Checkpoints, capsys: pytest.CaptureFixture[str]
) -> None:
    other.add(first_checkpoint(world.machine, "y", {}), world.clock.now())
    with world.database.writing() as rows:
        rows.execute("UPDATE executions SET machine = 'publish'")
    assert not world.run()
    assert world.calls == []
    assert "was changed in the database" in capsys.readouterr().err


def test_ended_executions_are_forgotten_of_one_machine_and_running_ones_are_not(
    world: World, other: Checkpoints
) -> None:
    world.executions.start("x", {})
    world.run()
    other.add(first_checkpoint(world.machine, "y", {}), world.clock.now())
    other.forget_ended()
    assert (world.checkpoints.names(), other.names()) == (("x",), ("y",))
    world.checkpoints.forget_ended()
    assert (world.checkpoints.names(), world.checkpoints.history("x")) == ((), ())
