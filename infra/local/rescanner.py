"""Rescans in the background: when rules changed since the last start, published versions are judged again.

The rules ship with the code, so a restart is what makes versions due. One rescan runs
at a time, its worker apart from those of publishes. An interrupted one goes on after the
next start, as its checkpoints say.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chalicelib.services.rescans import has_due
from infra.local.analysis_process import AnalysisProcess
from infra.local.states.engine import Engine, TaskFunction
from infra.local.states.transition import Status
from infra.local.states.workers import Workers
from infra.local.wiring import EmbeddedRegistry
from pipeline.judging import rules_in_force

_EVERY_SECONDS = 60.0
_REST_SECONDS = (
    3600  # after a rescan in which something broke off: what is broken then needs time, or a person
)


class Rescanner:
    """Starts a rescan when versions are due and none runs."""

    def __init__(self, registry: EmbeddedRegistry) -> None:
        self._registry = registry
        self._last = ""
        self._rests_until = 0

    def start_if_due(self) -> bool:
        """Starts one, durably, and returns whether it did."""
        ports, rescans = self._registry.ports, self._registry.rescans
        if rescans.checkpoints.next_due() is not None:
            return False
        self._rest_after_failure()
        if ports.clock.now() < self._rests_until:
            return False
        if not has_due(ports.catalog, rules_in_force(ports.settings).digest):
            return False
        rescans.checkpoints.forget_ended()
        self._last = f"rescan-{ports.ids.new_id()}"
        rescans.executions.start(self._last, {})
        return True

    def _rest_after_failure(self) -> None:
        last = self._registry.rescans.checkpoints.get(self._last) if self._last else None
        if last is not None and last.status is Status.FAILED:
            self._rests_until = self._registry.ports.clock.now() + _REST_SECONDS
            self._last = ""
            told = last.data.get("error") or {}
            print(
                f"the rescan {last.name} ended with {told.get('Error')}: {told.get('Cause')}", file=sys.stderr
            )


@contextmanager
def rescanning(
    registry: EmbeddedRegistry, functions: Mapping[str, TaskFunction], scan: AnalysisProcess
) -> Iterator[None]:
    """Runs rescans until the block ends; looks at once, and then every minute, whether one is due."""
    rescans, clock, stopping = registry.rescans, registry.ports.clock, threading.Event()
    engine = Engine(rescans.machine, functions, rescans.checkpoints, clock)
    workers = Workers(engine, rescans.checkpoints, clock, count=1)
    rescans.executions.attach(workers)
    timer = threading.Thread(
        target=_run, args=(Rescanner(registry), stopping), daemon=True, name="rescan-timer"
    )
    workers.start()
    timer.start()
    try:
        yield
    finally:
        stopping.set()
        workers.stop(interrupt=scan.stop)
        timer.join()


def _run(rescanner: Rescanner, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            rescanner.start_if_due()
        except Exception:
            # The outermost edge of a thread that must outlive a full disk.
            traceback.print_exc(file=sys.stderr)
        stopping.wait(_EVERY_SECONDS)
