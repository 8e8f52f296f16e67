"""The port that remembers, outside the object store, what the index writer wrote last.

Readers get the index from the object store, and so does the writer. Whoever
controls that store could hand the writer an old index to extend and sign. So
the metadata store keeps the digest of the last timestamp, from which snapshot
and bins follow by their own digests, and a number that only rises. It is also
the write-ahead log of a round: it names what the round is about before the
first object changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TrustedFile:
    """One accepted metadata file, by content."""

    version: int
    size_bytes: int
    sha256_hex: str


@dataclass(frozen=True, slots=True)
class RetiredObject:
    """An object that newer metadata no longer names; readers of the moment may still ask for it."""

    key: str
    at: int


@dataclass(frozen=True, slots=True)
class IndexStanding:
    """What the writer knows without asking the object store.

    Attributes:
        revision: rises with every write of this record; the one that logs a round is the version of its metadata.
        current: SHA-256, 64 hexadecimal digits, of the timestamp that was last seen published;
            "" before the first.
        pending: the same of the timestamp that a round was about to publish; "" when that round ended.
        unfinished: the names of that round, ``*`` for all; a round that finds them takes them along.
        root: the accepted root.
        targets: the accepted top-level targets.
        online_key: TUF key id that root and targets name for what the writer signs.
        authority_expires_at: when the first of root and targets expires; epoch seconds.
        bins_signed_at: no bin's signature is older than this; epoch seconds.
        retired: oldest first.
    """

    revision: int
    root: TrustedFile
    targets: TrustedFile
    online_key: str
    authority_expires_at: int
    current: str = ""
    pending: str = ""
    unfinished: tuple[str, ...] = ()
    bins_signed_at: int = 0
    retired: tuple[RetiredObject, ...] = ()


class IndexState(Protocol):
    """Keeps the one standing of a registry."""

    def read(self) -> IndexStanding | None:
        """Returns the standing as of every finished write; None before the first."""
        ...

    def write(self, standing: IndexStanding, *, expected_revision: int) -> None:
        """Replaces the standing.

        Args:
            standing: the new one; its own revision is higher than the expected one.
            expected_revision: of the stored one; 0 when there is none yet.

        Raises:
            ConditionFailed: the stored revision is another.
        """
        ...
