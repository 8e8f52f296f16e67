"""The port that makes identifiers and secrets."""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    """Makes values that nobody made before."""

    def new_id(self) -> str:
        """Returns 26 lower-case Crockford base-32 characters (a ULID): unique, sorting by time made."""
        ...

    def new_secret(self) -> str:
        """Returns 43 URL-safe characters with 256 bits of entropy."""
        ...
