"""Nobody is asked again at a rescan; what an opinion said of the bytes stays until somebody judges them anew."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core.entities import SkillVersion
from tank_core.findings import Verdict
from tests.pipeline.stages.test_score import Opinionated
from tests.support.memory_ports import MemoryWorld
from tests.support.rescanned import actions, hidden, stored
from tests.support.rescanning import published, rescan, with_rules
from tests.support.rule_sets import later_rules

SENDS = {"rule_id": "sends", "severity": "high", "file": "SKILL.md", "line": 1}


def opinion(*items: dict[str, Any]) -> Opinionated:
    return Opinionated(json.dumps({"findings": items}).encode())


def findings(world: MemoryWorld, version: SkillVersion) -> dict[str, Any]:
    data = world.blobs.get(keys.blob(version.findings_digest), max_bytes=65536)
    document: dict[str, Any] = json.loads(data)
    return document


def severities(document: dict[str, Any]) -> dict[str, str]:
    return {finding["rule_id"]: finding["severity"] for finding in document["findings"]}


@pytest.fixture
def asked(world: MemoryWorld, before: RegistryPorts) -> SkillVersion:
    """A version that the rules find nothing in, and a second opinion flags."""
    version = published(world, replace(before, second_opinion=opinion(SENDS)), hidden())
    assert version.verdict is Verdict.FLAGGED
    return version


def test_a_finding_that_an_opinion_added_stays_beside_what_newer_rules_find(
    world: MemoryWorld, asked: SkillVersion, fails: RegistryPorts
) -> None:
    rescan(fails)
    document = findings(world, stored(fails))
    assert severities(document) == {"zero-width-characters": "critical", "second-opinion/sends": "high"}
    assert document["second_opinion"] == findings(world, asked)["second_opinion"]
    assert document["second_opinion"]["state"] == "heard"


def test_rules_that_find_nothing_new_leave_the_opinion_and_write_nothing(
    world: MemoryWorld, asked: SkillVersion, before: RegistryPorts, fails: RegistryPorts
) -> None:
    rescan(fails)
    rescan(before)
    assert stored(before).findings_digest == asked.findings_digest
    assert stored(before).verdict is Verdict.FLAGGED
    assert actions(before) == ["publish", "verdict_change", "verdict_change"]


def test_nobody_is_asked_again(asked: SkillVersion, fails: RegistryPorts) -> None:
    asks = []

    class Asked(Opinionated):
        def ask(self, entries: Any) -> Any:
            asks.append(entries)
            return super().ask(entries)

    rescan(replace(fails, second_opinion=Asked(b"{}")))
    assert stored(fails).verdict is Verdict.FAIL
    assert asks == []


def test_a_severity_that_an_opinion_raised_stays_raised(
    world: MemoryWorld, before: RegistryPorts, tmp_path: Any
) -> None:
    notes = with_rules(world.ports(), later_rules(tmp_path / "notes", severity="low", confidence="medium"))
    plain = published(world, notes, hidden("0.9.0"))
    (found,) = findings(world, plain)["findings"]
    raising = opinion({**SENDS, "rule_id": found["rule_id"], "file": found["file"], "line": found["line"]})
    raised = published(world, replace(notes, second_opinion=raising), hidden())
    assert (plain.verdict, raised.verdict) == (Verdict.PASS_WITH_NOTES, Verdict.FLAGGED)
    graver = with_rules(
        world.ports(), later_rules(tmp_path / "graver", severity="medium", confidence="medium")
    )
    rescan(graver)
    assert stored(graver, "0.9.0").verdict is Verdict.PASS_WITH_NOTES
    assert stored(graver).verdict is Verdict.FLAGGED
    (now,) = findings(world, stored(graver))["findings"]
    assert now["severity"] == "high"
    assert now["why"].endswith("A second opinion (program) raised it from medium.")
