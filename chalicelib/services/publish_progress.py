"""How a running publish moves: stage by stage, to published, rejected or failed.

Called by the stage handlers, each of which may run twice. So every function here
reads the attempt, decides what it should become, and writes that on the condition
that nobody wrote in between; what has ended stays as it ended.

Source: DESIGN, "Failure"; ``tank_core.publish.TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chalicelib.ports.errors import ConditionFailed, Missing, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import REGISTRY, audit_event, publish_subject
from tank_core.entities import Action, AuditEvent, JsonObject, Publish, StageProgress
from tank_core.publish import PublishState, Rejection, Stage, StageState

_ATTEMPTS = 5  # stages of one publish run one after the other; more than one rival is a fault


def stage_started(ports: RegistryPorts, publish_id: str, stage: Stage) -> Publish:
    """Marks a stage as running, and counts its attempts.

    Returns:
        The attempt as it now is; unchanged when it has ended.

    Raises:
        Missing: no such attempt.
        PortError: the attempt kept changing.
    """
    now = ports.clock.now()

    def started(publish: Publish) -> Publish:
        before = progress_of(publish, stage)
        return with_stage(
            publish,
            replace(
                before,
                state=StageState.RUNNING,
                started_at=now if before.started_at is None else before.started_at,
                ended_at=None,
                attempts=before.attempts + 1,
                summary="",
            ),
        )

    return _move(ports, publish_id, started)


def stage_passed(ports: RegistryPorts, publish_id: str, stage: Stage, summary: str) -> Publish:
    """Marks a stage as passed; with the last one the publish is published.

    Args:
        ports: the registry's world.
        publish_id: the attempt.
        stage: the stage that passed. ``STORE`` only after the version is recorded and indexed.
        summary: one line for the publisher.

    Raises:
        Missing: no such attempt.
        PortError: the attempt kept changing.
    """
    now = ports.clock.now()

    def passed(publish: Publish) -> Publish:
        ended = replace(progress_of(publish, stage), state=StageState.PASSED, ended_at=now, summary=summary)
        state = PublishState.PUBLISHED if stage is Stage.STORE else publish.state
        return with_stage(publish, ended).moved_to(state)

    return _move(ports, publish_id, passed)


def reject(ports: RegistryPorts, publish_id: str, rejection: Rejection) -> Publish:
    """Ends a publish with a stage's refusal and its audit event, and frees the version.

    Raises:
        Missing: no such attempt.
        PortError: the attempt kept changing.
    """
    now = ports.clock.now()

    def rejected(publish: Publish) -> Publish:
        refused = replace(
            progress_of(publish, rejection.stage),
            state=StageState.REJECTED,
            ended_at=now,
            summary=rejection.what,
        )
        return with_stage(publish, refused).moved_to(PublishState.REJECTED, rejection=rejection)

    detail = {"stage": str(rejection.stage), "code": rejection.code}
    return _move(ports, publish_id, rejected, lambda publish: _ended(ports, publish, Action.REJECT, detail))


def fail(ports: RegistryPorts, publish_id: str, message: str) -> Publish:
    """Ends an execution as the registry's fault, with its audit event; it can be driven again.

    Args:
        ports: the registry's world.
        publish_id: the attempt.
        message: what went wrong, safe to show.

    Raises:
        Missing: no such attempt.
        PortError: the attempt kept changing.
    """
    now = ports.clock.now()

    def failed(publish: Publish) -> Publish:
        stages = tuple(
            replace(s, state=StageState.FAILED, ended_at=now) if s.state is StageState.RUNNING else s
            for s in publish.stages
        )
        return publish.moved_to(PublishState.FAILED, failure=message, stages=stages)

    return _move(ports, publish_id, failed, lambda publish: _ended(ports, publish, Action.FAIL, {}))


def progress_of(publish: Publish, stage: Stage) -> StageProgress:
    """Returns how a stage of this attempt stands."""
    return next((s for s in publish.stages if s.stage is stage), StageProgress(stage))


def with_stage(publish: Publish, progress: StageProgress) -> Publish:
    """Returns the attempt with one stage's progress replaced."""
    stages = tuple(progress if s.stage is progress.stage else s for s in publish.stages)
    return replace(publish, stages=stages)


def _move(
    ports: RegistryPorts,
    publish_id: str,
    change: Callable[[Publish], Publish],
    event_of: Callable[[Publish], AuditEvent] | None = None,
) -> Publish:
    """Applies a change to a running attempt; an attempt that is not running stays as it is."""
    for _ in range(_ATTEMPTS):
        publish = ports.publishes.get(publish_id)
        if publish is None:
            raise Missing(f"publish {publish_id}")
        if publish.state is not PublishState.RUNNING:
            return publish
        event = None if event_of is None else event_of(publish)
        try:
            return ports.publishes.advance(change(publish), event)
        except ConditionFailed:
            continue
    raise PortError(f"publish {publish_id} kept changing")


def _ended(ports: RegistryPorts, publish: Publish, action: Action, detail: JsonObject) -> AuditEvent:
    named = {"name": publish.name, "version": publish.version, **detail}
    return audit_event(ports, REGISTRY, action, publish_subject(publish.publish_id), named)
