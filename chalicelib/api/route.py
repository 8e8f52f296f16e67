"""What a route is, what its handler gets and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.authentication import Caller
from tank_core.entities import JsonObject
from tank_core.wire.base import AnswerModel, RequestModel

M = TypeVar("M", bound=RequestModel)


class Access(Enum):
    """Who may ask at all; what they may do is decided by the services."""

    PUBLIC = "public"  # a token is looked at when there is one
    TOKEN = "token"  # no answer without a good token  # noqa: S105


@dataclass(frozen=True, slots=True)
class Call:
    """One request that has been parsed and authenticated."""

    ports: RegistryPorts
    path: Mapping[str, str]  # decoded path parameters, not yet parsed
    identified: Caller | None = None
    body: RequestModel | None = None
    query: RequestModel | None = None

    @property
    def caller(self) -> Caller:
        """The caller of a route that needs one."""
        if self.identified is None:
            raise RuntimeError("this route must be declared with Access.TOKEN")
        return self.identified

    def body_as(self, kind: type[M]) -> M:
        """Returns the body of a route that is declared with this model."""
        return _checked(self.body, kind)

    def query_as(self, kind: type[M]) -> M:
        """Returns the query of a route that is declared with this model."""
        return _checked(self.query, kind)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back; the view adds everything that all answers have."""

    body: AnswerModel | JsonObject | None = None
    status: int = 200


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path: how it is parsed, who may ask, what it answers.

    Attributes:
        operation: the operation's id in the OpenAPI document, unique.
        answers: status → model; None for an answer without a body, ``dict`` for free JSON.
        is_shared: whether the answer is the same for everybody, so that caches may keep
            it (and ask every time whether it still holds).
    """

    method: str
    path: str
    operation: str
    summary: str
    handler: Handler
    answers: Mapping[int, type[AnswerModel] | type[JsonObject] | None]
    topic: str
    access: Access = Access.TOKEN
    request: type[RequestModel] | None = None
    query: type[RequestModel] | None = None
    is_shared: bool = field(default=False)


def _checked(value: RequestModel | None, kind: type[M]) -> M:
    if not isinstance(value, kind):
        raise RuntimeError(f"this route must be declared with {kind.__name__}")
    return value
