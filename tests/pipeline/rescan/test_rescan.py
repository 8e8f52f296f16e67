"""A rescan judges what is published by the rules of today."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import availability, keys, rescans
from chalicelib.services.audit_events import REGISTRY
from infra.local.states.transition import Status
from pipeline.judging import rules_in_force
from pipeline.rescan import record
from tank_core import oci
from tank_core.attestation import AttestationError, VerificationSummary, verify_attestation
from tank_core.entities import AuditEvent, Availability, SkillVersion
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.semver import Version
from tests.support.memory_ports import MemorySigner, MemoryWorld
from tests.support.packages import package
from tests.support.rescanned import (
    NAME,
    NUMBER,
    SUBJECT,
    Silent,
    actions,
    assert_withdrawn,
    events,
    hidden,
    indexed,
    stored,
)
from tests.support.rescanning import STEPS, published, rescan, with_rules
from tests.support.rule_sets import SHIPPED, later_rules


def attest(world: MemoryWorld, version: SkillVersion) -> Verdict:
    """Returns the verdict that a client reads from the version's attestation."""
    return summary(world, version).verdict


def summary(world: MemoryWorld, version: SkillVersion) -> VerificationSummary:
    """Returns what a client reads from the version's attestation."""
    return verify_attestation(
        world.blobs.get(keys.blob(version.attestation_digest), max_bytes=65536),
        {world.signer.key_id(): world.signer.public_key_pem()},
        name=SkillName.parse(NAME),
        version=Version.parse(version.version),
        digest=version.digest,
        integrity=version.integrity,
    )


def test_a_version_is_due_only_for_other_rules(
    before: RegistryPorts, fails: RegistryPorts, version: SkillVersion
) -> None:
    assert version.rule_set == rules_in_force(before.settings).digest
    assert not rescans.has_due(before.catalog, rules_in_force(before.settings).digest)
    assert rescans.has_due(fails.catalog, rules_in_force(fails.settings).digest)


def test_a_changed_verdict_is_recorded_indexed_and_attested_with_its_event(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    assert rescan(fails).status is Status.SUCCEEDED
    now = stored(fails)
    assert (version.verdict, now.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert (indexed(world).verdict, indexed(world).audit_score) == (Verdict.FAIL, now.audit_score)
    assert indexed(world).attestation_digest == now.attestation_digest != version.attestation_digest
    assert actions(fails) == ["publish", "verdict_change"]
    event = events(fails)[-1]
    assert event.actor == REGISTRY
    assert event.detail["verdict_before"] == "pass"
    assert event.detail["verdict"] == "fail"
    assert event.detail["rules"] == ["zero-width-characters"]
    assert event.detail["rule_set"] == now.rule_set == now.settled_rule_set
    assert not rescans.has_due(fails.catalog, now.rule_set)


def test_the_new_findings_are_public_and_those_of_the_publish_stay(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    rescan(fails)
    new, old = (
        json.loads(world.blobs.get(keys.blob(each.findings_digest), max_bytes=65536))
        for each in (stored(fails), version)
    )
    assert [finding["rule_id"] for finding in new["findings"]] == ["zero-width-characters"]
    assert old["findings"] == []


def test_an_old_lock_still_verifies_and_what_failed_is_attested_as_failed(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    rescan(fails)
    assert attest(world, version) is Verdict.PASS
    with pytest.raises(AttestationError) as refused:
        attest(world, stored(fails))
    assert "“FAILED”, not PASSED" in refused.value.why


def test_a_flagged_version_is_attested_as_flagged(
    world: MemoryWorld, tmp_path: Path, version: SkillVersion
) -> None:
    flags = with_rules(world.ports(), later_rules(tmp_path / "flags", severity="high", confidence="medium"))
    rescan(flags)
    assert attest(world, stored(flags)) is Verdict.FLAGGED
    assert indexed(world).verdict is Verdict.FLAGGED


def test_the_new_attestation_hangs_on_the_artifact_beside_the_old_one(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    rescan(fails)
    ((artifact, _),) = world.artifacts.pushed.values()
    hung = [one.data for one in artifact.referrers if one.artifact_type == oci.ATTESTATION]
    expected = [
        world.blobs.get(keys.blob(each.attestation_digest), max_bytes=65536)
        for each in (version, stored(fails))
    ]
    assert sorted(hung) == sorted(expected)


def test_rules_that_find_nothing_new_leave_everything_but_the_rule_set(
    world: MemoryWorld, fails: RegistryPorts, before: RegistryPorts
) -> None:
    clean = published(world, before, package())
    world.index.documents.clear()
    rescan(fails)
    rules = rules_in_force(fails.settings).digest
    assert stored(fails) == replace(clean, rule_set=rules, settled_rule_set=rules)
    assert actions(fails) == ["publish"]
    assert world.index.documents == {}


def test_a_lower_score_alone_is_a_score_change(
    world: MemoryWorld, tmp_path: Path, version: SkillVersion
) -> None:
    notes = with_rules(world.ports(), later_rules(tmp_path / "notes", severity="low", confidence="high"))
    rescan(notes)
    again = with_rules(world.ports(), later_rules(tmp_path / "more", severity="medium", confidence="medium"))
    rescan(again)
    assert actions(again) == ["publish", "verdict_change", "score_change"]
    assert events(again)[-1].detail["verdict"] == "pass_with_notes"


def test_findings_that_change_no_verdict_and_no_score_are_a_review(
    world: MemoryWorld, tmp_path: Path, version: SkillVersion
) -> None:
    told = with_rules(world.ports(), later_rules(tmp_path / "info", severity="info", confidence="high"))
    rescan(told)
    assert actions(told) == ["publish", "review"]
    assert indexed(world).findings_digest == stored(told).findings_digest != version.findings_digest


def test_rules_that_were_wrong_give_the_verdict_back(
    world: MemoryWorld, before: RegistryPorts, fails: RegistryPorts, version: SkillVersion
) -> None:
    rescan(fails)
    rescan(before)
    assert actions(before) == ["publish", "verdict_change", "verdict_change"]
    assert attest(world, stored(before)) is Verdict.PASS
    assert stored(before).findings_digest == version.findings_digest


def test_what_failed_is_no_longer_the_latest(
    world: MemoryWorld, before: RegistryPorts, fails: RegistryPorts
) -> None:
    published(world, before, package({"version": "0.9.0"}))
    published(world, before, hidden())
    rescan(fails)
    skill = fails.catalog.skill(NAME)
    assert skill is not None
    assert skill.latest == "0.9.0"


def test_a_yanked_version_is_rescanned_too(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    fails.catalog.set_availability(NAME, NUMBER, Availability.YANKED, "old", latest="", event=an_event(fails))
    rescan(fails)
    assert (indexed(world).verdict, indexed(world).availability) == (Verdict.FAIL, Availability.YANKED)


def test_a_failed_version_stays_readable_unless_the_operator_wants_it_withdrawn(
    fails: RegistryPorts, version: SkillVersion
) -> None:
    rescan(fails)
    assert stored(fails).availability is Availability.AVAILABLE
    assert fails.blobs.head(keys.blob(version.digest)) is not None


def test_where_the_operator_wants_it_a_failed_version_is_withdrawn_on_every_read_path(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    strict = replace(fails, settings=replace(fails.settings, takes_down_failed=True))
    assert rescan(strict).status is Status.SUCCEEDED
    assert_withdrawn(world, strict, version)
    assert actions(strict) == ["publish", "verdict_change", "takedown"]
    event = events(strict)[-1]
    assert (event.actor, event.detail["rules"]) == (REGISTRY, ["zero-width-characters"])
    assert "zero-width-characters" in indexed(world).availability_reason
    assert not rescans.has_due(strict.catalog, rules_in_force(strict.settings).digest)


def test_a_flagged_version_is_never_withdrawn(
    world: MemoryWorld, tmp_path: Path, version: SkillVersion
) -> None:
    rules = later_rules(tmp_path / "flags", severity="high", confidence="medium")
    strict = with_rules(world.ports(), rules, takes_down_failed=True)
    rescan(strict)
    assert stored(strict).availability is Availability.AVAILABLE


def test_a_takedown_withdraws_a_rescanned_version_as_any_other(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    rescan(fails)
    availability.withdraw(fails, "admin", stored(fails), {"reason": "harmful"})
    assert_withdrawn(world, fails, version)


def test_a_version_that_was_taken_down_is_not_scanned(fails: RegistryPorts, version: SkillVersion) -> None:
    availability.withdraw(fails, "admin", version, {"reason": "harmful"})
    assert rescan(fails).status is Status.SUCCEEDED
    assert stored(fails).verdict is Verdict.PASS
    assert actions(fails) == ["publish", "takedown"]


def test_a_takedown_in_the_midst_of_a_rescan_brings_nothing_back(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    def take_down_first(event: dict[str, Any], ports: RegistryPorts) -> Any:
        availability.withdraw(ports, "admin", version, {"reason": "harmful"})
        return record.run(event, ports)

    done = rescan(fails, steps={**STEPS, "Record": SimpleNamespace(run=take_down_first)})
    assert done.status is Status.SUCCEEDED
    assert_withdrawn(world, fails, version)
    assert actions(fails) == ["publish", "takedown"]


def test_a_takedown_before_the_scan_is_no_failure_of_the_rescan(
    fails: RegistryPorts, version: SkillVersion
) -> None:
    def take_down_first(event: dict[str, Any], ports: RegistryPorts) -> Any:
        availability.withdraw(ports, "admin", version, {"reason": "harmful"})
        return STEPS["Scan"].run(event, ports)

    done = rescan(fails, steps={**STEPS, "Scan": SimpleNamespace(run=take_down_first)})
    assert done.status is Status.SUCCEEDED
    assert stored(fails).failed_scans == 0


def test_what_a_broken_off_rescan_recorded_is_shown_though_rules_changed_again_and_find_the_same(
    world: MemoryWorld, fails: RegistryPorts, tmp_path: Path, version: SkillVersion
) -> None:
    rescan(replace(fails, index=Silent()))
    assert indexed(world).verdict is Verdict.PASS
    newest = later_rules(tmp_path / "newest")
    shutil.copytree(SHIPPED / "tag-characters", newest / "tag-characters")
    assert rescan(with_rules(world.ports(), newest)).status is Status.SUCCEEDED
    assert indexed(world).verdict is Verdict.FAIL


def test_one_version_that_breaks_off_keeps_its_verdict_stays_due_and_stops_nobody(
    world: MemoryWorld, before: RegistryPorts, fails: RegistryPorts, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = published(world, before, hidden("0.9.0"))
    published(
        world, before, package({"version": "0.9.1"}, scripts__x_dot_py=b"print('hel\xe2\x80\x8blo!')\n")
    )
    blob = keys.blob(broken.digest)
    whole = world.blobs.get(blob, max_bytes=10_000)
    world.blobs.put(blob, b"x" * len(whole))
    done = rescan(fails)
    assert (done.status, done.state) == (Status.FAILED, "Incomplete")
    assert stored(fails, "0.9.0").verdict is Verdict.PASS
    assert stored(fails, "0.9.1").verdict is Verdict.FAIL
    rules = rules_in_force(fails.settings).digest
    assert rescans.status(fails.catalog, rules).due == 1
    assert "rescan of @acme/greeter@0.9.0 broke off, attempt 1: ExecutionError" in capsys.readouterr().err
    for _ in range(rescans.MAX_FAILED_SCANS - 1):
        rescan(fails)
    assert rescans.status(fails.catalog, rules) == rescans.RescanStatus(0, (stored(fails, "0.9.0"),))
    assert rescan(fails).status is Status.SUCCEEDED  # given up, so it is not looked at
    world.blobs.put(blob, whole)
    assert rescan(fails, retry=True).status is Status.SUCCEEDED
    assert stored(fails, "0.9.0").verdict is Verdict.FAIL
    assert stored(fails, "0.9.0").failed_scans == 0


def test_an_execution_looks_at_a_bounded_number_and_the_next_one_goes_on(
    world: MemoryWorld, before: RegistryPorts, fails: RegistryPorts
) -> None:
    numbers = [f"1.{minor}.0" for minor in range(30)]
    for number in numbers:
        published(world, before, package({"version": number}))
    first = rescan(fails, batch=28)
    assert first.data["pick"] == {"outcome": "paused"}
    rules = rules_in_force(fails.settings).digest
    assert rescans.status(fails.catalog, rules).due == 2
    assert rescan(fails, batch=28).data["pick"] == {"outcome": "done"}
    assert rescans.status(fails.catalog, rules).due == 0


def test_a_function_with_other_rules_ends_the_rescan_and_blames_no_version(
    before: RegistryPorts, fails: RegistryPorts, version: SkillVersion
) -> None:
    scan_elsewhere = SimpleNamespace(run=lambda event, _ports: STEPS["Scan"].run(event, before))
    done = rescan(fails, steps={**STEPS, "Scan": scan_elsewhere})
    assert (done.status, done.state) == (Status.FAILED, "RulesDiffer")
    assert stored(fails) == version


@pytest.mark.parametrize("changed", ["name", "version", "digest", "rule_set", "report"])
def test_a_report_on_something_else_is_not_believed(
    fails: RegistryPorts, version: SkillVersion, changed: str
) -> None:
    def lie(event: dict[str, Any], ports: RegistryPorts) -> Any:
        return STEPS["Scan"].run(event, ports) | {changed: "sha256:" + "0" * 64}

    done = rescan(fails, steps={**STEPS, "Scan": SimpleNamespace(run=lie)})
    assert done.state == "Incomplete"
    assert replace(stored(fails), failed_rule_set="", failed_scans=0) == version


def test_what_this_registry_never_attested_is_not_attested_by_a_rescan(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    forged = replace(version, version="6.6.6", publish_id="another")
    world.publishes.published[NAME, "6.6.6"] = forged
    assert rescan(fails).state == "Incomplete"
    assert replace(stored(fails, "6.6.6"), failed_rule_set="", failed_scans=0) == forged
    assert stored(fails).verdict is Verdict.FAIL


def test_a_rescan_says_again_what_the_publish_found_whatever_the_catalog_says(
    world: MemoryWorld, fails: RegistryPorts, tmp_path: Path, version: SkillVersion
) -> None:
    world.publishes.published[NAME, NUMBER] = replace(version, publisher_id="mallory", capabilities={})
    flags = with_rules(world.ports(), later_rules(tmp_path / "flags", severity="high", confidence="medium"))
    rescan(flags)
    assert summary(world, stored(flags)).publisher == summary(world, version).publisher == "alice"


def test_what_an_earlier_key_attested_is_rescanned_only_where_that_key_is_known(
    world: MemoryWorld, fails: RegistryPorts, version: SkillVersion
) -> None:
    rolled = replace(fails, signer=MemorySigner())
    assert rescan(rolled).state == "Incomplete"
    known = {world.signer.key_id(): world.signer.public_key_pem()}
    assert (
        rescan(replace(rolled, settings=replace(rolled.settings, earlier_keys=known))).status
        is Status.SUCCEEDED
    )
    assert stored(fails).verdict is Verdict.FAIL


def test_withdraw_takes_down_nothing_that_did_not_fail(before: RegistryPorts, version: SkillVersion) -> None:
    asked = {"pick": {"name": NAME, "version": NUMBER}}
    strict = replace(before, settings=replace(before.settings, takes_down_failed=True))
    with pytest.raises(Exception, match="not to be taken down"):
        STEPS["Withdraw"].run(asked, strict)


def an_event(ports: RegistryPorts) -> AuditEvent:
    from tank_core.entities import Action

    return AuditEvent(ports.ids.new_id(), ports.clock.now(), "ada", Action.YANK, SUBJECT)
