"""The contract of ``chalicelib.ports.appeals``."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chalicelib.ports.errors import ConditionFailed, InvalidCursor, Missing
from tank_core.entities import Action, Appeal, AppealState
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners
from tests.support.sample_entities import NOW, a_publish, an_event, fresh_id


def an_appeal(**changes: Any) -> Appeal:
    publish = a_publish()
    appeal = Appeal(
        appeal_id=fresh_id(),
        name=publish.name,
        version=publish.version,
        digest=publish.digest,
        integrity=publish.integrity,
        rule_id="some-rule",
        file="run.py",
        line=3,
        appellant="ada",
        reason="es ist Dokumentation: Grüße",
        filed_at=NOW,
    )
    return dataclasses.replace(appeal, **changes)


def filed(ports: PortsUnderTest, **changes: Any) -> Appeal:
    appeal = an_appeal(**changes)
    ports.appeals.file(appeal, an_event(f"skill:{appeal.name}@{appeal.version}", action=Action.APPEAL_FILE))
    return appeal


def granted(appeal: Appeal) -> Appeal:
    return dataclasses.replace(
        appeal,
        state=AppealState.GRANTED,
        decided_by="admin",
        decided_at=NOW + 1,
        decision="it is",
        expires_at=NOW + 1000,
        waiver_digest="sha256:" + "c" * 64,
    )


def test_a_filed_appeal_is_read_back_as_it_was_written(ports: PortsUnderTest) -> None:
    appeal = filed(ports)
    assert ports.appeals.get(appeal.appeal_id) == appeal
    assert ports.appeals.of_version(appeal.name, appeal.version) == (appeal,)


def test_an_appeal_that_nobody_filed_is_none(ports: PortsUnderTest) -> None:
    assert ports.appeals.get("01jz0000000000000000000000") is None
    assert ports.appeals.of_version("@acme/tool", "1.0.0") == ()


def test_an_id_is_taken_once_and_the_event_comes_with_the_appeal_or_not_at_all(ports: PortsUnderTest) -> None:
    first = filed(ports)
    again = dataclasses.replace(first, reason="another", version="2.0.0")
    with pytest.raises(ConditionFailed):
        ports.appeals.file(again, an_event("skill:@acme/tool@2.0.0"))
    assert ports.appeals.get(first.appeal_id) == first
    assert ports.audit_trail.events("skill:@acme/tool@2.0.0", cursor="", limit=10).items == ()
    events = ports.audit_trail.events("skill:@acme/tool@1.0.0", cursor="", limit=10).items
    assert [event.action for event in events] == [Action.APPEAL_FILE]


def test_the_appeals_of_a_version_come_oldest_first_in_every_state(ports: PortsUnderTest) -> None:
    late, early = filed(ports, filed_at=NOW + 5), filed(ports, filed_at=NOW)
    filed(ports, version="1.0.10")
    filed(ports, name="@acme/tool-2")
    early = ports.appeals.advance(granted(early), an_event())
    assert ports.appeals.of_version("@acme/tool", "1.0.0") == (early, late)


def test_a_decision_is_written_once_over_what_was_read(ports: PortsUnderTest) -> None:
    appeal = filed(ports)
    advanced = ports.appeals.advance(granted(appeal), an_event())
    assert advanced.revision == appeal.revision + 1
    assert ports.appeals.get(appeal.appeal_id) == advanced
    with pytest.raises(ConditionFailed):
        ports.appeals.advance(dataclasses.replace(appeal, state=AppealState.DECLINED), an_event())
    assert ports.appeals.get(appeal.appeal_id) == advanced


def test_a_revocation_is_added_and_keeps_the_decision(ports: PortsUnderTest) -> None:
    advanced = ports.appeals.advance(granted(filed(ports)), an_event())
    revoked = dataclasses.replace(advanced, revoked_by="admin", revoked_at=NOW + 9, revocation="it was wrong")
    kept = ports.appeals.advance(revoked, an_event())
    assert (kept.is_waiver, advanced.is_waiver) == (False, True)
    assert ports.appeals.get(kept.appeal_id) == kept


def test_an_appeal_that_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.appeals.advance(an_appeal(), an_event())


def test_of_many_decisions_exactly_one_is_written(ports: PortsUnderTest) -> None:
    appeal = filed(ports)
    changes = [granted(appeal), dataclasses.replace(appeal, state=AppealState.DECLINED)] * 3
    won = winners([lambda c=change: ports.appeals.advance(c, an_event()) for change in changes])
    assert len(won) == 1


def test_open_appeals_come_oldest_first_in_pages_and_decided_ones_not(ports: PortsUnderTest) -> None:
    appeals = [filed(ports, filed_at=NOW + number, version=f"1.0.{number}") for number in range(5)]
    ports.appeals.advance(granted(appeals[2]), an_event())
    seen: list[Appeal] = []
    cursor = ""
    for _ in range(10):
        page = ports.appeals.open(cursor=cursor, limit=2)
        seen += page.items
        cursor = page.cursor
        if not cursor:
            break
    assert seen == [appeals[0], appeals[1], appeals[3], appeals[4]]


def test_a_cursor_from_elsewhere_is_refused(ports: PortsUnderTest) -> None:
    filed(ports)
    with pytest.raises(InvalidCursor):
        ports.appeals.open(cursor="!", limit=2)
