"""Publishes through the real stages and rescans through the real state machine, all in memory."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from infra.local.states.definition import StateMachine, Task, parse_definition
from infra.local.states.transition import (
    Checkpoint,
    Status,
    TaskError,
    after_error,
    after_result,
    first_checkpoint,
)
from pipeline.execution import StageInput, matter_of
from pipeline.rescan import fail, pick, record, scan, withdraw
from pipeline.stages import analyze, score, store, validate
from tank_core.archive import ArchiveEntry
from tank_core.entities import SkillVersion
from tank_core.publish import Stage
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import after, uploaded

MACHINE: StateMachine = parse_definition(
    json.loads((Path(__file__).parents[2] / "pipeline" / "rescan.asl.json").read_bytes())
)
STEPS: Mapping[str, ModuleType] = {
    "Pick": pick,
    "Scan": scan,
    "Record": record,
    "Withdraw": withdraw,
    "Fail": fail,
}


def with_rules(ports: RegistryPorts, rules: Path, **settings: Any) -> RegistryPorts:
    """Returns the same world after a restart with other rules."""
    return dataclasses.replace(
        ports, settings=dataclasses.replace(ports.settings, rules_path=str(rules), **settings)
    )


def published(world: MemoryWorld, ports: RegistryPorts, entries: tuple[ArchiveEntry, ...]) -> SkillVersion:
    """Publishes a package that nobody signed, stage by stage."""
    given = uploaded(world, entries)
    publish = given.publish
    signed: StageInput = dataclasses.replace(
        given, earlier={Stage.SIGN: {**matter_of(publish), "signature": {}}}
    )
    for stage, module in ((Stage.ANALYZE, analyze), (Stage.VALIDATE, validate), (Stage.SCORE, score)):
        signed = after(signed, stage, module.run(signed, ports))
    store.run(signed, ports)
    found = ports.catalog.version(publish.name, publish.version)
    assert found is not None
    return found


def rescan(ports: RegistryPorts, *, steps: Mapping[str, Any] = STEPS, **document: Any) -> Checkpoint:
    """Runs one execution to its end, retries at once; returns where it ended."""
    at = first_checkpoint(MACHINE, "rescan", document)
    while at.status is Status.RUNNING:
        task = MACHINE.states[at.state]
        assert isinstance(task, Task)
        step = steps[task.resource.removeprefix("${Rescan").removesuffix("FunctionArn}")]
        try:
            result = json.loads(json.dumps(step.run(json.loads(json.dumps(at.data)), ports)))
            at = after_result(MACHINE, at, task, result)
        except Exception as error:
            at = after_error(MACHINE, at, task, TaskError(type(error).__name__, str(error)), now=0)
    return at
