"""How published versions are judged, in DynamoDB: what a rescan reads and writes of ``skill_versions``.

What may change without a new verdict has an attribute of its own, the waivers that a
version names among them; the rest of a judgement is in the document, which is only
ever replaced by one that was read.
"""

from __future__ import annotations

import dataclasses

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import VERSIONS, WAIVERS
from chalicelib.adapters.dynamo import audit_trail
from chalicelib.adapters.dynamo.access import document, read, store_errors, write_together
from chalicelib.adapters.dynamo.tables import Tables, VersionRow
from chalicelib.ports.errors import ConditionFailed, InvalidCursor, Missing
from tank_core.entities import AuditEvent, Availability, Page, SkillVersion, WaiverReference

_ATTEMPTS = 5
_PAGE = 200  # rows that one request looks at; most of them are no result once a rescan is nearly done


class Scans:
    """The part of the ``Catalog`` port that rescans use."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.skill_versions

    def otherwise(self, rule_set: str, *, cursor: str, limit: int) -> Page[SkillVersion]:
        """See ``Catalog.scanned_otherwise``; reads the whole table, so it is for what concerns all of it."""
        settled = self._rows.settled_rule_set
        with store_errors("read versions by rule set"):
            found = self._rows.scan(
                filter_condition=settled.does_not_exist() | (settled != rule_set),
                limit=limit,
                page_size=_PAGE,
                last_evaluated_key=_start(cursor),
                consistent_read=True,
            )
            items = tuple(version_of(row) for row in found)
            more = found.last_evaluated_key is not None and len(items) == limit
        return Page(items, cursor_after(f"{items[-1].name} {items[-1].version}") if more else "")

    def record(self, after: SkillVersion, before: SkillVersion, event: AuditEvent | None) -> None:
        """See ``Catalog.record_scan``."""
        row = self._row(after.name, after.version)
        stored = version_of(row)
        if stored.availability is Availability.WITHDRAWN or stored != stored.with_scan_of(before):
            raise ConditionFailed("the version is judged otherwise by now, or withdrawn")
        self._replace(row, stored.with_scan_of(after), event, "record a scan")

    def set_waivers(
        self,
        name: str,
        version: str,
        waivers: tuple[WaiverReference, ...],
        before: tuple[WaiverReference, ...],
    ) -> None:
        """See ``Catalog.set_waivers``."""
        row = self._row(name, version)
        stored = version_of(row)
        if stored.waivers != before:
            raise ConditionFailed("the version names other waivers by now")
        self._replace(row, stored.with_waivers(waivers), None, "correct waivers")

    def settle(self, name: str, version: str, rule_set: str) -> None:
        """See ``Catalog.settle_scan``."""
        row = self._row(name, version)
        if version_of(row).rule_set != rule_set:
            raise ConditionFailed("the version is judged by other rules by now")

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                self._rows(name, version),
                actions=[self._rows.settled_rule_set.set(rule_set)],
                condition=self._rows.document == row.document,
            )

        write_together(self._tables.connection, fill, "settle a scan")

    def count_failure(self, name: str, version: str, rule_set: str) -> int:
        """See ``Catalog.count_failed_scan``."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._count(self._row(name, version), rule_set)
            except ConditionFailed:
                # Somebody counted since it was read: count from what they left.
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _count(self, row: VersionRow, rule_set: str) -> int:
        failed = self._rows.failed_scans
        count = int(row.failed_scans or 0) + 1 if row.failed_rule_set == rule_set else 1

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                self._rows(row.name, row.version),
                actions=[self._rows.failed_rule_set.set(rule_set), failed.set(count)],
                condition=failed.does_not_exist() if row.failed_scans is None else failed == row.failed_scans,
            )

        write_together(self._tables.connection, fill, "count a failed scan")
        return count

    def _replace(self, row: VersionRow, changed: SkillVersion, event: AuditEvent | None, what: str) -> None:
        """Writes another judgement, unless the stored one or the availability changed since it was read."""

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                self._rows(row.name, row.version),
                actions=[
                    self._rows.document.set(document(VERSIONS, changed)),
                    self._rows.waivers.set(WAIVERS.text(changed.waivers)),
                    self._rows.settled_rule_set.set(changed.settled_rule_set),
                    self._rows.failed_rule_set.set(changed.failed_rule_set),
                    self._rows.failed_scans.set(changed.failed_scans),
                ],
                condition=self._is_as_read(row),
            )
            if event is not None:
                audit_trail.append(transaction, self._tables, event)

        write_together(self._tables.connection, fill, what)

    def _is_as_read(self, row: VersionRow) -> Condition:
        named = self._rows.waivers
        same_waivers = named.does_not_exist() if row.waivers is None else named == row.waivers
        same_rest = (self._rows.document == row.document) & (self._rows.availability == row.availability)
        is_as_read: Condition = same_rest & same_waivers
        return is_as_read

    def _row(self, name: str, version: str) -> VersionRow:
        row = read(self._rows, name, version)
        if row is None:
            raise Missing("no such version")
        return row


def version_of(row: VersionRow) -> SkillVersion:
    """Returns the version in a row: its document, with what has an attribute of its own."""
    version = VERSIONS.entity(row.document)
    return dataclasses.replace(
        version,
        waivers=version.waivers if row.waivers is None else WAIVERS.entity(row.waivers),
        availability=Availability(row.availability),
        availability_reason=row.availability_reason,
        deprecation=row.deprecation,
        settled_rule_set=row.settled_rule_set or "",
        failed_rule_set=row.failed_rule_set or "",
        failed_scans=int(row.failed_scans or 0),
    )


def _start(cursor: str) -> dict[str, dict[str, str]] | None:
    name, _, version = key_of(cursor).partition(" ")
    if not name:
        return None
    if not version:
        raise InvalidCursor("names no version")
    return {"name": {"S": name}, "version": {"S": version}}
