"""The contract of ``chalicelib.ports.catalog``."""

from __future__ import annotations

import dataclasses

import pytest

from chalicelib.ports.errors import ConditionFailed, InvalidCursor, Missing
from tank_core.entities import Availability, Publish, Skill, SkillVersion, WaiverReference
from tank_core.findings import Verdict
from tank_core.signature import Signature
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners
from tests.support.sample_entities import NOW, a_publish, a_skill, a_version, an_event, running
from tests.support.signatures import a_signature


def ready(ports: PortsUnderTest, publish: Publish, *, now: int = NOW) -> Publish:
    """Returns the attempt, reserved and running."""
    ports.publishes.reserve(publish, now=now)
    return ports.publishes.advance(running(publish))


def publish_one(ports: PortsUnderTest, name: str = "@acme/tool", version: str = "1.0.0") -> SkillVersion:
    attempt = ready(ports, a_publish(name, version))
    recorded = a_version(attempt)
    ports.catalog.record(recorded, a_skill(name), attempt, an_event(f"skill:{name}@{version}"))
    return recorded


def test_what_nobody_published_is_not_there(ports: PortsUnderTest) -> None:
    assert ports.catalog.skill("@acme/tool") is None
    assert ports.catalog.version("@acme/tool", "1.0.0") is None
    assert ports.catalog.versions("@acme/tool") == ()


def test_an_organisation_has_a_skill_once_one_is_published_and_for_ever(ports: PortsUnderTest) -> None:
    publish_one(ports, "@acme-labs/tool")
    assert not ports.catalog.has_skill_of("acme")
    publish_one(ports)
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.WITHDRAWN, "harmful", latest="", event=an_event()
    )
    assert ports.catalog.has_skill_of("acme")
    assert not ports.catalog.has_skill_of("acm")


def test_every_name_is_listed_whatever_became_of_it(ports: PortsUnderTest) -> None:
    assert ports.catalog.names() == ()
    for name in ("@zeta/tool", "@acme/tool"):
        publish_one(ports, name)
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.WITHDRAWN, "harmful", latest="", event=an_event()
    )
    assert ports.catalog.names() == ("@acme/tool", "@zeta/tool")


def test_record_writes_version_skill_publish_and_event_together(ports: PortsUnderTest) -> None:
    attempt = ready(ports, a_publish())
    version, skill, event = a_version(attempt), a_skill(), an_event("skill:@acme/tool@1.0.0")
    ports.catalog.record(version, skill, attempt, event)
    stored = ports.publishes.get(attempt.publish_id)
    assert stored == dataclasses.replace(attempt, revision=attempt.revision + 1)
    assert ports.catalog.version("@acme/tool", "1.0.0") == version
    assert ports.catalog.skill("@acme/tool") == skill
    assert ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items == (event,)


def test_latest_can_be_corrected(ports: PortsUnderTest) -> None:
    publish_one(ports)
    ports.catalog.set_latest("@acme/tool", "0.9.0")
    skill = ports.catalog.skill("@acme/tool")
    assert skill is not None
    assert skill.latest == "0.9.0"
    assert ports.catalog.search(("tool",), cursor="", limit=10).items == (skill,)


def test_latest_of_a_skill_that_nobody_published_cannot_be_corrected(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.catalog.set_latest("@acme/tool", "0.9.0")


@pytest.mark.parametrize("score", [None, 0.0, 7.25, 10.0])
def test_a_score_is_read_back_as_it_was_written(ports: PortsUnderTest, score: float | None) -> None:
    attempt = ready(ports, a_publish())
    ports.catalog.record(a_version(attempt, audit_score=score), a_skill(), attempt, an_event())
    stored = ports.catalog.version("@acme/tool", "1.0.0")
    assert stored is not None
    assert stored.audit_score == score


def test_who_signed_is_read_back_as_it_was_written(ports: PortsUnderTest) -> None:
    attempt = ready(ports, a_publish())
    digest = "sha256:" + "b" * 64
    signed = a_version(attempt, bundle_digest=digest, signature=a_signature("ada").to_json())
    ports.catalog.record(signed, a_skill(), attempt, an_event())
    for found in (ports.catalog.version("@acme/tool", "1.0.0"), *ports.catalog.versions("@acme/tool")):
        assert found is not None
        assert Signature.from_json(found.signature) == a_signature("ada")


def test_recording_the_same_publish_again_writes_nothing(ports: PortsUnderTest) -> None:
    attempt = ready(ports, a_publish())
    version = a_version(attempt)
    ports.catalog.record(version, a_skill(), attempt, an_event())
    again = dataclasses.replace(version, published_at=NOW + 99)
    ports.catalog.record(again, a_skill(description="other"), attempt, an_event())
    stored = ports.publishes.get(attempt.publish_id)
    assert stored is not None
    assert stored.revision == attempt.revision + 1
    assert ports.catalog.version("@acme/tool", "1.0.0") == version
    assert ports.catalog.skill("@acme/tool") == a_skill()
    assert len(ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items) == 1


def test_recording_over_an_older_revision_writes_nothing(ports: PortsUnderTest) -> None:
    attempt = ready(ports, a_publish())
    later = ports.publishes.advance(dataclasses.replace(attempt, failure="changed"))
    with pytest.raises(ConditionFailed):
        ports.catalog.record(a_version(attempt), a_skill(), attempt, an_event())
    assert ports.catalog.version("@acme/tool", "1.0.0") is None
    assert ports.catalog.skill("@acme/tool") is None
    assert ports.publishes.get(attempt.publish_id) == later
    assert ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items == ()


def test_a_version_of_another_publish_is_never_overwritten(ports: PortsUnderTest) -> None:
    first = a_publish()
    ports.publishes.reserve(first, now=NOW)
    second = ready(ports, a_publish(), now=first.expires_at + 1)
    late = ports.publishes.advance(running(first))
    version = a_version(second)
    ports.catalog.record(version, a_skill(), second, an_event())
    with pytest.raises(ConditionFailed):
        ports.catalog.record(a_version(late), a_skill(description="other"), late, an_event())
    assert ports.catalog.version("@acme/tool", "1.0.0") == version
    assert ports.catalog.skill("@acme/tool") == a_skill()
    assert ports.publishes.get(late.publish_id) == late


def test_of_two_publishes_that_record_one_version_exactly_one_wins(ports: PortsUnderTest) -> None:
    first = a_publish()
    ports.publishes.reserve(first, now=NOW)
    rivals = [ready(ports, a_publish(), now=first.expires_at + 1), ports.publishes.advance(running(first))]
    versions = [a_version(rival) for rival in rivals]

    def record(number: int) -> None:
        ports.catalog.record(versions[number], a_skill(), rivals[number], an_event())

    won = winners([lambda: record(0), lambda: record(1)])
    assert len(won) == 1
    assert ports.catalog.version("@acme/tool", "1.0.0") == versions[won[0]]
    assert len(ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items) == 1


def test_the_same_publish_recorded_from_two_threads_succeeds_in_both_and_writes_once(
    ports: PortsUnderTest,
) -> None:
    attempt = ready(ports, a_publish())
    version = a_version(attempt)
    record = lambda: ports.catalog.record(version, a_skill(), attempt, an_event())  # noqa: E731
    assert winners([record, record]) == [0, 1]
    assert len(ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items) == 1


def test_versions_are_sorted_by_precedence(ports: PortsUnderTest) -> None:
    for version in ("1.10.0", "1.2.0", "2.0.0-rc.1", "1.2.0-alpha", "2.0.0"):
        publish_one(ports, version=version)
    publish_one(ports, name="@acme/tool-two", version="0.0.1")
    found = [v.version for v in ports.catalog.versions("@acme/tool")]
    assert found == ["1.2.0-alpha", "1.2.0", "1.10.0", "2.0.0-rc.1", "2.0.0"]


def test_availability_changes_with_latest_and_event(ports: PortsUnderTest) -> None:
    version, event = publish_one(ports), an_event("skill:@acme/tool@1.0.0")
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.YANKED, "it breaks", latest="", event=event
    )
    yanked = dataclasses.replace(version, availability=Availability.YANKED, availability_reason="it breaks")
    skill = ports.catalog.skill("@acme/tool")
    assert ports.catalog.version("@acme/tool", "1.0.0") == yanked
    assert skill is not None
    assert skill.latest == ""
    assert event in ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items


def test_availability_of_a_version_that_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    publish_one(ports)
    for name, version in (("@acme/tool", "9.0.0"), ("@acme/none", "1.0.0")):
        with pytest.raises(Missing):
            ports.catalog.set_availability(
                name, version, Availability.YANKED, "", latest="", event=an_event("skill:none")
            )
    assert ports.audit_trail.events("skill:none", cursor="", limit=10).items == ()


def test_deprecation_is_set_and_cleared_with_events(ports: PortsUnderTest) -> None:
    version = publish_one(ports)
    for message in ("use @acme/new", ""):
        ports.catalog.set_deprecation(
            "@acme/tool", "1.0.0", message, event=an_event("skill:@acme/tool@1.0.0")
        )
        stored = ports.catalog.version("@acme/tool", "1.0.0")
        assert stored == dataclasses.replace(version, deprecation=message)
    assert len(ports.audit_trail.events("skill:@acme/tool", cursor="", limit=10).items) == 3


def test_deprecation_of_a_version_that_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.catalog.set_deprecation("@acme/tool", "1.0.0", "gone", event=an_event("skill:none"))
    assert ports.audit_trail.events("skill:none", cursor="", limit=10).items == ()


def test_waivers_are_recorded_with_a_version_and_corrected_later(ports: PortsUnderTest) -> None:
    counted = WaiverReference("sha256:" + "a" * 64, counted=True)
    attempt = ready(ports, a_publish())
    version = a_version(attempt, unwaived_verdict=Verdict.FAIL, waivers=(counted,))
    ports.catalog.record(version, a_skill(), attempt, an_event())
    assert ports.catalog.version("@acme/tool", "1.0.0") == version
    revoked = dataclasses.replace(counted, revoked_at=NOW, revocation="es war falsch")
    both = (revoked, WaiverReference("sha256:" + "b" * 64))
    ports.catalog.set_waivers("@acme/tool", "1.0.0", both, before=(counted,))
    assert ports.catalog.version("@acme/tool", "1.0.0") == dataclasses.replace(version, waivers=both)
    ports.catalog.set_waivers("@acme/tool", "1.0.0", (), before=both)
    assert ports.catalog.versions("@acme/tool") == (dataclasses.replace(version, waivers=()),)


def test_waivers_that_somebody_else_changed_meanwhile_are_left_alone(ports: PortsUnderTest) -> None:
    publish_one(ports)
    first, second = (WaiverReference("sha256:" + letter * 64) for letter in "ab")
    ports.catalog.set_waivers("@acme/tool", "1.0.0", (first,), before=())
    with pytest.raises(ConditionFailed):
        ports.catalog.set_waivers("@acme/tool", "1.0.0", (second,), before=())
    stored = ports.catalog.version("@acme/tool", "1.0.0")
    assert stored is not None
    assert stored.waivers == (first,)


def test_waivers_of_a_version_that_is_not_there_are_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.catalog.set_waivers("@acme/tool", "1.0.0", (), before=())


def record_skill(ports: PortsUnderTest, skill: Skill) -> None:
    attempt = ready(ports, a_publish(skill.name))
    ports.catalog.record(a_version(attempt), skill, attempt, an_event(f"skill:{skill.name}"))


def all_pages(ports: PortsUnderTest, terms: tuple[str, ...], limit: int) -> list[str]:
    names, cursor = list[str](), ""
    for _ in range(50):
        page = ports.catalog.search(terms, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        names += [skill.name for skill in page.items]
        cursor = page.cursor
        if not cursor:
            return names
    raise AssertionError("the pages do not end")


def test_search_without_terms_lists_all_by_name_in_pages(ports: PortsUnderTest) -> None:
    names = [f"@acme/s{n}" for n in (3, 1, 5, 2, 4)]
    for name in names:
        record_skill(ports, a_skill(name))
    for limit in (1, 2, 5, 50):
        assert all_pages(ports, (), limit) == sorted(names)


def test_search_finds_by_prefix_of_every_term_in_ranked_order(ports: PortsUnderTest) -> None:
    record_skill(ports, a_skill("@acme/pdf", description="reads documents", keywords=()))
    record_skill(ports, a_skill("@acme/pdf-forms", description="fills documents", keywords=()))
    record_skill(ports, a_skill("@acme/office", description="all documents", keywords=("pdf",)))
    record_skill(ports, a_skill("@acme/weather", description="tells the weather", keywords=()))
    for limit in (1, 2, 10):
        assert all_pages(ports, ("pdf",), limit) == ["@acme/pdf", "@acme/pdf-forms", "@acme/office"]
    assert all_pages(ports, ("docu", "fil"), 10) == ["@acme/pdf-forms"]
    assert all_pages(ports, ("docu", "nothing"), 10) == []


def test_search_follows_a_changed_description(ports: PortsUnderTest) -> None:
    record_skill(ports, a_skill(description="alpha", keywords=()))
    attempt = ready(ports, a_publish(version="1.1.0"))
    ports.catalog.record(a_version(attempt), a_skill(description="beta", keywords=()), attempt, an_event())
    assert all_pages(ports, ("alpha",), 10) == []
    assert all_pages(ports, ("beta",), 10) == ["@acme/tool"]


def test_search_leaves_out_skills_without_an_available_version(ports: PortsUnderTest) -> None:
    publish_one(ports)
    publish_one(ports, name="@acme/other")
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.YANKED, "", latest="", event=an_event()
    )
    assert all_pages(ports, (), 10) == ["@acme/other"]
    ports.catalog.set_availability(
        "@acme/tool", "1.0.0", Availability.AVAILABLE, "", latest="1.0.0", event=an_event()
    )
    assert all_pages(ports, (), 10) == ["@acme/other", "@acme/tool"]


@pytest.mark.parametrize("cursor", ["not a cursor!", "AA==", "%%%", "x" * 5000])
def test_search_refuses_a_cursor_it_did_not_give(ports: PortsUnderTest, cursor: str) -> None:
    publish_one(ports)
    with pytest.raises(InvalidCursor):
        ports.catalog.search((), cursor=cursor, limit=10)
