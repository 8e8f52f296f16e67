"""A waiver of a published version is shown at once, and the next rescan attests what follows from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import appeals, keys, publishers, rescans, waivers
from infra.local.states.transition import Status
from pipeline.judging import rules_in_force
from tank_core.attestation import VerificationSummary, verify_attestation
from tank_core.entities import Appeal, Availability, SkillVersion, WaiverReference
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.waivers import DAY_SECONDS
from tests.support.appeals import granted
from tests.support.memory_ports import MemorySigner, MemoryWorld
from tests.support.rescanned import Silent, actions, events, hidden, indexed, stored
from tests.support.rescanning import published, rescan, with_rules
from tests.support.rule_sets import later_rules
from tests.support.scene import Scene

RULE, FILE = "zero-width-characters", "scripts/hello.py"


@pytest.fixture
def flags(world: MemoryWorld, tmp_path: Path) -> RegistryPorts:
    """A registry whose rules flag the hidden character."""
    return with_rules(world.ports(), later_rules(tmp_path / "flags", severity="high", confidence="medium"))


@pytest.fixture
def flagged(world: MemoryWorld, flags: RegistryPorts) -> SkillVersion:
    version = published(world, flags, hidden())
    assert (version.verdict, version.unwaived_verdict) == (Verdict.FLAGGED, None)
    return version


@pytest.fixture
def people(world: MemoryWorld, flags: RegistryPorts) -> Scene:
    return Scene(world, flags, publishers.bootstrap_admin(flags))


def filed(people: Scene, version: SkillVersion, rule_id: str = RULE) -> Appeal:
    objection = appeals.Objection(
        version.name, version.version, version.digest, version.integrity, rule_id, FILE, 0, "It is a test."
    )
    return appeals.file(people.ports, people.caller("alice"), objection)


def grant(people: Scene, version: SkillVersion, rule_id: str = RULE, days: int = 90) -> Appeal:
    appeal = filed(people, version, rule_id)
    return appeals.grant(people.ports, people.admin, appeal.appeal_id, "It is harmless here.", days)


def is_due(ports: RegistryPorts) -> bool:
    return rescans.has_due(ports.catalog, rules_in_force(ports.settings).digest)


def attested(world: MemoryWorld, version: SkillVersion) -> VerificationSummary:
    """Returns what the registry says of the version last."""
    return verify_attestation(
        world.blobs.get(keys.blob(version.attestation_digest), max_bytes=65536),
        {world.signer.key_id(): world.signer.public_key_pem()},
        name=SkillName.parse(version.name),
        version=Version.parse(version.version),
        digest=version.digest,
        integrity=version.integrity,
        accepts_failed=True,
    )


def findings(world: MemoryWorld, version: SkillVersion) -> dict[str, Any]:
    data = world.blobs.get(keys.blob(version.findings_digest), max_bytes=65536)
    document: dict[str, Any] = json.loads(data)
    return document


def test_a_grant_is_shown_at_once_and_moves_the_verdict_with_the_next_rescan(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene
) -> None:
    assert not is_due(flags)
    appeal = grant(people, flagged)
    shown = indexed(world)
    assert (shown.verdict, shown.unwaived_verdict) == (Verdict.FLAGGED, None)
    assert shown.waivers == (WaiverReference(appeal.waiver_digest),)
    assert attested(world, stored(flags)).verdict is Verdict.FLAGGED
    assert is_due(flags)
    assert rescan(flags).status is Status.SUCCEEDED
    now = stored(flags)
    assert (now.verdict, now.unwaived_verdict) == (Verdict.PASS_WITH_NOTES, Verdict.FLAGGED)
    assert attested(world, now).verdict is Verdict.PASS_WITH_NOTES
    assert attested(world, now).findings_digest == now.findings_digest
    shown = indexed(world)
    assert (shown.verdict, shown.unwaived_verdict) == (Verdict.PASS_WITH_NOTES, Verdict.FLAGGED)
    assert shown.waivers == (WaiverReference(appeal.waiver_digest, counted=True),)
    assert not is_due(flags)


def test_the_findings_say_who_waived_and_the_event_names_the_waiver(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene
) -> None:
    appeal = grant(people, flagged)
    rescan(flags)
    document = findings(world, stored(flags))
    assert [f["waived"]["by"] for f in document["findings"] if f["rule_id"] == RULE] == [appeal.decided_by]
    assert (document["unwaived_verdict"], document["waivers"]) == ("flagged", [appeal.waiver_digest])
    assert actions(flags) == ["publish", "appeal_file", "waiver_grant", "verdict_change"]
    assert events(flags)[-1].detail["waivers"] == [appeal.waiver_digest]


def test_a_revocation_makes_it_due_again_and_the_next_rescan_takes_the_verdict_back(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene
) -> None:
    appeal = grant(people, flagged)
    rescan(flags)
    appeals.revoke(flags, people.admin, appeal.appeal_id, "It was wrong.")
    assert stored(flags).verdict is Verdict.PASS_WITH_NOTES
    assert is_due(flags)
    rescan(flags)
    now = stored(flags)
    assert (now.verdict, now.unwaived_verdict) == (Verdict.FLAGGED, None)
    assert attested(world, now).verdict is Verdict.FLAGGED
    assert [(w.counted, w.revocation) for w in indexed(world).waivers] == [(False, "It was wrong.")]
    assert findings(world, now) == findings(world, flagged)
    assert not is_due(flags)


def test_what_newer_rules_condemn_is_flagged_where_a_reviewer_excused_it(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene, tmp_path: Path
) -> None:
    grant(people, flagged)
    condemns = with_rules(world.ports(), later_rules(tmp_path / "fails"), takes_down_failed=True)
    rescan(condemns)
    now = stored(condemns)
    assert (now.verdict, now.unwaived_verdict) == (Verdict.FLAGGED, Verdict.FAIL)
    assert now.availability is Availability.AVAILABLE


def test_an_expired_waiver_counts_for_nothing_at_a_rescan(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene, tmp_path: Path
) -> None:
    grant(people, flagged, days=1)
    rescan(flags)
    world.clock.move(DAY_SECONDS)
    rescan(with_rules(world.ports(), later_rules(tmp_path / "fails")))
    now = stored(flags)
    assert (now.verdict, now.unwaived_verdict) == (Verdict.FAIL, None)
    assert [w.counted for w in indexed(world).waivers] == [False]


def test_a_declined_appeal_makes_nothing_due(
    flags: RegistryPorts, flagged: SkillVersion, people: Scene
) -> None:
    appeal = filed(people, flagged)
    appeals.decline(flags, people.admin, appeal.appeal_id, "It is not.")
    assert not is_due(flags)


def test_a_waiver_that_covers_nothing_is_looked_at_and_changes_nothing(
    flags: RegistryPorts, flagged: SkillVersion, people: Scene
) -> None:
    grant(people, flagged, rule_id="another-rule")
    assert is_due(flags)
    rescan(flags)
    assert not is_due(flags)
    now = stored(flags)
    assert (now.verdict, now.attestation_digest) == (Verdict.FLAGGED, flagged.attestation_digest)
    assert actions(flags) == ["publish", "appeal_file", "waiver_grant"]


def test_a_row_that_only_says_granted_moves_no_verdict(flags: RegistryPorts, flagged: SkillVersion) -> None:
    forged = "sha256:" + "0" * 64
    granted(flags, waivers.archive_of(flagged), rule_id=RULE, file=FILE, waiver_digest=forged)
    waivers.settle(flags, flagged.name, flagged.version)
    rescan(flags)
    now = stored(flags)
    assert (now.verdict, now.unwaived_verdict) == (Verdict.FLAGGED, None)
    assert now.waivers == (WaiverReference(forged),)


def test_a_waiver_that_an_earlier_key_signed_counts_after_a_roll_of_the_key(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene
) -> None:
    grant(people, flagged)
    known = {world.signer.key_id(): world.signer.public_key_pem()}
    rolled = replace(flags, signer=MemorySigner(), settings=replace(flags.settings, earlier_keys=known))
    rescan(rolled)
    assert stored(flags).verdict is Verdict.PASS_WITH_NOTES
    forgotten = replace(rolled, settings=flags.settings)
    assert waivers.verified(forgotten, waivers.archive_of(flagged)) == {}


class Interfering:
    """A port that does something else first, once."""

    def __init__(self, port: Any, method: str, act: Callable[[], object]) -> None:
        self._port, self._method, self._act = port, method, [act]

    def __getattr__(self, name: str) -> Any:
        if name == self._method and self._act:
            self._act.pop()()
        return getattr(self._port, name)


@pytest.mark.parametrize("moment", ["record_scan", "settle_scan"])
def test_a_grant_in_the_midst_of_a_rescan_is_judged_with_before_it_ends(
    world: MemoryWorld,
    flags: RegistryPorts,
    flagged: SkillVersion,
    people: Scene,
    tmp_path: Path,
    moment: str,
) -> None:
    condemns = with_rules(world.ports(), later_rules(tmp_path / "fails"))
    meanwhile = Interfering(flags.catalog, moment, lambda: grant(people, flagged))
    assert rescan(replace(condemns, catalog=meanwhile)).status is Status.SUCCEEDED
    now = stored(flags)
    assert (now.verdict, now.unwaived_verdict) == (Verdict.FLAGGED, Verdict.FAIL)
    assert attested(world, now).verdict is Verdict.FLAGGED
    assert indexed(world).verdict is Verdict.FLAGGED
    assert not is_due(condemns)


def test_a_grant_whose_request_broke_off_in_the_midst_of_a_rescan_counts_too(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, tmp_path: Path
) -> None:
    condemns = with_rules(world.ports(), later_rules(tmp_path / "fails"))
    archive = waivers.archive_of(flagged)
    meanwhile = Interfering(
        flags.catalog, "record_scan", lambda: granted(flags, archive, rule_id=RULE, file=FILE)
    )
    assert rescan(replace(condemns, catalog=meanwhile)).status is Status.SUCCEEDED
    assert (stored(flags).verdict, indexed(world).verdict) == (Verdict.FLAGGED, Verdict.FLAGGED)
    assert not is_due(condemns)


def test_a_grant_after_a_crash_does_not_pass_for_the_end_of_what_broke_off(
    world: MemoryWorld, flags: RegistryPorts, flagged: SkillVersion, people: Scene, tmp_path: Path
) -> None:
    """The judgement was recorded and shown nowhere; after a waiver of something else, the same is found again."""
    condemns = with_rules(world.ports(), later_rules(tmp_path / "fails"))
    assert rescan(replace(condemns, index=Silent())).state == "Incomplete"
    grant(people, flagged, rule_id="another-rule")
    rescan(condemns)
    now = stored(flags)
    assert indexed(world).verdict is now.verdict is Verdict.FAIL
    ((artifact, _),) = world.artifacts.pushed.values()
    envelope = world.blobs.get(keys.blob(now.attestation_digest), max_bytes=65536)
    assert envelope in [hung.data for hung in artifact.referrers]
    assert not is_due(condemns)
