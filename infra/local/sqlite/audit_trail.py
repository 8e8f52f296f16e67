"""The audit trail, in SQLite; the schema's triggers refuse every change of a written event."""

from __future__ import annotations

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import AUDIT_EVENTS
from infra.local.sqlite.database import Database, Rows
from tank_core.entities import AuditEvent, Page

_SELECT = "SELECT event_id, document FROM audit_events WHERE"
_OF_SUBJECT = f"{_SELECT} subject = :subject"
# '@' separates a skill's name from its versions; 'A' is the character after it.
_OF_VERSIONS = f"{_SELECT} subject > :subject || '@' AND subject < :subject || 'A'"


class SqliteAuditTrail:
    """Reads events by subject."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def events(self, subject: str, *, cursor: str, limit: int) -> Page[AuditEvent]:
        """Returns one page of events, newest first; a skill's with those of its versions."""
        before = key_of(cursor)
        sources = (_OF_SUBJECT, _OF_VERSIONS) if subject.startswith("skill:") else (_OF_SUBJECT,)
        older = " AND event_id < :before" if before else ""
        query = " UNION ALL ".join(source + older for source in sources)
        with self._database.reading() as rows:
            found = rows.execute(
                f"{query} ORDER BY event_id DESC LIMIT :limit",  # fixed texts only
                {"subject": subject, "before": before, "limit": limit + 1},
            ).fetchall()
        items = tuple(AUDIT_EVENTS.entity(document) for _, document in found[:limit])
        return Page(items, cursor_after(items[-1].event_id) if len(found) > limit else "")


def append(rows: Rows, event: AuditEvent) -> None:
    """Writes an event inside the caller's transaction."""
    rows.execute(
        "INSERT INTO audit_events VALUES (?, ?, ?)", (event.event_id, event.subject, AUDIT_EVENTS.text(event))
    )
