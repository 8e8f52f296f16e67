"""The port that reads the audit trail. Writing is part of each change's own transaction."""

from __future__ import annotations

from typing import Protocol

from tank_core.entities import AuditEvent, Page


class AuditTrail(Protocol):
    """Reads the append-only record."""

    def events(self, subject: str, *, cursor: str, limit: int) -> Page[AuditEvent]:
        """Returns the events of one subject, and of what it contains, newest first.

        A skill's subject contains its versions': ``skill:@a/b`` also lists
        ``skill:@a/b@1.0.0``. Other subjects are matched exactly.
        """
        ...
