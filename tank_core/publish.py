"""The life of one publish attempt: its stages, its states, and which may follow which.

A publish is one attempt with an id. It is reserved, then uploaded, then it walks
through the stages, and ends published, rejected (the publisher's to fix) or
failed (the registry's fault, can be driven again). Nothing but ``PUBLISHED`` is
ever readable as a version.

Source: DESIGN, "Failure" and "Publish, as a walk".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tank_core.errors import Problem, TankError


class VersionConflictError(TankError):
    """The version is published with other bytes, or was withdrawn."""

    code = "version-conflict"
    status = 409


class Stage(StrEnum):
    """The five stages, in the order of ``pipeline/publish.asl.json``."""

    SIGN = "sign"
    ANALYZE = "analyze"
    VALIDATE = "validate"
    SCORE = "score"
    STORE = "store"


class PublishState(StrEnum):
    """Where one publish attempt stands."""

    RESERVED = "reserved"
    RUNNING = "running"
    PUBLISHED = "published"
    REJECTED = "rejected"
    FAILED = "failed"
    EXPIRED = "expired"


class StageState(StrEnum):
    """Where one stage of a publish stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    REJECTED = "rejected"
    FAILED = "failed"


# FAILED may run again (re-drive), or be given up for an attempt with other bytes; every other end is final.
TRANSITIONS: dict[PublishState, frozenset[PublishState]] = {
    PublishState.RESERVED: frozenset({PublishState.RUNNING, PublishState.EXPIRED}),
    PublishState.RUNNING: frozenset(
        {PublishState.RUNNING, PublishState.PUBLISHED, PublishState.REJECTED, PublishState.FAILED}
    ),
    PublishState.FAILED: frozenset({PublishState.RUNNING, PublishState.EXPIRED}),
    PublishState.PUBLISHED: frozenset(),
    PublishState.REJECTED: frozenset(),
    PublishState.EXPIRED: frozenset(),
}


def may_follow(before: PublishState, after: PublishState) -> bool:
    """Returns whether a publish may go from one state to the other."""
    return after in TRANSITIONS[before]


class StageRejected(Exception):
    """A stage's no: what is wrong with the package, and how its publisher mends it.

    Never retried. Raised by stages only; the handler turns it into the stage's
    outcome, which the state machine's Choice reads.
    """

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(f"{rejection.what} ({rejection.code})")
        self.rejection = rejection

    @classmethod
    def because(cls, stage: Stage, error: TankError) -> StageRejected:
        """Returns the rejection that a user-causable error means at a stage."""
        return cls(Rejection(stage, error.code, error.what, error.why, error.fix, error.problems))


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a publish was refused: stage, code, what, why, fix, and every single problem."""

    stage: Stage
    code: str
    what: str
    why: str
    fix: str
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Returns the rejection as a JSON object."""
        return {
            "stage": str(self.stage),
            "code": self.code,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
            "problems": [{"where": p.where, "what": p.what, "fix": p.fix} for p in self.problems],
        }

    @classmethod
    def from_json(cls, value: dict[str, object]) -> Rejection:
        """Returns the rejection that ``to_json`` wrote; KeyError or ValueError on any other shape."""
        problems = value["problems"]
        if not isinstance(problems, list):
            raise ValueError("problems is not a list")
        return cls(
            Stage(str(value["stage"])),
            str(value["code"]),
            str(value["what"]),
            str(value["why"]),
            str(value["fix"]),
            tuple(Problem(str(p["where"]), str(p["what"]), str(p["fix"])) for p in problems),
        )
