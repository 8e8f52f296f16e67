"""When a registry on one machine starts a rescan by itself, and when it waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.rescanner import Rescanner
from infra.local.sqlite.database import Database
from infra.local.states.checkpoints import Checkpoints
from infra.local.states.engine import Engine
from infra.local.states.task_thread import TaskThread
from infra.local.states.workers import EmbeddedExecutions
from tank_core.entities import JsonObject
from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.packages import join_org, package
from tests.support.rescanning import MACHINE, STEPS, published, with_rules
from tests.support.rule_sets import first_rules, later_rules

HOUR = 3600


class Machine:
    """A registry whose rescans run when the test says so."""

    def __init__(self, world: MemoryWorld, folder: Path) -> None:
        self.clock = world.clock
        before = with_rules(world.ports(), first_rules(folder / "first"))
        self.ports = with_rules(world.ports(), later_rules(folder / "later"))
        self.version = published(world, before, package())
        self.database = Database(folder / "registry.sqlite")
        self.checkpoints = Checkpoints(self.database, b"k" * 32, "rescan")
        executions = EmbeddedExecutions(MACHINE, self.checkpoints, self.clock)
        rescans = SimpleNamespace(machine=MACHINE, checkpoints=self.checkpoints, executions=executions)
        registry: Any = SimpleNamespace(ports=self.ports, rescans=rescans)
        self.rescanner = Rescanner(registry)
        self.thread = TaskThread()

    def run(self) -> None:
        """Runs what was started, and its retries, to the end."""
        functions = {f"${{Rescan{name}FunctionArn}}": self._function(step) for name, step in STEPS.items()}
        engine = Engine(MACHINE, functions, self.checkpoints, self.clock)
        while self.checkpoints.next_due() is not None:
            if not engine.run_one("worker", self.thread):
                self.clock.move(1)

    def _function(self, step: Any) -> Any:
        def call(document: JsonObject) -> object:
            return step.run(document, self.ports)

        return call


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    world = memory_world()
    join_org(world)
    made = Machine(world, tmp_path)
    yield made
    made.thread.close()
    made.database.close()


def test_a_rescan_starts_when_versions_are_due_and_no_other_beside_it(machine: Machine) -> None:
    assert machine.rescanner.start_if_due()
    assert not machine.rescanner.start_if_due()
    assert len(machine.checkpoints.names()) == 1


def test_nothing_starts_once_nothing_is_due(machine: Machine) -> None:
    machine.rescanner.start_if_due()
    machine.run()
    assert not machine.rescanner.start_if_due()


def test_an_interrupted_rescan_is_gone_on_with_and_not_doubled(machine: Machine) -> None:
    machine.rescanner.start_if_due()
    registry: Any = machine.rescanner._registry
    assert not Rescanner(registry).start_if_due()  # of the next start


def test_after_a_rescan_that_broke_off_the_next_one_waits_for_an_hour(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    class Gone:
        def get(self, *_: Any, **__: Any) -> bytes:
            raise OSError("the disk is gone")

    whole = machine.ports
    machine.ports = dataclasses.replace(whole, blobs=Gone())  # type: ignore[arg-type]
    machine.rescanner.start_if_due()
    machine.run()
    assert not machine.rescanner.start_if_due()
    assert "ended with RescanIncomplete" in capsys.readouterr().err
    machine.clock.move(HOUR - 1)
    assert not machine.rescanner.start_if_due()
    machine.ports = whole
    machine.clock.move(1)
    assert machine.rescanner.start_if_due()
    assert len(machine.checkpoints.names()) == 1  # the ended one is forgotten
    machine.run()
    stored = whole.catalog.version(machine.version.name, machine.version.version)
    assert stored is not None
    assert stored.settled_rule_set != machine.version.settled_rule_set
