"""The contract of ``chalicelib.ports.catalog``: how published versions are judged."""

from __future__ import annotations

import dataclasses
import functools

import pytest

from chalicelib.ports.errors import ConditionFailed, InvalidCursor, Missing
from tank_core.entities import Availability, Publish, SkillVersion, WaiverReference
from tank_core.findings import Verdict
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners
from tests.support.sample_entities import NOW, a_publish, a_skill, a_version, an_event, running


def ready(ports: PortsUnderTest, publish: Publish) -> Publish:
    """Returns the attempt, reserved and running."""
    ports.publishes.reserve(publish, now=NOW)
    return ports.publishes.advance(running(publish))


def publish_one(ports: PortsUnderTest, name: str = "@acme/tool", version: str = "1.0.0") -> SkillVersion:
    attempt = ready(ports, a_publish(name, version))
    recorded = a_version(attempt)
    ports.catalog.record(recorded, a_skill(name), attempt, an_event(f"skill:{name}@{version}"))
    return recorded


OLD, NEW = "sha256:" + "0" * 64, "sha256:" + "1" * 64


def judged(version: SkillVersion, **changes: object) -> SkillVersion:
    """Returns the version as a rescan with the new rules judges it."""
    found: dict[str, object] = {
        "verdict": Verdict.FAIL,
        "audit_score": 2.0,
        "findings_digest": NEW,
        "attestation_digest": NEW,
        "rule_set": NEW,
    }
    return dataclasses.replace(version, **(found | changes))  # type: ignore[arg-type]


def stored_as(ports: PortsUnderTest, version: SkillVersion) -> SkillVersion:
    found = ports.catalog.version(version.name, version.version)
    assert found is not None
    assert ports.catalog.versions(version.name) == (found,)
    return found


def test_a_new_version_keeps_the_rules_that_it_was_scanned_with(ports: PortsUnderTest) -> None:
    attempt = ready(ports, a_publish())
    version = a_version(attempt, rule_set=OLD, settled_rule_set=OLD)
    ports.catalog.record(version, a_skill(), attempt, an_event())
    assert stored_as(ports, version) == version
    assert ports.catalog.scanned_otherwise(OLD, cursor="", limit=10).items == ()
    assert ports.catalog.scanned_otherwise(NEW, cursor="", limit=10).items == (version,)


def test_versions_that_were_scanned_otherwise_come_in_pages_each_once(ports: PortsUnderTest) -> None:
    names = [f"@acme/tool-{letter}" for letter in "abcde"]
    for name in names:
        publish_one(ports, name)
    found, cursor = list[str](), ""
    for _ in names:
        page = ports.catalog.scanned_otherwise(NEW, cursor=cursor, limit=2)
        assert len(page.items) <= 2
        found += [version.name for version in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert sorted(found) == names
    assert not cursor


def test_a_page_follows_its_version_although_that_one_is_settled(ports: PortsUnderTest) -> None:
    for name in ("@acme/one", "@acme/two"):
        publish_one(ports, name)
    first = ports.catalog.scanned_otherwise(NEW, cursor="", limit=1)
    (version,) = first.items
    after = judged(version, settled_rule_set=NEW)
    ports.catalog.record_scan(after, before=version, event=None)
    rest = ports.catalog.scanned_otherwise(NEW, cursor=first.cursor, limit=5)
    assert {v.name for v in rest.items} == {"@acme/one", "@acme/two"} - {version.name}


def test_a_cursor_from_elsewhere_is_refused_by_rescans(ports: PortsUnderTest) -> None:
    with pytest.raises(InvalidCursor):
        ports.catalog.scanned_otherwise(NEW, cursor="%", limit=5)


def test_a_judgement_is_written_with_its_event_and_changes_nothing_else(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    ports.catalog.set_deprecation("@acme/tool", "1.0.0", "use another", event=an_event())
    before = stored_as(ports, version)
    event = an_event("skill:@acme/tool@1.0.0")
    ports.catalog.record_scan(
        dataclasses.replace(judged(version), description="other"), before=before, event=event
    )
    assert stored_as(ports, version) == judged(before)
    assert ports.audit_trail.events("skill:@acme/tool@1.0.0", cursor="", limit=10).items[0] == event


def test_what_is_judged_otherwise_by_now_is_left_alone(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    event = an_event("skill:@acme/tool@1.0.0")
    ports.catalog.record_scan(judged(version), before=version, event=event)
    with pytest.raises(ConditionFailed):
        ports.catalog.record_scan(
            judged(version, audit_score=1.0), before=version, event=an_event(event.subject)
        )
    assert stored_as(ports, version).audit_score == 2.0
    assert len(ports.audit_trail.events(event.subject, cursor="", limit=10).items) == 2


def test_a_withdrawn_version_is_not_judged(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.WITHDRAWN, "harmful", latest="", event=an_event()
    )
    before = stored_as(ports, version)
    with pytest.raises(ConditionFailed):
        ports.catalog.record_scan(judged(before), before=before, event=an_event())
    assert stored_as(ports, version) == before


def test_a_yanked_version_is_judged_and_stays_yanked(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.YANKED, "old", latest="", event=an_event()
    )
    before = stored_as(ports, version)
    ports.catalog.record_scan(judged(before), before=before, event=an_event())
    assert stored_as(ports, version) == judged(before)


def test_only_what_was_judged_by_these_rules_is_settled(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    ports.catalog.record_scan(judged(version), before=version, event=an_event())
    with pytest.raises(ConditionFailed):
        ports.catalog.settle_scan("@acme/tool", "1.0.0", OLD)
    assert len(ports.catalog.scanned_otherwise(NEW, cursor="", limit=5).items) == 1
    ports.catalog.settle_scan("@acme/tool", "1.0.0", NEW)
    assert ports.catalog.scanned_otherwise(NEW, cursor="", limit=5).items == ()
    assert stored_as(ports, version) == judged(version, settled_rule_set=NEW)


def test_failed_scans_are_counted_for_each_rule_set_anew(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    counted = [ports.catalog.count_failed_scan("@acme/tool", "1.0.0", rules) for rules in (OLD, OLD, NEW)]
    assert counted == [1, 2, 1]
    before = stored_as(ports, version)
    assert (before.failed_rule_set, before.failed_scans) == (NEW, 1)
    after = judged(before, failed_rule_set="", failed_scans=0)
    ports.catalog.record_scan(after, before=before, event=None)
    assert stored_as(ports, version) == after


def test_a_version_that_nobody_published_cannot_be_judged(ports: PortsUnderTest) -> None:
    version = a_version(a_publish())
    with pytest.raises(Missing):
        ports.catalog.record_scan(version, before=version, event=None)
    with pytest.raises(Missing):
        ports.catalog.settle_scan("@acme/tool", "1.0.0", NEW)
    with pytest.raises(Missing):
        ports.catalog.count_failed_scan("@acme/tool", "1.0.0", NEW)


WAIVER = WaiverReference("sha256:" + "c" * 64)


def settled(ports: PortsUnderTest) -> SkillVersion:
    """Returns a version that was judged by the new rules, which every reader sees."""
    version = publish_one(ports)
    after = judged(version, settled_rule_set=NEW)
    ports.catalog.record_scan(after, before=version, event=None)
    return after


def test_a_judgement_says_which_waivers_it_rests_on(ports: PortsUnderTest) -> None:
    version = settled(ports)
    counted = (dataclasses.replace(WAIVER, counted=True),)
    after = dataclasses.replace(
        version, verdict=Verdict.FLAGGED, unwaived_verdict=Verdict.FAIL, waivers=counted
    )
    ports.catalog.record_scan(after, before=version, event=an_event())
    assert stored_as(ports, version) == after


def test_a_version_that_names_another_waiver_is_due_although_the_rules_are_the_same(
    ports: PortsUnderTest,
) -> None:
    version = settled(ports)
    ports.catalog.count_failed_scan("@acme/tool", "1.0.0", NEW)
    ports.catalog.set_waivers("@acme/tool", "1.0.0", (WAIVER,), before=())
    due = dataclasses.replace(version, waivers=(WAIVER,), rule_set="", settled_rule_set="")
    assert stored_as(ports, version) == due
    assert ports.catalog.scanned_otherwise(NEW, cursor="", limit=5).items == (due,)


def test_a_rescan_that_did_not_see_the_waiver_neither_records_nor_settles(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    ports.catalog.set_waivers("@acme/tool", "1.0.0", (WAIVER,), before=())
    with pytest.raises(ConditionFailed):
        ports.catalog.record_scan(judged(version), before=version, event=an_event())
    before = stored_as(ports, version)
    ports.catalog.record_scan(judged(before), before=before, event=an_event())
    ports.catalog.set_waivers("@acme/tool", "1.0.0", (), before=(WAIVER,))
    with pytest.raises(ConditionFailed):
        ports.catalog.settle_scan("@acme/tool", "1.0.0", NEW)
    unsettled = stored_as(ports, version)
    assert unsettled.rule_set == ""
    assert unsettled.settled_rule_set != unsettled.rule_set  # its verdict is not shown everywhere yet


def test_waivers_of_a_withdrawn_version_are_corrected_and_it_is_not_judged(ports: PortsUnderTest) -> None:
    settled(ports)
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.WITHDRAWN, "harmful", latest="", event=an_event()
    )
    before = ports.catalog.version("@acme/tool", "1.0.0")
    assert before is not None
    ports.catalog.set_waivers("@acme/tool", "1.0.0", (WAIVER,), before=())
    assert stored_as(ports, before) == dataclasses.replace(before, waivers=(WAIVER,))


def test_of_two_judgements_at_once_one_counts(ports: PortsUnderTest) -> None:
    version = publish_one(ports)

    def judge(score: float) -> None:
        after = judged(version, audit_score=score)
        ports.catalog.record_scan(after, before=version, event=an_event("skill:@acme/tool@1.0.0"))

    assert len(winners([functools.partial(judge, float(score)) for score in range(4)])) == 1
    assert len(ports.audit_trail.events("skill:@acme/tool@1.0.0", cursor="", limit=10).items) == 2
