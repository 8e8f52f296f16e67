"""A rescan on every implementation of the ports: the same steps, the same outcome."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from chalicelib.adapters.waiver_issuer import SigningWaiverIssuer
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys, rescans, waivers
from infra.local.states.transition import Status
from pipeline.judging import rules_in_force
from tank_core.entities import Availability, SkillVersion
from tank_core.findings import Verdict
from tests.support.appeals import granted
from tests.support.memory_documents import MemoryIndex
from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.packages import join_org, package
from tests.support.ports_under_test import PortsUnderTest
from tests.support.rescanning import published, rescan, with_rules
from tests.support.rule_sets import HIDDEN, first_rules, later_rules
from tests.support.sample_entities import NOW, a_publish, a_skill, an_event, running

SUBJECT = "skill:@acme/greeter@1.0.0"


def moved(world: MemoryWorld, ports: PortsUnderTest, version: SkillVersion) -> None:
    """Puts a version that was published in memory into the stores under test, with its documents."""
    digests = (version.digest, version.manifest_digest, version.findings_digest, version.attestation_digest)
    for key in map(keys.blob, digests):
        ports.blobs.put(key, world.blobs.get(key, max_bytes=1_000_000))
    attempt = a_publish(version.name, version.version, publish_id=version.publish_id)
    ports.publishes.reserve(attempt, now=NOW)
    running_attempt = ports.publishes.advance(running(attempt))
    first = an_event(SUBJECT, event_id="0" * 26)  # before those whose ids the registry makes
    ports.catalog.record(version, a_skill(version.name), running_attempt, first)


def registry(world: MemoryWorld, ports: PortsUnderTest, rules: Path) -> RegistryPorts:
    """Returns a registry over the stores under test, which believes what the memory's key attested."""
    known = {world.signer.key_id(): world.signer.public_key_pem()}
    return dataclasses.replace(
        with_rules(world.ports(), rules, earlier_keys=known, takes_down_failed=True),
        catalog=ports.catalog,
        audit_trail=ports.audit_trail,
        blobs=ports.blobs,
        signer=ports.signer,
        appeals=ports.appeals,
        waivers=SigningWaiverIssuer(ports.signer, ports.blobs),
        index=MemoryIndex(ports.catalog),  # type: ignore[arg-type]  # it asks for versions only
    )


def test_a_version_that_fails_is_judged_attested_and_withdrawn(ports: PortsUnderTest, tmp_path: Path) -> None:
    world = memory_world()
    join_org(world)
    before = with_rules(world.ports(), first_rules(tmp_path / "first"))
    version = published(world, before, package(scripts__hello_dot_py=HIDDEN.encode()))
    moved(world, ports, version)
    now = registry(world, ports, later_rules(tmp_path / "later"))
    rules = rules_in_force(now.settings).digest
    assert rescans.status(ports.catalog, rules).due == 1
    assert rescan(now).status is Status.SUCCEEDED
    stored = ports.catalog.version(version.name, version.version)
    assert stored is not None
    assert (stored.verdict, stored.availability) == (Verdict.FAIL, Availability.WITHDRAWN)
    assert (stored.rule_set, stored.settled_rule_set) == (rules, rules)
    assert ports.blobs.head(keys.blob(version.digest)) is None
    assert ports.blobs.head(keys.quarantine(version.digest)) is not None
    assert ports.blobs.head(keys.blob(version.attestation_digest)) is not None
    page = ports.audit_trail.events(SUBJECT, cursor="", limit=10)
    assert [str(event.action) for event in page.items][::-1] == ["publish", "verdict_change", "takedown"]
    assert rescans.status(ports.catalog, rules) == rescans.RescanStatus(0, ())
    assert rescan(now).data["pick"] == {"outcome": "done"}


def test_a_version_that_a_reviewer_excuses_is_judged_again_by_the_same_rules(
    ports: PortsUnderTest, tmp_path: Path
) -> None:
    world = memory_world()
    join_org(world)
    before = with_rules(world.ports(), first_rules(tmp_path / "first"))
    version = published(world, before, package(scripts__hello_dot_py=HIDDEN.encode()))
    moved(world, ports, version)
    rules = later_rules(tmp_path / "later", severity="high", confidence="medium")
    now = registry(world, ports, rules)
    rescan(now)
    flagged = ports.catalog.version(version.name, version.version)
    assert flagged is not None
    assert (flagged.verdict, flagged.unwaived_verdict) == (Verdict.FLAGGED, None)
    appeal = granted(
        now, waivers.archive_of(version), rule_id="zero-width-characters", file="scripts/hello.py"
    )
    waivers.settle(now, version.name, version.version)
    assert rescans.has_due(ports.catalog, rules_in_force(now.settings).digest)
    assert rescan(now).status is Status.SUCCEEDED
    stored = ports.catalog.version(version.name, version.version)
    assert stored is not None
    assert (stored.verdict, stored.unwaived_verdict) == (Verdict.PASS_WITH_NOTES, Verdict.FLAGGED)
    assert [(w.digest, w.counted) for w in stored.waivers] == [(appeal.waiver_digest, True)]
    assert not rescans.has_due(ports.catalog, rules_in_force(now.settings).digest)
