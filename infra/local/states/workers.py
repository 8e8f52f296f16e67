"""The threads that run the engine, and what wakes them."""

from __future__ import annotations

import secrets
import sys
import threading
import traceback
from collections.abc import Callable

from chalicelib.ports.clock import Clock
from infra.local.states.checkpoints import Checkpoints
from infra.local.states.definition import StateMachine
from infra.local.states.engine import Engine
from infra.local.states.task_thread import TaskThread
from infra.local.states.transition import first_checkpoint
from tank_core.entities import JsonObject

_LONGEST_WAIT_SECONDS = 5.0  # bounds what a missed wake-up or a clock step costs
_SHORTEST_WAIT_SECONDS = 0.05  # the clock counts whole seconds; this is how finely we look for the next
_STOP_SECONDS = 5.0


class Workers:
    """A pool of threads that move due executions; the Executions port's other half."""

    def __init__(self, engine: Engine, checkpoints: Checkpoints, clock: Clock, *, count: int = 2) -> None:
        self._engine = engine
        self._checkpoints = checkpoints
        self._clock = clock
        self._wake = threading.Condition()
        self._is_stopping = False
        self._signals = 0  # counts wake-ups, so that none between looking and resting is lost
        self._threads = [
            threading.Thread(target=self._serve, daemon=True, name=f"worker-{n}") for n in range(count)
        ]

    def start(self) -> None:
        """Starts the threads; due executions, interrupted ones included, go on at once."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Says that an execution may have become due."""
        with self._wake:
            self._signals += 1
            self._wake.notify_all()

    def stop(self, interrupt: Callable[[], None] = lambda: None) -> None:
        """Ends the threads after the step each is in, or leaves them behind when a step takes long.

        Args:
            interrupt: called once no failure is recorded any more; may end running steps.
        """
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        interrupt()
        for thread in self._threads:
            thread.join(_STOP_SECONDS)

    def _serve(self) -> None:
        owner, thread = secrets.token_hex(8), TaskThread()
        while not self._is_stopping:
            seen = self._signals
            try:
                if not self._engine.run_one(owner, thread, stopping=lambda: self._is_stopping):
                    self._rest(seen, self._seconds_until_due())
            except Exception:
                # The outermost edge of a worker: it must outlive a full disk or a locked file.
                traceback.print_exc(file=sys.stderr)
                self._rest(seen, _LONGEST_WAIT_SECONDS)
        thread.close()

    def _seconds_until_due(self) -> float:
        due = self._checkpoints.next_due()
        if due is None:
            return _LONGEST_WAIT_SECONDS
        return min(_LONGEST_WAIT_SECONDS, max(_SHORTEST_WAIT_SECONDS, float(due - self._clock.now())))

    def _rest(self, seen: int, seconds: float) -> None:
        with self._wake:
            if not self._is_stopping and self._signals == seen:
                self._wake.wait(seconds)


class EmbeddedExecutions:
    """The Executions port: an execution is durable when ``start`` returns."""

    def __init__(self, machine: StateMachine, checkpoints: Checkpoints, clock: Clock) -> None:
        self._machine = machine
        self._checkpoints = checkpoints
        self._clock = clock
        self._workers: Workers | None = None

    def attach(self, workers: Workers) -> None:
        """Names the workers to wake; without any, executions wait for the next start."""
        self._workers = workers

    def start(self, name: str, document: JsonObject) -> None:
        """Starts the execution of this name, once."""
        first = first_checkpoint(self._machine, name, document)
        if self._checkpoints.add(first, self._clock.now()) and self._workers is not None:
            self._workers.wake()
