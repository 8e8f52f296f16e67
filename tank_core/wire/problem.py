"""The one form of every error: ``application/problem+json``.

Source: RFC 9457; FORMATS, "HTTP".
"""

from __future__ import annotations

from pydantic import Field

from tank_core.errors import TankError
from tank_core.wire.base import AnswerModel

CONTENT_TYPE = "application/problem+json"


class ProblemItem(AnswerModel):
    """One of several independent problems."""

    where: str
    what: str
    fix: str


class ProblemDocument(AnswerModel):
    """An error, with what to do about it."""

    type: str = Field(description="A reference to the entry of this code in the documentation.")
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="What happened, one sentence.")
    code: str = Field(description="Kebab-case, unique, never reused.")
    why: str
    fix: str = Field(description="What to type or edit.")
    problems: tuple[ProblemItem, ...] = ()
    request_id: str

    @classmethod
    def of(cls, error: TankError, *, title: str, request_id: str) -> ProblemDocument:
        """Returns the document of an error that a user can act on."""
        return cls(
            type=error.docs,
            title=title,
            status=error.status,
            detail=error.what,
            code=error.code,
            why=error.why,
            fix=error.fix,
            problems=tuple(ProblemItem.model_validate(problem) for problem in error.problems),
            request_id=request_id,
        )
