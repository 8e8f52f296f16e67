"""The contract of ``chalicelib.ports.audit_trail``."""

from __future__ import annotations

import pytest

from chalicelib.ports.errors import InvalidCursor
from tank_core.entities import AuditEvent
from tests.support.ports_under_test import PortsUnderTest
from tests.support.sample_entities import a_publisher, an_event, fresh_id


def recorded(ports: PortsUnderTest, *subjects: str) -> list[AuditEvent]:
    """Returns one event per subject, written with a change that every store knows."""
    events = [an_event(subject) for subject in subjects]
    for event in events:
        ports.accounts.put_publisher(a_publisher(fresh_id()), event)
    return events


def test_events_come_newest_first_in_pages(ports: PortsUnderTest) -> None:
    events = recorded(ports, *["org:acme"] * 5)
    for limit in (1, 2, 5, 10):
        found, cursor = list[AuditEvent](), ""
        for _ in range(10):
            page = ports.audit_trail.events("org:acme", cursor=cursor, limit=limit)
            found += page.items
            cursor = page.cursor
            if not cursor:
                break
        assert found == events[::-1]


def test_a_skill_has_the_events_of_its_versions_too(ports: PortsUnderTest) -> None:
    subjects = (
        "skill:@a/b",
        "skill:@a/b@1.0.0",
        "skill:@a/bc",
        "skill:@a/b-c@1.0.0",
        "skill:@a/b@2.0.0-rc.1",
    )
    skill, first, _, _, second = recorded(ports, *subjects)
    assert ports.audit_trail.events("skill:@a/b", cursor="", limit=10).items == (second, first, skill)
    assert ports.audit_trail.events("skill:@a/b", cursor="", limit=2).items == (second, first)
    assert ports.audit_trail.events("skill:@a/b@1.0.0", cursor="", limit=10).items == (first,)


def test_pages_of_a_skill_do_not_lose_events_of_versions(ports: PortsUnderTest) -> None:
    events = recorded(ports, *("skill:@a/b", "skill:@a/b@1.0.0", "skill:@a/b@0.9.0") * 3)
    found, cursor = list[AuditEvent](), ""
    for _ in range(20):
        page = ports.audit_trail.events("skill:@a/b", cursor=cursor, limit=2)
        found += page.items
        cursor = page.cursor
        if not cursor:
            break
    assert found == events[::-1]


def test_other_subjects_are_matched_exactly(ports: PortsUnderTest) -> None:
    mine, _ = recorded(ports, "org:acme", "org:acme@x")
    assert ports.audit_trail.events("org:acme", cursor="", limit=10).items == (mine,)
    for subject in ("org:ac", "org:acme@", "org:none", "publisher:ada"):
        assert ports.audit_trail.events(subject, cursor="", limit=10).items == ()


@pytest.mark.parametrize("cursor", ["not a cursor!", "%%%", "x" * 5000])
def test_a_cursor_that_the_trail_did_not_give_is_refused(ports: PortsUnderTest, cursor: str) -> None:
    recorded(ports, "org:acme")
    with pytest.raises(InvalidCursor):
        ports.audit_trail.events("org:acme", cursor=cursor, limit=10)
