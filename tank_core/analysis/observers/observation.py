"""One access that a source shows."""

from __future__ import annotations

from dataclasses import dataclass

from tank_core.permissions import Access


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """An access at a place of a source.

    Attributes:
        type: the type of access.
        value: its entry as written; None when it is only known when the code runs.
        local_line: 1-based line of the source.
    """

    type: Access
    value: str | None
    local_line: int
