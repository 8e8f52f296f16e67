"""A rescan may break off at any write: nothing half is seen, and the next one finishes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import rescans
from infra.local.states.transition import Status
from pipeline.judging import rules_in_force
from tank_core.entities import SkillVersion
from tank_core.findings import Verdict
from tests.support.memory_ports import MemoryWorld
from tests.support.rescanned import Silent, actions, assert_withdrawn, indexed, stored
from tests.support.rescanning import STEPS, rescan


class PowerCutError(Exception):
    """The machine stops here."""


class Cut:
    """Lets the first writes of a world through; the next one never happens."""

    WRITES = ("put", "copy", "delete", "record_scan", "settle_scan", "set_availability", "set_latest")
    WRITES += ("attach", "withdraw", "sign", "write")

    def __init__(self, writes: int) -> None:
        self.left = writes

    def around(self, port: Any) -> Any:
        cut = self

        class Guarded:
            def __getattr__(self, name: str) -> Any:
                found = getattr(port, name)
                return cut._guard(found) if name in cut.WRITES else found

        return Guarded()

    def _guard(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            if self.left == 0:
                raise PowerCutError
            self.left -= 1
            return write(*arguments, **options)

        return guarded


def guarded(ports: RegistryPorts, cut: Cut) -> RegistryPorts:
    changed = {
        name: cut.around(getattr(ports, name))
        for name in ("blobs", "catalog", "artifacts", "signer", "index")
    }
    return replace(ports, **changed)


# report, findings, signature, attestation, record, latest, index, mirror, takedown's record, index,
# copy, delete, mirror, settle
WRITES = 14


def strict_ports(fails: RegistryPorts) -> RegistryPorts:
    return replace(fails, settings=replace(fails.settings, takes_down_failed=True))


def test_an_undisturbed_rescan_with_a_takedown_makes_this_many_writes(
    fails: RegistryPorts, version: SkillVersion
) -> None:
    """The table of crashes below covers each of them; more writes need more rows there."""
    cut = Cut(1000)
    rescan(guarded(strict_ports(fails), cut))
    assert 1000 - cut.left == WRITES


@pytest.mark.parametrize("writes", range(WRITES))
def test_after_a_crash_at_any_write_the_next_rescan_finishes(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion, writes: int
) -> None:
    strict = strict_ports(fails)
    cut = Cut(writes)

    def dying(step: Any) -> Any:
        def run(event: dict[str, Any], ports: RegistryPorts) -> Any:
            return step.run(event, guarded(strict, cut))

        return SimpleNamespace(run=run)

    # The process is gone: nothing after the cut counts the failure or tries again.
    rescan(strict, steps={name: dying(step) for name, step in STEPS.items()} | {"Fail": Gone()})
    changed = stored(strict).verdict is not version.verdict
    assert changed == ("verdict_change" in actions(strict))
    if not changed:
        assert indexed(world).verdict is version.verdict
    assert rescans.has_due(strict.catalog, rules_in_force(strict.settings).digest)
    assert rescan(strict).status is Status.SUCCEEDED
    assert actions(strict) == ["publish", "verdict_change", "takedown"]
    assert_withdrawn(world, strict, version)
    assert not rescans.has_due(strict.catalog, rules_in_force(strict.settings).digest)


class Gone:
    def run(self, event: dict[str, Any], ports: RegistryPorts) -> dict[str, int]:
        return {"failures": 1}


def test_an_index_that_cannot_be_written_leaves_the_version_due(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    for _ in range(rescans.MAX_FAILED_SCANS + 1):
        assert rescan(replace(fails, index=Silent())).state == "Incomplete"
    assert indexed(world).verdict is Verdict.PASS
    assert rescan(fails).status is Status.SUCCEEDED
    assert indexed(world).verdict is Verdict.FAIL
    assert actions(fails) == ["publish", "verdict_change"]
