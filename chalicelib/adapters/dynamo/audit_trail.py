"""The audit trail in DynamoDB: events lie below the subject that contains theirs.

A skill and its versions share one partition, so a skill's trail is one query,
in order, and consistent. A version's own trail filters that same query.
"""

from __future__ import annotations

from pynamodb.transactions import TransactWrite

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import AUDIT_EVENTS
from chalicelib.adapters.dynamo.access import document, store_errors
from chalicelib.adapters.dynamo.tables import Tables
from tank_core.entities import AuditEvent, Page


class DynamoAuditTrail:
    """The ``AuditTrail`` port over the table ``audit_events``."""

    def __init__(self, tables: Tables) -> None:
        self._rows = tables.audit_events

    def events(self, subject: str, *, cursor: str, limit: int) -> Page[AuditEvent]:
        """See ``AuditTrail.events``."""
        before, root = key_of(cursor), _root(subject)
        with store_errors("read audit events"):
            found = list(
                self._rows.query(
                    root,
                    range_key_condition=self._rows.event_id < before if before else None,
                    filter_condition=self._rows.subject == subject if subject != root else None,
                    consistent_read=True,
                    scan_index_forward=False,
                    limit=limit + 1,
                )
            )
        items = tuple(AUDIT_EVENTS.entity(row.document) for row in found[:limit])
        return Page(items, cursor_after(items[-1].event_id) if len(found) > limit else "")


def append(transaction: TransactWrite, tables: Tables, event: AuditEvent) -> None:
    """Adds an event to a change's transaction; an event that exists is never overwritten."""
    rows = tables.audit_events
    row = rows(
        root=_root(event.subject),
        event_id=event.event_id,
        subject=event.subject,
        document=document(AUDIT_EVENTS, event),
    )
    transaction.save(row, condition=rows.event_id.does_not_exist())


def _root(subject: str) -> str:
    """Returns the subject that contains this one: ``skill:@a/b`` of ``skill:@a/b@1.0.0``, else itself."""
    kind, _, name = subject.partition(":@")
    return f"skill:@{name.partition('@')[0]}" if kind == "skill" else subject
