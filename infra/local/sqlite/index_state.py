"""What the index writer wrote last, in SQLite: one row."""

from __future__ import annotations

from chalicelib.adapters.documents import STANDINGS
from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.index_state import IndexStanding
from infra.local.sqlite.database import Database


class SqliteIndexState:
    """Keeps the registry's one standing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> IndexStanding | None:
        """Returns the standing, or None before the first."""
        with self._database.reading() as rows:
            found = rows.execute("SELECT document FROM index_state").fetchone()
        return STANDINGS.entity(found[0]) if found else None

    def write(self, standing: IndexStanding, *, expected_revision: int) -> None:
        """Replaces the standing of that revision, 0 for none."""
        document = STANDINGS.text(standing)
        with self._database.writing() as rows:
            if expected_revision:
                written = rows.execute(
                    "UPDATE index_state SET revision = ?, document = ? WHERE revision = ?",
                    (standing.revision, document, expected_revision),
                )
            else:
                written = rows.execute(
                    "INSERT OR IGNORE INTO index_state VALUES (1, ?, ?)", (standing.revision, document)
                )
            if not written.rowcount:
                raise ConditionFailed("the index state has another revision")
