"""What the in-memory ports share: one lock, one audit trail, one way to page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chalicelib.ports.errors import ConditionFailed, InvalidCursor
from chalicelib.ports.index_state import IndexStanding
from tank_core.entities import AuditEvent, Page

T = TypeVar("T")


@dataclass(slots=True)
class MemoryState:
    """The lock makes each port method one transaction; events are only ever added."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    trail: dict[str, AuditEvent] = field(default_factory=dict)

    def append(self, event: AuditEvent) -> None:
        if event.event_id in self.trail:
            raise ConditionFailed(f"audit event {event.event_id} exists")
        self.trail[event.event_id] = event


@dataclass(slots=True)
class IndexStateInMemory:
    """The ``IndexState`` port."""

    standing: IndexStanding | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> IndexStanding | None:
        return self.standing

    def write(self, standing: IndexStanding, *, expected_revision: int) -> None:
        with self.lock:
            if (self.standing.revision if self.standing else 0) != expected_revision:
                raise ConditionFailed("the index state has another revision")
            self.standing = standing


def page_of(items: Sequence[T], key: Callable[[T], str], *, cursor: str, limit: int) -> Page[T]:
    """Returns one page; the cursor is the key of the last item given out."""
    start = 0
    if cursor:
        keys = [key(item) for item in items]
        if cursor not in keys:
            raise InvalidCursor(cursor)
        start = keys.index(cursor) + 1
    chosen = tuple(items[start : start + limit])
    is_last = start + limit >= len(items)
    return Page(chosen, "" if is_last or not chosen else key(chosen[-1]))
