"""Connections to the registry's SQLite file, and the two ways to use one.

A connection per thread, write-ahead logging with a full sync at each commit (a
commit that returned survives a power cut), and one writer at a time that takes
its lock first, so that what it read is still true when it writes.

Source: sqlite.org, "Write-Ahead Logging" and "PRAGMA synchronous".
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from chalicelib.ports.errors import PortError
from infra.local.sqlite.schema import migrate

Rows: TypeAlias = sqlite3.Connection
_BUSY_MILLISECONDS = 10_000  # longer than any transaction here; a busy file is then an error


class DatabaseError(PortError):
    """SQLite refused or could not be reached; retrying may help."""


class Database:
    """One SQLite file, shared by the threads of this process and by the analysis child."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        with _foreign_errors():
            migrate(self._connection())

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """Gives a connection for reads; several statements see one state of the file."""
        with _foreign_errors(), _transaction(self._connection(), "BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """Gives a connection inside a transaction that commits, durably, unless an exception leaves it."""
        with _foreign_errors(), _transaction(self._connection(), "BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Closes every connection; no thread may use the database afterwards."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        # Used by one thread only; the check is off because close() runs in another.
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        with self._lock:
            self._open.append(connection)
        return connection


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[Rows]:
    connection.execute(begin)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back on some errors, such as a full disk
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _foreign_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise DatabaseError(f"sqlite: {exc}") from exc
