"""Where each execution stands, durably, and who may move it.

An execution is moved by the holder of its lease only; each write names the
holder, so that one who lost the lease changes nothing. Every step is recorded
when it is entered and when it is left.

What the stages said travels in these rows, and Store believes it. So each row is
sealed under a key that is not in the database: whoever can write there, and nowhere
else, can make no stage have passed. A row that was changed is forgotten; the sweep
then starts its execution from the beginning, and every stage looks again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.ports.errors import ConditionFailed
from infra.local.sqlite.database import Database, Rows
from infra.local.states.transition import Checkpoint, Status

_COLUMNS = "name, status, state, data, tries, wake_at, seal"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an execution's history. ``happened``: ``entered``, or what it led to."""

    number: int
    at: int
    state: str
    happened: str
    detail: str


class Checkpoints:
    """Keeps the executions of one state machine in SQLite.

    Args:
        database: where.
        key: what seals the rows; secret, not in the database, and of this machine alone.
        machine: its name; a name of an execution is used once over all machines.
    """

    def __init__(self, database: Database, key: bytes, machine: str = "publish") -> None:
        self._database = database
        self._key = key
        self._machine = machine

    def add(self, first: Checkpoint, now: int) -> bool:
        """Keeps a new execution; returns False, and keeps nothing, when its name was used before."""
        with self._database.writing() as rows:
            added = rows.execute(
                f"INSERT OR IGNORE INTO executions ({_COLUMNS}, machine, lease_owner, lease_until)"  # noqa: S608
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0)",
                (first.name, *self._row(first), self._machine),
            )
            if added.rowcount:
                _record(rows, first.name, now, first.state, "started", "")
            return bool(added.rowcount)

    def claim(self, owner: str, now: int, until: int) -> Checkpoint | None:
        """Takes the lease of the execution that has been due the longest, or returns None."""
        with self._database.writing() as rows:
            found = self._due(rows, now)
            if found is not None:
                rows.execute(
                    "UPDATE executions SET lease_owner = ?, lease_until = ? WHERE name = ?",
                    (owner, until, found.name),
                )
        return found

    def _due(self, rows: Rows, now: int) -> Checkpoint | None:
        """Returns the execution that has been due the longest; forgets those that were changed on the way."""
        query = (
            f"SELECT {_COLUMNS} FROM executions WHERE machine = ? AND status = ? AND wake_at <= ?"  # noqa: S608
            " AND lease_until <= ? ORDER BY wake_at, name LIMIT 1"
        )
        while row := rows.execute(query, (self._machine, Status.RUNNING, now, now)).fetchone():
            if self._is_sealed(row):
                return _checkpoint(row)
            _forget(rows, row[0])
        return None

    def enter(self, at: Checkpoint, owner: str, now: int, until: int) -> None:
        """Records that the state is about to run, and keeps the lease until then.

        Raises:
            ConditionFailed: the lease is somebody else's by now.
        """
        with self._database.writing() as rows:
            _require(
                rows.execute(
                    "UPDATE executions SET lease_until = ? WHERE name = ? AND lease_owner = ?",
                    (until, at.name, owner),
                ).rowcount
            )
            _record(rows, at.name, now, at.state, "entered", "")

    def leave(self, before: Checkpoint, after: Checkpoint, owner: str, now: int, detail: str) -> None:
        """Records what followed; gives the lease back when the execution ended or sleeps.

        Raises:
            ConditionFailed: the lease is somebody else's by now.
        """
        rests = after.status is not Status.RUNNING or after.wake_at > now
        with self._database.writing() as rows:
            _require(
                rows.execute(
                    "UPDATE executions SET status = ?, state = ?, data = ?, tries = ?, wake_at = ?, seal = ?,"
                    " lease_owner = iif(?, '', lease_owner), lease_until = iif(?, 0, lease_until)"
                    " WHERE name = ? AND lease_owner = ?",
                    (*self._row(after), rests, rests, after.name, owner),
                ).rowcount
            )
            happened = f"led to {after.state}" if after.status is Status.RUNNING else str(after.status)
            _record(rows, before.name, now, before.state, happened, detail)

    def release(self, owner: str) -> None:
        """Gives back what one owner holds."""
        with self._database.writing() as rows:
            rows.execute(
                "UPDATE executions SET lease_owner = '', lease_until = 0 WHERE lease_owner = ?", (owner,)
            )

    def release_all(self) -> None:
        """Gives back every lease: only for who knows that all earlier owners are dead."""
        with self._database.writing() as rows:
            rows.execute("UPDATE executions SET lease_owner = '', lease_until = 0 WHERE lease_owner != ''")

    def forget_ended(self) -> None:
        """Deletes the executions that ended, with their steps; for a machine whose past nobody asks for."""
        ended = "SELECT name FROM executions WHERE machine = ? AND status != ?"
        with self._database.writing() as rows:
            rows.execute(
                f"DELETE FROM execution_steps WHERE name IN ({ended})",  # noqa: S608  # a fixed text
                (self._machine, Status.RUNNING),
            )
            rows.execute(
                "DELETE FROM executions WHERE machine = ? AND status != ?", (self._machine, Status.RUNNING)
            )

    def next_due(self) -> int | None:
        """Returns when the next execution wants attention, epoch seconds, or None when all ended."""
        with self._database.reading() as rows:
            row = rows.execute(
                "SELECT min(max(wake_at, lease_until)) FROM executions WHERE machine = ? AND status = ?",
                (self._machine, Status.RUNNING),
            ).fetchone()
        return None if row[0] is None else int(row[0])

    def names(self) -> tuple[str, ...]:
        """Returns the names of all executions, sorted."""
        with self._database.reading() as rows:
            query = "SELECT name FROM executions WHERE machine = ? ORDER BY name"
            return tuple(row[0] for row in rows.execute(query, (self._machine,)))

    def get(self, name: str) -> Checkpoint | None:
        """Returns where an execution stands, or None."""
        with self._database.reading() as rows:
            row = rows.execute(f"SELECT {_COLUMNS} FROM executions WHERE name = ?", (name,)).fetchone()  # noqa: S608
        return None if row is None else _checkpoint(row)

    def history(self, name: str) -> tuple[Step, ...]:
        """Returns the steps of an execution, oldest first."""
        query = (
            "SELECT number, at, state, happened, detail FROM execution_steps WHERE name = ? ORDER BY number"
        )
        with self._database.reading() as rows:
            return tuple(Step(*row) for row in rows.execute(query, (name,)))

    def _row(self, at: Checkpoint) -> tuple[str | int, ...]:
        fields = (at.status, at.state, json.dumps(at.data), json.dumps(at.tries), at.wake_at)
        return (*fields, self._seal((at.name, *fields)))

    def _seal(self, fields: Sequence[object]) -> str:
        return hmac.new(self._key, json.dumps(fields).encode(), hashlib.sha256).hexdigest()

    def _is_sealed(self, row: Sequence[object]) -> bool:
        *fields, seal = row
        return hmac.compare_digest(self._seal(fields).encode(), str(seal).encode())


def _checkpoint(row: Sequence[Any]) -> Checkpoint:
    name, status, state, data, tries, wake_at, _ = row
    return Checkpoint(name, Status(status), state, json.loads(data), tuple(json.loads(tries)), wake_at)


def _forget(rows: Rows, name: str) -> None:
    rows.execute("DELETE FROM execution_steps WHERE name = ?", (name,))
    rows.execute("DELETE FROM executions WHERE name = ?", (name,))
    # The operator's only news of it, and not an audit event: nothing was done that a reader could see.
    print(f"execution {name!r} was changed in the database; it starts from the beginning", file=sys.stderr)


def _record(rows: Rows, name: str, now: int, state: str, happened: str, detail: str) -> None:
    rows.execute(
        "INSERT INTO execution_steps SELECT ?, 1 + count(*), ?, ?, ?, ? FROM execution_steps WHERE name = ?",
        (name, now, state, happened, detail, name),
    )


def _require(row_count: int) -> None:
    if row_count != 1:
        raise ConditionFailed("another worker has the lease")
