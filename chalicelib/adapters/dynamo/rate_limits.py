"""Request counts in fixed windows in DynamoDB: one atomic add each, deleted by time to live."""

from __future__ import annotations

from chalicelib.adapters.dynamo.access import store_errors
from chalicelib.adapters.dynamo.tables import Tables
from chalicelib.ports.rate_limits import Allowance

_KEPT_SECONDS = 3600  # beyond the window's end; deletion by DynamoDB is late anyway


class DynamoRateLimits:
    """The ``RateLimits`` port over the table ``rate_limits``."""

    def __init__(self, tables: Tables) -> None:
        self._rows = tables.rate_limits

    def take(self, caller: str, *, limit: int, window_seconds: int, now: int) -> Allowance:
        """See ``RateLimits.take``."""
        started = now - now % window_seconds
        ends = started + window_seconds
        row = self._rows(f"{caller} {window_seconds} {started}")
        with store_errors("count a request"):
            row.update(actions=[self._rows.requests.add(1), self._rows.expires_at.set(ends + _KEPT_SECONDS)])
        requests = int(row.requests)
        return Allowance(
            limit=limit,
            remaining=max(0, limit - requests),
            reset_seconds=ends - now,
            allowed=requests <= limit,
        )
