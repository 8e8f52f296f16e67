"""An append-only log in a SQLite file: entries, their Merkle tree, and proofs.

An entry counts once its transaction is committed and synced; only then is anything
signed about it, so no checkpoint can promise what a power cut takes away. Appends
are serialised. Several logs share the file, each with a tree of its own.

Source: RFC 6962, section 2.1; sqlite.org, "PRAGMA synchronous".
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.sigstore import merkle

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    log TEXT NOT NULL,
    position INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    body BLOB NOT NULL,
    integrated_at INTEGER NOT NULL,
    PRIMARY KEY (log, position),
    UNIQUE (log, leaf)
) STRICT;
CREATE TABLE IF NOT EXISTS subtrees (
    log TEXT NOT NULL,
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (log, level, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entries_never_change BEFORE UPDATE ON entries
    BEGIN SELECT RAISE (ABORT, 'a transparency log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_never_go BEFORE DELETE ON entries
    BEGIN SELECT RAISE (ABORT, 'a transparency log is append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """One entry of a log.

    ``integrated_at``: seconds since the Unix epoch.
    """

    index: int
    body: bytes
    integrated_at: int

    @property
    def leaf(self) -> bytes:
        """The entry's leaf hash, 32 bytes."""
        return merkle.leaf_hash(self.body)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry is in the tree of ``size`` leaves with this root."""

    index: int
    size: int
    root: bytes
    hashes: tuple[bytes, ...]


class LogFile:
    """The SQLite file of all logs of one machine."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file; its folder exists and is its owner's only."""
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the file; nobody may use it afterwards."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Gives the connection to one thread at a time, inside a transaction."""
        with self._lock:
            self._connection.execute(begin)
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


class TransparencyLog:
    """One log of a file."""

    def __init__(self, file: LogFile, name: str) -> None:
        """Args: name: which of the file's logs; it is no part of what is hashed or signed."""
        self._file = file
        self._name = name

    def append(self, body: bytes, *, at: int) -> tuple[LoggedEntry, bool]:
        """Logs an entry, durably, unless it is there.

        Returns:
            The entry, and whether it is new: what is there keeps its index and time.
        """
        leaf = merkle.leaf_hash(body)
        with self._file.transaction("BEGIN IMMEDIATE") as connection:
            known = self._by_leaf(connection, leaf)
            if known is not None:
                return known, False
            size = self._size(connection)
            connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (self._name, size, leaf, body, at)
            )
            for (level, position), value in merkle.growth(self._hashes(connection), size, leaf):
                connection.execute(
                    "INSERT INTO subtrees VALUES (?, ?, ?, ?)", (self._name, level, position, value)
                )
        return LoggedEntry(size, body, at), True

    def entry(self, index: int) -> LoggedEntry | None:
        """Returns the entry at an index, or None."""
        with self._file.transaction("BEGIN") as connection:
            row = connection.execute(
                "SELECT position, body, integrated_at FROM entries WHERE log = ? AND position = ?",
                (self._name, index),
            ).fetchone()
        return LoggedEntry(*row) if row else None

    def entry_by_leaf(self, leaf: bytes) -> LoggedEntry | None:
        """Returns the entry with a leaf hash, or None."""
        with self._file.transaction("BEGIN") as connection:
            return self._by_leaf(connection, leaf)

    def entries(self, start: int, stop: int) -> list[LoggedEntry]:
        """Returns the entries from ``start`` up to, not including, ``stop`` that are there."""
        with self._file.transaction("BEGIN") as connection:
            rows = connection.execute(
                "SELECT position, body, integrated_at FROM entries"
                " WHERE log = ? AND position >= ? AND position < ? ORDER BY position",
                (self._name, start, stop),
            ).fetchall()
        return [LoggedEntry(*row) for row in rows]

    def subtrees(self, level: int, start: int, stop: int) -> list[bytes]:
        """Returns the hashes of the complete subtrees of a level, in order, as many as there are."""
        with self._file.transaction("BEGIN") as connection:
            rows = connection.execute(
                "SELECT hash FROM subtrees"
                " WHERE log = ? AND level = ? AND position >= ? AND position < ? ORDER BY position",
                (self._name, level, start, stop),
            ).fetchall()
        return [bytes(row[0]) for row in rows]

    def head(self) -> tuple[int, bytes]:
        """Returns the number of entries and the root over them."""
        with self._file.transaction("BEGIN") as connection:
            size = self._size(connection)
            return size, merkle.root_hash(self._hashes(connection), size)

    def inclusion(self, index: int) -> InclusionProof:
        """Returns the proof that an entry is in the log as it is now.

        Raises:
            ValueError: there is no such entry.
        """
        with self._file.transaction("BEGIN") as connection:
            size, hashes = self._size(connection), self._hashes(connection)
            path = merkle.inclusion_path(hashes, index, size)
            return InclusionProof(index, size, merkle.root_hash(hashes, size), tuple(path))

    def consistency(self, old: int, new: int) -> tuple[bytes, list[bytes]]:
        """Returns the root over ``new`` leaves, and the proof that their tree begins with the one of ``old``.

        Raises:
            ValueError: not 0 < old <= new <= size.
        """
        with self._file.transaction("BEGIN") as connection:
            size, hashes = self._size(connection), self._hashes(connection)
            if new > size:
                raise ValueError(f"the log has {size} entries")
            return merkle.root_hash(hashes, new), merkle.consistency_path(hashes, old, new)

    def _size(self, connection: sqlite3.Connection) -> int:
        row = connection.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM entries WHERE log = ?", (self._name,)
        ).fetchone()
        return int(row[0])

    def _by_leaf(self, connection: sqlite3.Connection, leaf: bytes) -> LoggedEntry | None:
        row = connection.execute(
            "SELECT position, body, integrated_at FROM entries WHERE log = ? AND leaf = ?", (self._name, leaf)
        ).fetchone()
        return LoggedEntry(*row) if row else None

    def _hashes(self, connection: sqlite3.Connection) -> merkle.Hashes:
        def read(level: int, position: int) -> bytes:
            row = connection.execute(
                "SELECT hash FROM subtrees WHERE log = ? AND level = ? AND position = ?",
                (self._name, level, position),
            ).fetchone()
            return bytes(row[0])

        return read
