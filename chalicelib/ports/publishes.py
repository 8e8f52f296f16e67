"""The port that keeps publish attempts."""

from __future__ import annotations

from typing import Protocol

from tank_core.entities import AuditEvent, Publish


class Publishes(Protocol):
    """Keeps publish attempts and the reservation that each holds on its version.

    A reservation is held from ``reserve`` until the attempt is published, rejected
    or expired, or until its ``expires_at`` passed while still ``reserved``.
    """

    def reserve(self, publish: Publish, *, now: int) -> None:
        """Records a new attempt and reserves name and version for it, or does nothing.

        Raises:
            ConditionFailed: the version is published, or a live reservation of another attempt holds it.
        """
        ...

    def get(self, publish_id: str) -> Publish | None:
        """Returns the attempt, or None. Consistent."""
        ...

    def holder(self, name: str, version: str) -> Publish | None:
        """Returns the attempt that last reserved this version, or None."""
        ...

    def advance(self, publish: Publish, event: AuditEvent | None = None) -> Publish:
        """Writes the attempt as given, and the event if any, in one transaction; returns it with its new revision.

        PUBLISHED, REJECTED and EXPIRED free the reservation. Only for a version that
        ``Catalog.record`` wrote may a caller advance to PUBLISHED: the version's own
        record keeps the name and version taken from then on.

        Raises:
            ConditionFailed: the stored revision is not ``publish.revision``.
            Missing: no such attempt.
        """
        ...

    def unfinished(self, *, limit: int = 1000) -> tuple[Publish, ...]:
        """Returns attempts in ``reserved`` or ``running``, oldest first."""
        ...
