"""Appeals, in SQLite; none is ever deleted."""

from __future__ import annotations

import dataclasses

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import APPEALS
from chalicelib.ports.errors import ConditionFailed, InvalidCursor, Missing
from infra.local.sqlite import audit_trail
from infra.local.sqlite.database import Database
from tank_core.entities import Appeal, AppealState, AuditEvent, Page

_PAGE = """
SELECT filed_at, appeal_id, document FROM appeals
WHERE state = ? AND (filed_at, appeal_id) > (?, ?) ORDER BY filed_at, appeal_id LIMIT ?
"""


class SqliteAppeals:
    """Keeps appeals; every change and its audit event are one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, appeal_id: str) -> Appeal | None:
        """Returns the appeal, or None."""
        with self._database.reading() as rows:
            found = rows.execute("SELECT document FROM appeals WHERE appeal_id = ?", (appeal_id,)).fetchone()
        return APPEALS.entity(found[0]) if found else None

    def of_version(self, name: str, version: str) -> tuple[Appeal, ...]:
        """Returns all appeals about a version, oldest first."""
        query = "SELECT document FROM appeals WHERE name = ? AND version = ? ORDER BY filed_at, appeal_id"
        with self._database.reading() as rows:
            found = rows.execute(query, (name, version)).fetchall()
        return tuple(APPEALS.entity(document) for (document,) in found)

    def open(self, *, cursor: str, limit: int) -> Page[Appeal]:
        """Returns one page of what nobody decided, oldest first."""
        filed_at, _, appeal_id = (key_of(cursor) or "0 ").partition(" ")
        if not filed_at.isdecimal():
            raise InvalidCursor("names no appeal")
        with self._database.reading() as rows:
            found = rows.execute(_PAGE, (AppealState.OPEN, int(filed_at), appeal_id, limit + 1)).fetchall()
        items = found[:limit]
        following = cursor_after(f"{items[-1][0]} {items[-1][1]}") if len(found) > limit else ""
        return Page(tuple(APPEALS.entity(document) for _, _, document in items), following)

    def file(self, appeal: Appeal, event: AuditEvent) -> None:
        """Records a new appeal."""
        values = (
            appeal.appeal_id,
            appeal.name,
            appeal.version,
            appeal.state,
            appeal.filed_at,
            appeal.revision,
            APPEALS.text(appeal),
        )
        with self._database.writing() as rows:
            created = rows.execute("INSERT OR IGNORE INTO appeals VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            if created.rowcount != 1:
                raise ConditionFailed("the appeal's id is taken")
            audit_trail.append(rows, event)

    def advance(self, appeal: Appeal, event: AuditEvent) -> Appeal:
        """Writes an appeal over the revision it was read with."""
        advanced = dataclasses.replace(appeal, revision=appeal.revision + 1)
        with self._database.writing() as rows:
            stored = rows.execute(
                "SELECT revision FROM appeals WHERE appeal_id = ?", (appeal.appeal_id,)
            ).fetchone()
            if stored is None:
                raise Missing("no such appeal")
            if stored[0] != appeal.revision:
                raise ConditionFailed("the appeal changed meanwhile")
            rows.execute(
                "UPDATE appeals SET state = ?, revision = ?, document = ? WHERE appeal_id = ?",
                (advanced.state, advanced.revision, APPEALS.text(advanced), advanced.appeal_id),
            )
            audit_trail.append(rows, event)
        return advanced
