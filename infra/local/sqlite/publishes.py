"""Publish attempts and their reservations, in SQLite."""

from __future__ import annotations

import dataclasses

from chalicelib.adapters.documents import PUBLISHES
from chalicelib.ports.errors import ConditionFailed, Missing
from infra.local.sqlite import audit_trail
from infra.local.sqlite.database import Database, Rows
from tank_core.entities import AuditEvent, Publish
from tank_core.publish import PublishState

_FREED = frozenset({PublishState.PUBLISHED, PublishState.REJECTED, PublishState.EXPIRED})


class SqlitePublishes:
    """Keeps publish attempts; the holder's own state says whether a reservation is live."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, publish: Publish, *, now: int) -> None:
        """Records a new attempt and points the reservation at it."""
        with self._database.writing() as rows:
            if _is_published(rows, publish.name, publish.version):
                raise ConditionFailed("the version is published")
            holder = _holder(rows, publish.name, publish.version)
            if holder is not None and _is_live(holder, now):
                raise ConditionFailed("another attempt holds the version")
            if _find(rows, publish.publish_id) is not None:
                raise ConditionFailed("the publish id is taken")
            rows.execute(
                "INSERT INTO publishes VALUES (?, ?, ?, ?, ?)",
                (
                    publish.publish_id,
                    publish.state,
                    publish.created_at,
                    publish.revision,
                    PUBLISHES.text(publish),
                ),
            )
            rows.execute(
                "INSERT OR REPLACE INTO reservations VALUES (?, ?, ?)",
                (publish.name, publish.version, publish.publish_id),
            )

    def get(self, publish_id: str) -> Publish | None:
        """Returns the attempt, or None."""
        with self._database.reading() as rows:
            return _find(rows, publish_id)

    def holder(self, name: str, version: str) -> Publish | None:
        """Returns the attempt that last reserved this version, or None."""
        with self._database.reading() as rows:
            return _holder(rows, name, version)

    def advance(self, publish: Publish, event: AuditEvent | None = None) -> Publish:
        """Writes the attempt as given and the event, in one transaction."""
        with self._database.writing() as rows:
            advanced = replace_attempt(rows, publish)
            if event is not None:
                audit_trail.append(rows, event)
        return advanced

    def unfinished(self, *, limit: int = 1000) -> tuple[Publish, ...]:
        """Returns attempts in ``reserved`` or ``running``, oldest first."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT document FROM publishes WHERE state IN (?, ?) ORDER BY created_at, publish_id LIMIT ?",
                (PublishState.RESERVED, PublishState.RUNNING, limit),
            ).fetchall()
        return tuple(PUBLISHES.entity(document) for (document,) in found)


def replace_attempt(rows: Rows, publish: Publish) -> Publish:
    """Writes an attempt over the revision it was read with, inside the caller's transaction.

    Raises:
        ConditionFailed: the stored revision is another.
        Missing: no such attempt.
    """
    stored = rows.execute(
        "SELECT revision FROM publishes WHERE publish_id = ?", (publish.publish_id,)
    ).fetchone()
    if stored is None:
        raise Missing("no such publish")
    if stored[0] != publish.revision:
        raise ConditionFailed("the publish changed meanwhile")
    advanced = dataclasses.replace(publish, revision=publish.revision + 1)
    rows.execute(
        "UPDATE publishes SET state = ?, revision = ?, document = ? WHERE publish_id = ?",
        (advanced.state, advanced.revision, PUBLISHES.text(advanced), advanced.publish_id),
    )
    return advanced


def _find(rows: Rows, publish_id: str) -> Publish | None:
    found = rows.execute("SELECT document FROM publishes WHERE publish_id = ?", (publish_id,)).fetchone()
    return PUBLISHES.entity(found[0]) if found else None


def _holder(rows: Rows, name: str, version: str) -> Publish | None:
    found = rows.execute(
        "SELECT document FROM reservations JOIN publishes USING (publish_id) WHERE name = ? AND version = ?",
        (name, version),
    ).fetchone()
    return PUBLISHES.entity(found[0]) if found else None


def _is_live(holder: Publish, now: int) -> bool:
    if holder.state is PublishState.RESERVED:
        return now <= holder.expires_at
    return holder.state not in _FREED


def _is_published(rows: Rows, name: str, version: str) -> bool:
    query = "SELECT 1 FROM versions WHERE name = ? AND version = ?"
    return rows.execute(query, (name, version)).fetchone() is not None
