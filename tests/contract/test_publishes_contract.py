"""The contract of ``chalicelib.ports.publishes``."""

from __future__ import annotations

import dataclasses

import pytest

from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.entities import StageProgress
from tank_core.errors import Problem
from tank_core.publish import PublishState, Rejection, Stage, StageState
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners
from tests.support.sample_entities import NOW, a_publish, a_skill, a_version, an_event, running


def test_a_reserved_attempt_is_read_back_as_it_was_written(ports: PortsUnderTest) -> None:
    publish = a_publish(bundle_digest="sha256:" + "b" * 64, bundle_size_bytes=7)
    ports.publishes.reserve(publish, now=NOW)
    assert ports.publishes.get(publish.publish_id) == publish
    assert ports.publishes.holder(publish.name, publish.version) == publish


def test_an_attempt_that_nobody_made_is_none(ports: PortsUnderTest) -> None:
    assert ports.publishes.get("01jz0000000000000000000000") is None
    assert ports.publishes.holder("@acme/tool", "1.0.0") is None


def test_a_live_reservation_refuses_another(ports: PortsUnderTest) -> None:
    first, second = a_publish(), a_publish()
    ports.publishes.reserve(first, now=NOW)
    with pytest.raises(ConditionFailed):
        ports.publishes.reserve(second, now=first.expires_at - 1)
    assert ports.publishes.get(second.publish_id) is None
    assert ports.publishes.holder(first.name, first.version) == first


def test_a_reservation_past_its_time_gives_way(ports: PortsUnderTest) -> None:
    first, second = a_publish(), a_publish()
    ports.publishes.reserve(first, now=NOW)
    ports.publishes.reserve(second, now=first.expires_at + 1)
    assert ports.publishes.holder(first.name, first.version) == second
    assert ports.publishes.get(first.publish_id) == first


def test_another_version_or_skill_is_not_held(ports: PortsUnderTest) -> None:
    ports.publishes.reserve(a_publish(), now=NOW)
    ports.publishes.reserve(a_publish(version="1.0.1"), now=NOW)
    ports.publishes.reserve(a_publish(name="@acme/other"), now=NOW)
    assert len(ports.publishes.unfinished()) == 3


@pytest.mark.parametrize("state", [PublishState.RUNNING, PublishState.FAILED])
def test_an_attempt_that_may_still_publish_holds_its_version_past_its_time(
    ports: PortsUnderTest, state: PublishState
) -> None:
    first = a_publish()
    ports.publishes.reserve(first, now=NOW)
    ports.publishes.advance(dataclasses.replace(first, state=state))
    with pytest.raises(ConditionFailed):
        ports.publishes.reserve(a_publish(), now=first.expires_at + 1)


@pytest.mark.parametrize("state", [PublishState.REJECTED, PublishState.EXPIRED])
def test_an_ended_attempt_frees_its_version(ports: PortsUnderTest, state: PublishState) -> None:
    first, second = a_publish(), a_publish()
    ports.publishes.reserve(first, now=NOW)
    ports.publishes.advance(dataclasses.replace(first, state=state))
    ports.publishes.reserve(second, now=NOW)
    assert ports.publishes.holder(first.name, first.version) == second


def test_a_published_version_cannot_be_reserved(ports: PortsUnderTest) -> None:
    first = a_publish()
    ports.publishes.reserve(first, now=NOW)
    attempt = ports.publishes.advance(running(first))
    ports.catalog.record(a_version(first), a_skill(), attempt, an_event())
    recorded = ports.publishes.get(first.publish_id)
    assert recorded is not None
    ports.publishes.advance(dataclasses.replace(recorded, state=PublishState.PUBLISHED))
    with pytest.raises(ConditionFailed):
        ports.publishes.reserve(a_publish(), now=first.expires_at + 1)


def test_advance_writes_all_fields_and_the_next_revision(ports: PortsUnderTest) -> None:
    publish = a_publish()
    ports.publishes.reserve(publish, now=NOW)
    rejection = Rejection(
        Stage.ANALYZE, "some-code", "wha’t", "why", "fix", (Problem("a.py: 3", "bad", "good"),)
    )
    changed = dataclasses.replace(
        publish,
        state=PublishState.REJECTED,
        object_version="v1",
        stages=(StageProgress(Stage.SIGN, StageState.PASSED, NOW, NOW + 1, 2, "fine"), *publish.stages[1:]),
        rejection=rejection,
        failure="words",
        redrives=2,
    )
    advanced = ports.publishes.advance(changed)
    assert advanced == dataclasses.replace(changed, revision=advanced.revision)
    assert advanced.revision != publish.revision
    assert ports.publishes.get(publish.publish_id) == advanced


def test_advance_refuses_an_attempt_that_was_read_before_another_change(ports: PortsUnderTest) -> None:
    publish = a_publish()
    ports.publishes.reserve(publish, now=NOW)
    advanced = ports.publishes.advance(running(publish))
    with pytest.raises(ConditionFailed):
        ports.publishes.advance(dataclasses.replace(publish, failure="late"), an_event("publish:late"))
    assert ports.publishes.get(publish.publish_id) == advanced
    assert ports.audit_trail.events("publish:late", cursor="", limit=10).items == ()


def test_advance_of_an_attempt_that_nobody_made_is_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.publishes.advance(a_publish(), an_event("publish:none"))
    assert ports.audit_trail.events("publish:none", cursor="", limit=10).items == ()


def test_advance_writes_its_event(ports: PortsUnderTest) -> None:
    publish, event = a_publish(), an_event("publish:one")
    ports.publishes.reserve(publish, now=NOW)
    ports.publishes.advance(running(publish), event)
    assert ports.audit_trail.events("publish:one", cursor="", limit=10).items == (event,)


def test_unfinished_lists_reserved_and_running_attempts_oldest_first(ports: PortsUnderTest) -> None:
    publishes = [a_publish(version=f"1.0.{n}", created_at=NOW + (n * 7) % 5) for n in range(5)]
    for publish in publishes:
        ports.publishes.reserve(publish, now=NOW)
    ports.publishes.advance(running(publishes[0]))
    ports.publishes.advance(dataclasses.replace(publishes[1], state=PublishState.EXPIRED))
    ports.publishes.advance(dataclasses.replace(publishes[2], state=PublishState.FAILED))
    expected = sorted((publishes[0], publishes[3], publishes[4]), key=lambda p: p.created_at)
    found = ports.publishes.unfinished()
    assert [p.publish_id for p in found] == [p.publish_id for p in expected]
    assert [p.publish_id for p in ports.publishes.unfinished(limit=2)] == [p.publish_id for p in expected[:2]]


def test_of_many_who_reserve_one_version_exactly_one_wins(ports: PortsUnderTest) -> None:
    attempts = [a_publish() for _ in range(4)]
    won = winners([lambda a=a: ports.publishes.reserve(a, now=NOW) for a in attempts])  # type: ignore[misc]
    assert len(won) == 1
    assert ports.publishes.holder("@acme/tool", "1.0.0") == attempts[won[0]]
    assert ports.publishes.unfinished() == (attempts[won[0]],)


def test_of_many_who_advance_one_attempt_exactly_one_wins(ports: PortsUnderTest) -> None:
    publish = a_publish()
    ports.publishes.reserve(publish, now=NOW)
    changes = [dataclasses.replace(running(publish), failure=str(n)) for n in range(4)]
    won = winners([lambda c=c: ports.publishes.advance(c, an_event("publish:race")) for c in changes])  # type: ignore[misc]
    stored = ports.publishes.get(publish.publish_id)
    assert len(won) == 1
    assert stored is not None
    assert stored.failure == str(won[0])
    assert len(ports.audit_trail.events("publish:race", cursor="", limit=10).items) == 1
