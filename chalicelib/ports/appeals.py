"""The port that keeps appeals, and with the granted ones which waivers there are."""

from __future__ import annotations

from typing import Protocol

from tank_core.entities import Appeal, AuditEvent, Page


class Appeals(Protocol):
    """Keeps appeals for good. Every change comes with its audit event, in one transaction."""

    def get(self, appeal_id: str) -> Appeal | None:
        """Returns the appeal, or None. Consistent."""
        ...

    def of_version(self, name: str, version: str) -> tuple[Appeal, ...]:
        """Returns all appeals about a version, whatever its bytes and their state, oldest first. Consistent."""
        ...

    def open(self, *, cursor: str, limit: int) -> Page[Appeal]:
        """Returns the appeals that nobody decided, oldest first; one of this moment may be missing.

        Raises:
            InvalidCursor: the cursor is from elsewhere.
        """
        ...

    def file(self, appeal: Appeal, event: AuditEvent) -> None:
        """Records a new appeal.

        Raises:
            ConditionFailed: the id is taken.
        """
        ...

    def advance(self, appeal: Appeal, event: AuditEvent) -> Appeal:
        """Writes the appeal as given, with the event; returns it with its new revision.

        Raises:
            ConditionFailed: the stored revision is not ``appeal.revision``.
            Missing: no such appeal.
        """
        ...
