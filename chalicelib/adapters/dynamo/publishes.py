"""Publish attempts and their reservations in DynamoDB.

A reservation row only names the attempt that last took the version. Whether it
still holds is read off that attempt's own state, and the transaction that takes
it over checks that both were as read; so no write ever has to free anything.
"""

from __future__ import annotations

import dataclasses

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.documents import PUBLISHES
from chalicelib.adapters.dynamo import audit_trail
from chalicelib.adapters.dynamo.access import document, read, read_many, store_errors, write_together
from chalicelib.adapters.dynamo.tables import PublishRow, Tables
from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.entities import AuditEvent, Publish
from tank_core.publish import PublishState

_FREED = frozenset({PublishState.PUBLISHED, PublishState.REJECTED, PublishState.EXPIRED})
_UNFINISHED = frozenset({PublishState.RESERVED, PublishState.RUNNING})
_YES = "yes"  # the one partition of the sparse index; it holds only what is under way


class DynamoPublishes:
    """The ``Publishes`` port over the tables ``publishes`` and ``reservations``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def reserve(self, publish: Publish, *, now: int) -> None:
        """See ``Publishes.reserve``."""
        holder = self.holder(publish.name, publish.version)
        if holder is not None and _is_live(holder, now):
            raise ConditionFailed("another attempt holds the version")
        write_together(
            self._tables.connection, lambda t: self._add_reservation(t, publish, holder), "reserve a version"
        )

    def _add_reservation(self, transaction: TransactWrite, publish: Publish, holder: Publish | None) -> None:
        publishes, reservations = self._tables.publishes, self._tables.reservations
        versions = self._tables.skill_versions
        address = (publish.name, publish.version)
        transaction.condition_check(versions, *address, condition=versions.name.does_not_exist())
        transaction.save(row_of(self._tables, publish), condition=publishes.publish_id.does_not_exist())
        as_read: Condition = reservations.name.does_not_exist()
        if holder is not None:
            as_read = reservations.publish_id == holder.publish_id
            transaction.condition_check(
                publishes, holder.publish_id, condition=publishes.revision == holder.revision
            )
        transaction.save(reservations(*address, publish_id=publish.publish_id), condition=as_read)

    def get(self, publish_id: str) -> Publish | None:
        """See ``Publishes.get``."""
        row = read(self._tables.publishes, publish_id)
        return PUBLISHES.entity(row.document) if row else None

    def holder(self, name: str, version: str) -> Publish | None:
        """See ``Publishes.holder``."""
        row = read(self._tables.reservations, name, version)
        return self.get(row.publish_id) if row else None

    def advance(self, publish: Publish, event: AuditEvent | None = None) -> Publish:
        """See ``Publishes.advance``."""

        def fill(transaction: TransactWrite) -> None:
            replace_attempt(transaction, self._tables, publish)
            if event is not None:
                audit_trail.append(transaction, self._tables, event)

        try:
            write_together(self._tables.connection, fill, "advance a publish")
        except ConditionFailed:
            if self.get(publish.publish_id) is None:
                raise Missing("no such publish") from None
            raise
        return _next_revision(publish)

    def unfinished(self, *, limit: int = 1000) -> tuple[Publish, ...]:
        """See ``Publishes.unfinished``; the index lags a little, so each attempt's own row decides."""
        with store_errors("list unfinished publishes"):
            found = self._tables.publishes.by_age.query(_YES, limit=limit)
            keys = [row.publish_id for row in found]
        attempts = [PUBLISHES.entity(row.document) for row in read_many(self._tables.publishes, keys)]
        return tuple(
            sorted(
                (attempt for attempt in attempts if attempt.state in _UNFINISHED),
                key=lambda attempt: (attempt.created_at, attempt.publish_id),
            )
        )


def replace_attempt(transaction: TransactWrite, tables: Tables, publish: Publish) -> None:
    """Adds the next revision of an attempt to a transaction, over the one it was read with."""
    transaction.save(
        row_of(tables, _next_revision(publish)), condition=tables.publishes.revision == publish.revision
    )


def row_of(tables: Tables, publish: Publish) -> PublishRow:
    """Returns the attempt's row."""
    return tables.publishes(
        publish_id=publish.publish_id,
        revision=publish.revision,
        unfinished=_YES if publish.state in _UNFINISHED else None,
        age=f"{publish.created_at:012d} {publish.publish_id}",
        document=document(PUBLISHES, publish),
    )


def _next_revision(publish: Publish) -> Publish:
    return dataclasses.replace(publish, revision=publish.revision + 1)


def _is_live(holder: Publish, now: int) -> bool:
    if holder.state is PublishState.RESERVED:
        return holder.expires_at > now
    return holder.state not in _FREED
