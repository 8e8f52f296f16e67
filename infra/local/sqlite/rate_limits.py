"""Request counts in fixed windows, in SQLite.

One row per caller and window length, overwritten when a window begins, so the
table grows with callers and not with time.
"""

from __future__ import annotations

from chalicelib.ports.rate_limits import Allowance
from infra.local.sqlite.database import Database

_COUNT = """
INSERT INTO rate_windows VALUES (:caller, :window, :started, 1)
ON CONFLICT (caller, window_seconds) DO UPDATE SET
    requests = CASE WHEN started_at = excluded.started_at THEN requests + 1 ELSE 1 END,
    started_at = excluded.started_at
RETURNING requests
"""


class SqliteRateLimits:
    """Counts requests per caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, caller: str, *, limit: int, window_seconds: int, now: int) -> Allowance:
        """Counts one request and returns what is left in the window that ``now`` is in."""
        started = now - now % window_seconds
        with self._database.writing() as rows:
            counted = rows.execute(
                _COUNT, {"caller": caller, "window": window_seconds, "started": started}
            ).fetchone()
        requests = int(counted[0])
        return Allowance(
            limit=limit,
            remaining=max(0, limit - requests),
            reset_seconds=started + window_seconds - now,
            allowed=requests <= limit,
        )
