"""Whose name a version imitates was found at its publish; no rescan, which reads bytes alone, forgets it."""

from __future__ import annotations

import json

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core.entities import SkillVersion
from tank_core.findings import Verdict
from tests.support.memory_ports import MemoryWorld
from tests.support.published import publish_version
from tests.support.rescanned import hidden, stored
from tests.support.rescanning import published, rescan


def rules_of(world: MemoryWorld, version: SkillVersion) -> list[str]:
    document = json.loads(world.blobs.get(keys.blob(version.findings_digest), max_bytes=65536))
    return sorted(finding["rule_id"] for finding in document["findings"])


def test_an_imitation_is_flagged_and_stays_found_after_a_rescan(
    world: MemoryWorld, before: RegistryPorts, fails: RegistryPorts
) -> None:
    publish_version(world, "@acrne/greeter", "1.0.0")
    version = published(world, before, hidden())
    assert version.verdict is Verdict.FLAGGED
    assert rules_of(world, version) == ["imitated-skill"]
    rescan(fails)
    assert rules_of(world, stored(fails)) == ["imitated-skill", "zero-width-characters"]
    rescan(before)
    assert stored(before).verdict is Verdict.FLAGGED
