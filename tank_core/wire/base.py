"""What all requests and all answers have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

MAX_TEXT = 1000  # characters of a reason or a message that people read
MAX_ITEMS = 100  # elements of a list in a request


class RequestModel(BaseModel):
    """A body or a query as a client sends it: no unknown keys, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AnswerModel(BaseModel):
    """A body as the registry sends it; can be read from an entity with the same attributes."""

    model_config = ConfigDict(extra="ignore", frozen=True, from_attributes=True)
