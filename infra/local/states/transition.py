"""What follows what: pure functions from where an execution stands to where it stands next.

Source: the Amazon States Language specification, "Errors", "Retrying after
error", "Fallback states" and "Choice state".
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from enum import StrEnum

from infra.local.states.definition import Choice, Fail, Retrier, StateMachine, Succeed, Task
from tank_core.entities import JsonObject

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
RUNTIME = "States.Runtime"


class Status(StrEnum):
    """Where an execution stands as a whole."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where one execution stands.

    Attributes:
        name: of the execution.
        status: running, or how it ended.
        state: the Task to run next, or the state it ended in.
        data: the execution's JSON document so far.
        tries: how often each retrier of ``state`` was used, in the retriers' order.
        wake_at: epoch seconds before which the task is not run.
    """

    name: str
    status: Status
    state: str
    data: JsonObject
    tries: tuple[int, ...] = ()
    wake_at: int = 0


@dataclass(frozen=True, slots=True)
class TaskError:
    """How a task failed: the error's name, and its words."""

    error: str
    cause: str


def first_checkpoint(machine: StateMachine, name: str, data: JsonObject) -> Checkpoint:
    """Returns where a new execution stands."""
    return _arrive(machine, Checkpoint(name, Status.RUNNING, machine.start_at, data), machine.start_at)


def after_result(machine: StateMachine, at: Checkpoint, task: Task, result: object) -> Checkpoint:
    """Returns what follows a task's result."""
    done = dataclasses.replace(at, data={**at.data, task.result_key: result})
    if not task.next:
        return dataclasses.replace(done, status=Status.SUCCEEDED)
    return _arrive(machine, done, task.next)


def after_error(
    machine: StateMachine, at: Checkpoint, task: Task, problem: TaskError, now: int
) -> Checkpoint:
    """Returns what follows a task's failure: the task again later, its catcher, or the end."""
    tries = at.tries or (0,) * len(task.retriers)
    for number, retrier in enumerate(task.retriers):
        if _matches(retrier.error_equals, problem.error):
            if tries[number] < retrier.max_attempts:
                used = (*tries[:number], tries[number] + 1, *tries[number + 1 :])
                return dataclasses.replace(at, tries=used, wake_at=now + _delay(retrier, tries[number]))
            break  # only the first retrier that matches counts
    for catcher in task.catchers:
        if _matches(catcher.error_equals, problem.error):
            told = {"Error": problem.error, "Cause": problem.cause}
            caught = dataclasses.replace(at, data={**at.data, catcher.result_key: told})
            return _arrive(machine, caught, catcher.next)
    return failed(at, problem.error, problem.cause)


def _arrive(machine: StateMachine, at: Checkpoint, name: str) -> Checkpoint:
    """Follows choices, which only look at the data, until a task or an end."""
    for _ in machine.states:
        state = machine.states[name]
        here = dataclasses.replace(at, state=name, tries=(), wake_at=0)
        if isinstance(state, Task):
            return here
        if isinstance(state, Succeed):
            return dataclasses.replace(here, status=Status.SUCCEEDED)
        if isinstance(state, Fail):
            return failed(here, state.error, state.cause)
        chosen = _chosen(state, at.data)
        if chosen is None:
            return failed(here, RUNTIME, f"{name} looks at a value that is not there")
        name = chosen
    return failed(dataclasses.replace(at, state=name), RUNTIME, "choices lead in a circle")


def _chosen(choice: Choice, data: JsonObject) -> str | None:
    for rule in choice.rules:
        value: object = data
        for key in rule.variable:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        if value == rule.string_equals:
            return rule.next
    return choice.default


def failed(at: Checkpoint, error: str, cause: str) -> Checkpoint:
    """Returns the end of an execution that nothing catches."""
    told = {"Error": error, "Cause": cause}
    return dataclasses.replace(at, status=Status.FAILED, data={**at.data, "error": told})


def _matches(error_equals: tuple[str, ...], error: str) -> bool:
    return ALL in error_equals or error in error_equals or (TASK_FAILED in error_equals and error != TIMEOUT)


def _delay(retrier: Retrier, tries: int) -> int:
    # Past 64 tries the power could leave the range of floats; the cap has long decided by then.
    delay = retrier.interval_seconds * retrier.backoff_rate ** min(tries, 64)
    return math.ceil(min(delay, retrier.max_delay_seconds))
