"""Appeals in DynamoDB: below the version that they are about, so that Score reads them in one consistent query."""

from __future__ import annotations

import dataclasses

from pynamodb.transactions import TransactWrite

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import APPEALS
from chalicelib.adapters.dynamo import audit_trail
from chalicelib.adapters.dynamo.access import document, read, read_many, store_errors, write_together
from chalicelib.adapters.dynamo.tables import AppealRow, Tables
from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.entities import Appeal, AppealState, AuditEvent, Page

_YES = "yes"  # the one partition of the sparse index; it holds only what nobody decided


class DynamoAppeals:
    """The ``Appeals`` port over the tables ``appeals`` and ``appeal_ids``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, appeal_id: str) -> Appeal | None:
        """See ``Appeals.get``."""
        place = read(self._tables.appeal_ids, appeal_id)
        row = read(self._tables.appeals, place.about, place.age) if place else None
        return APPEALS.entity(row.document) if row else None

    def of_version(self, name: str, version: str) -> tuple[Appeal, ...]:
        """See ``Appeals.of_version``."""
        with store_errors("read appeals"):
            rows = list(self._tables.appeals.query(f"{name}@{version}", consistent_read=True))
        return tuple(APPEALS.entity(row.document) for row in rows)

    def open(self, *, cursor: str, limit: int) -> Page[Appeal]:
        """See ``Appeals.open``; the index lags a little, so each appeal's own row decides."""
        after = key_of(cursor)
        later = self._tables.appeals.age > after if after else None
        with store_errors("list open appeals"):
            found = list(
                self._tables.appeals.undecided.query(_YES, range_key_condition=later, limit=limit + 1)
            )
        keys = [(row.about, row.age) for row in found[:limit]]
        stored = [APPEALS.entity(row.document) for row in read_many(self._tables.appeals, keys)]
        items = sorted((one for one in stored if one.state is AppealState.OPEN), key=_age)
        return Page(tuple(items), cursor_after(keys[-1][1]) if len(found) > limit else "")

    def file(self, appeal: Appeal, event: AuditEvent) -> None:
        """See ``Appeals.file``."""
        places = self._tables.appeal_ids

        def fill(transaction: TransactWrite) -> None:
            row = self._row(appeal)
            place = places(appeal.appeal_id, about=row.about, age=row.age)
            transaction.save(place, condition=places.appeal_id.does_not_exist())
            transaction.save(row, condition=self._tables.appeals.about.does_not_exist())
            audit_trail.append(transaction, self._tables, event)

        write_together(self._tables.connection, fill, "file an appeal")

    def advance(self, appeal: Appeal, event: AuditEvent) -> Appeal:
        """See ``Appeals.advance``."""
        advanced = dataclasses.replace(appeal, revision=appeal.revision + 1)

        def fill(transaction: TransactWrite) -> None:
            transaction.save(self._row(advanced), condition=self._tables.appeals.revision == appeal.revision)
            audit_trail.append(transaction, self._tables, event)

        try:
            write_together(self._tables.connection, fill, "advance an appeal")
        except ConditionFailed:
            if self.get(appeal.appeal_id) is None:
                raise Missing("no such appeal") from None
            raise
        return advanced

    def _row(self, appeal: Appeal) -> AppealRow:
        return self._tables.appeals(
            about=f"{appeal.name}@{appeal.version}",
            age=_age(appeal),
            revision=appeal.revision,
            open=_YES if appeal.state is AppealState.OPEN else None,
            document=document(APPEALS, appeal),
        )


def _age(appeal: Appeal) -> str:
    return f"{appeal.filed_at:012d} {appeal.appeal_id}"
