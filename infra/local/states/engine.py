"""Runs executions step by step, each step recorded before and after it ran.

A process that dies in a step leaves a checkpoint that says so; whoever gets the
lease next runs that step again. Nothing here sleeps: a retry is a time before
which nobody claims the execution.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import ConditionFailed
from infra.local.states.checkpoints import Checkpoints
from infra.local.states.definition import StateMachine, Task
from infra.local.states.fields import DefinitionError
from infra.local.states.task_thread import TaskThread, TooLate
from infra.local.states.transition import (
    RUNTIME,
    TIMEOUT,
    Checkpoint,
    Status,
    TaskError,
    after_error,
    after_result,
    failed,
)
from tank_core.entities import JsonObject

TaskFunction: TypeAlias = Callable[[JsonObject], object]

_MARGIN_SECONDS = 30  # what a worker may need around a task before its lease is anybody's
_LONGEST_CAUSE = 500  # characters of an exception's words that are kept


class Engine:
    """Runs the executions of one state machine with the functions of this process."""

    def __init__(
        self,
        machine: StateMachine,
        functions: Mapping[str, TaskFunction],
        checkpoints: Checkpoints,
        clock: Clock,
    ) -> None:
        """Binds the machine's resources to functions.

        Raises:
            DefinitionError: a resource has no function.
        """
        unbound = sorted(set(machine.resources()) - set(functions))
        if unbound:
            raise DefinitionError(f"no function for: {', '.join(unbound)}")
        self._machine = machine
        self._functions = functions
        self._checkpoints = checkpoints
        self._clock = clock

    def run_one(
        self, owner: str, thread: TaskThread, *, stopping: Callable[[], bool] = lambda: False
    ) -> bool:
        """Claims one due execution and moves it until it ends, sleeps, or the caller stops.

        Args:
            owner: names the lease; no two workers share one.
            thread: where tasks run.
            stopping: asked between steps.

        Returns:
            False when nothing was due.
        """
        now = self._clock.now()
        at = self._checkpoints.claim(owner, now, now + _MARGIN_SECONDS)
        if at is None:
            return False
        try:
            while at.status is Status.RUNNING and at.wake_at <= self._clock.now() and not stopping():
                at = self._step(at, owner, thread, stopping)
        except ConditionFailed:
            pass  # the lease ran out and somebody else goes on; what this one wrote was refused
        finally:
            self._checkpoints.release(owner)
        return True

    def _step(
        self, at: Checkpoint, owner: str, thread: TaskThread, stopping: Callable[[], bool]
    ) -> Checkpoint:
        now = self._clock.now()
        task = self._machine.states.get(at.state)
        if not isinstance(task, Task):
            lost = failed(at, RUNTIME, f"the definition has no task {at.state} any more")
            self._checkpoints.leave(at, lost, owner, now, "left behind by a new definition")
            return lost
        self._checkpoints.enter(at, owner, now, now + task.timeout_seconds + _MARGIN_SECONDS)
        outcome = self._attempt(task, at.data, thread)
        if isinstance(outcome, TaskError) and stopping():
            return at  # who stops may have broken the step: it is not the step's failure, and runs again
        now = self._clock.now()
        if isinstance(outcome, TaskError):
            after = after_error(self._machine, at, task, outcome, now)
            detail = f"{outcome.error}: {outcome.cause}"
        else:
            after, detail = after_result(self._machine, at, task, outcome), ""
        self._checkpoints.leave(at, after, owner, now, detail)
        return after

    def _attempt(self, task: Task, data: JsonObject, thread: TaskThread) -> object:
        """Returns the task's result as JSON would carry it, or its TaskError."""
        function = self._functions[task.resource]
        document = json.dumps(data)
        try:
            result = thread.call(lambda: function(json.loads(document)), task.timeout_seconds)
            return json.loads(json.dumps(result, allow_nan=False))
        except TooLate:
            return TaskError(TIMEOUT, f"no result after {task.timeout_seconds} s")
        except Exception as exc:
            # The outermost edge of a stage: whatever it raised is its failure, by name.
            return TaskError(type(exc).__name__, str(exc)[:_LONGEST_CAUSE])
