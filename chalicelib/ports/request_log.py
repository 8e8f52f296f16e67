"""The port that takes one structured line per request, and one per internal error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RequestLine:
    """What is worth keeping of one request. No secret, no body, no query text."""

    request_id: str
    method: str
    route: str  # the pattern, such as /v1/skills/{org}/{name}
    status: int
    code: str  # of the error; "" when there was none
    caller: str  # as rate limits count it


class RequestLog(Protocol):
    """Writes for operators."""

    def answered(self, line: RequestLine) -> None:
        """Records a request that was answered, whatever with."""
        ...

    def broke(self, line: RequestLine, error: BaseException) -> None:
        """Records a request that ended in an internal error, with the error's stack."""
        ...
