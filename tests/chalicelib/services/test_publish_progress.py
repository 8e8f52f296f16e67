from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.ports.errors import ConditionFailed, Missing, PortError
from chalicelib.services import publish_progress as progress
from tank_core.entities import AuditEvent, Publish
from tank_core.errors import Problem
from tank_core.publish import PublishState, Rejection, Stage, StageState
from tests.support.sample_entities import a_publish, running
from tests.support.scene import Scene

REFUSED = Rejection(Stage.VALIDATE, "capability-escalation", "w", "y", "f", (Problem("a", "b", "c"),))


@pytest.fixture
def publish_id(registry: Scene) -> str:
    attempt = a_publish()
    registry.world.publishes.reserve(attempt, now=registry.world.clock.now())
    return registry.world.publishes.advance(running(attempt)).publish_id


def test_a_stage_counts_its_attempts_and_keeps_its_first_start(registry: Scene, publish_id: str) -> None:
    begun = registry.world.clock.now()
    progress.stage_started(registry.ports, publish_id, Stage.SIGN)
    registry.world.clock.move(5)
    again = progress.progress_of(progress.stage_started(registry.ports, publish_id, Stage.SIGN), Stage.SIGN)
    assert (again.state, again.attempts, again.started_at) == (StageState.RUNNING, 2, begun)


def test_a_stage_that_passed_says_so_in_one_line(registry: Scene, publish_id: str) -> None:
    progress.stage_started(registry.ports, publish_id, Stage.SIGN)
    publish = progress.stage_passed(registry.ports, publish_id, Stage.SIGN, "signed by acme")
    passed = progress.progress_of(publish, Stage.SIGN)
    assert (passed.state, passed.summary) == (StageState.PASSED, "signed by acme")
    assert passed.ended_at == registry.world.clock.now()
    assert publish.state is PublishState.RUNNING


def test_the_last_stage_that_passed_publishes(registry: Scene, publish_id: str) -> None:
    publish = progress.stage_passed(registry.ports, publish_id, Stage.STORE, "stored")
    assert publish.state is PublishState.PUBLISHED


def test_a_refusal_ends_the_attempt_with_one_event_and_frees_the_version(
    registry: Scene, publish_id: str
) -> None:
    for _ in range(2):
        publish = progress.reject(registry.ports, publish_id, REFUSED)
    assert (publish.state, publish.rejection) == (PublishState.REJECTED, REFUSED)
    assert progress.progress_of(publish, Stage.VALIDATE).state is StageState.REJECTED
    assert registry.actions(f"publish:{publish_id}") == ["reject"]
    registry.world.publishes.reserve(a_publish(), now=registry.world.clock.now())


def test_a_failure_ends_the_running_stage_with_one_event(registry: Scene, publish_id: str) -> None:
    progress.stage_started(registry.ports, publish_id, Stage.ANALYZE)
    for _ in range(2):
        publish = progress.fail(registry.ports, publish_id, "the scanner timed out")
    assert (publish.state, publish.failure) == (PublishState.FAILED, "the scanner timed out")
    assert progress.progress_of(publish, Stage.ANALYZE).state is StageState.FAILED
    assert registry.actions(f"publish:{publish_id}") == ["fail"]


@pytest.mark.parametrize(
    "ended", [PublishState.PUBLISHED, PublishState.REJECTED, PublishState.FAILED, PublishState.EXPIRED]
)
def test_what_has_ended_stays_as_it_ended(registry: Scene, publish_id: str, ended: PublishState) -> None:
    attempts = registry.world.publishes.attempts
    attempts[publish_id] = before = replace(attempts[publish_id], state=ended)
    assert progress.stage_started(registry.ports, publish_id, Stage.STORE) == before
    assert progress.stage_passed(registry.ports, publish_id, Stage.STORE, "") == before
    assert progress.reject(registry.ports, publish_id, REFUSED) == before
    assert progress.fail(registry.ports, publish_id, "no") == before
    assert attempts[publish_id] == before
    assert registry.actions(f"publish:{publish_id}") == []


def test_a_publish_that_nobody_reserved_is_missing(registry: Scene) -> None:
    with pytest.raises(Missing):
        progress.stage_started(registry.ports, "0" * 26, Stage.SIGN)


def test_a_lost_race_keeps_what_the_winner_wrote(
    registry: Scene, publish_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes = registry.world.publishes
    advance = type(publishes).advance
    rivals = [lambda: progress.stage_passed(registry.ports, publish_id, Stage.SIGN, "first")]

    def late(self: object, publish: Publish, event: AuditEvent | None = None) -> Publish:
        if rivals:
            rivals.pop()()
        return advance(publishes, publish, event)

    monkeypatch.setattr(type(publishes), "advance", late)
    publish = progress.stage_started(registry.ports, publish_id, Stage.ANALYZE)
    assert progress.progress_of(publish, Stage.SIGN).summary == "first"
    assert progress.progress_of(publish, Stage.ANALYZE).state is StageState.RUNNING


def test_an_attempt_that_keeps_changing_is_an_error(
    registry: Scene, publish_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_lost(self: object, publish: Publish, event: AuditEvent | None = None) -> Publish:
        raise ConditionFailed("raced")

    monkeypatch.setattr(type(registry.world.publishes), "advance", always_lost)
    with pytest.raises(PortError):
        progress.fail(registry.ports, publish_id, "no")
