"""Which waivers stand behind a version's verdict, verified here, and what the verdict is without those that lapsed.

The index names each waiver by digest. It counts when its bytes have that digest, a
pinned key of the registry signed it for exactly this archive, it is in force now,
and the index does not say that it was revoked. What cannot be read counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tank_cli.render import day
from tank_core.entities import WaiverReference
from tank_core.errors import TankError
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.semver import Version

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_core.waivers import Waiver

_STATED = (
    "rule_id",
    "file",
    "line",
    "appellant",
    "granted_by",
    "reason",
    "granted_at",
    "expires_at",
)


class WaiverState(StrEnum):
    """Whether a waiver counts now."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"  # not readable, badly signed, or about other bytes


@dataclass(frozen=True, slots=True)
class WaiverShown:
    """One waiver that the index names, as it was found.

    ``waiver`` is None when it was refused; ``why`` says why.
    """

    reference: WaiverReference
    state: WaiverState
    waiver: Waiver | None = None
    why: str = ""

    @property
    def line(self) -> str:
        """What a person is told."""
        waiver = self.waiver
        if waiver is None:
            return f"a waiver does not count: {self.why} ({self.reference.digest[:19]}…)"
        what = f"{waiver.rule_id} in {waiver.place}"
        if self.state is WaiverState.REVOKED:
            why = f": {self.reference.revocation}" if self.reference.revocation else ""
            return f"the waiver of {what} was revoked on {day(self.reference.revoked_at)}{why}"
        if self.state is WaiverState.EXPIRED:
            return f"the waiver of {what} by {waiver.granted_by} expired on {day(waiver.expires_at)}"
        return f"finding {what} waived by {waiver.granted_by} until {day(waiver.expires_at)}: {waiver.reason}"

    def to_json(self) -> dict[str, object]:
        """Returns it as ``--json`` says it."""
        stated = {name: getattr(self.waiver, name) for name in _STATED} if self.waiver else {}
        return {
            "digest": self.reference.digest,
            "state": str(self.state),
            "counted": self.reference.counted,
            "revoked_at": self.reference.revoked_at,
            "why": self.why or self.reference.revocation,
            **stated,
        }


@dataclass(frozen=True, slots=True)
class Waived:
    """A version, as far as waivers are about it."""

    name: SkillName
    version: Version
    digest: str
    integrity: str
    references: Sequence[WaiverReference]


class WaiverReader:
    """Fetches and verifies waivers; what was fetched stays in the cache.

    Args:
        connection: to the registry that granted them.
        now: whole seconds since the Unix epoch.
    """

    def __init__(self, connection: Connection, now: int) -> None:
        self._connection = connection
        self._now = now

    def read(self, waived: Waived) -> tuple[WaiverShown, ...]:
        """Returns every waiver that is named, in the order of the index; never raises for one that is bad."""
        return tuple(self._read(waived, reference) for reference in waived.references)

    def _read(self, waived: Waived, reference: WaiverReference) -> WaiverShown:
        from tank_core.waiver_statement import verify_waiver

        try:
            waiver = verify_waiver(
                self._bytes(reference.digest),
                self._connection.keys(),
                name=waived.name,
                version=waived.version,
                digest=waived.digest,
                integrity=waived.integrity,
            )
        except TankError as error:
            return WaiverShown(reference, WaiverState.REFUSED, why=f"{error.what} {error.why}".strip())
        if reference.revoked_at is not None:
            return WaiverShown(reference, WaiverState.REVOKED, waiver)
        state = WaiverState.IN_FORCE if waiver.is_in_force(self._now) else WaiverState.EXPIRED
        return WaiverShown(reference, state, waiver)

    def _bytes(self, digest: str) -> bytes:
        from tank_core.waiver_statement import MAX_WAIVER_BYTES

        connection = self._connection
        return connection.cache.blob_or(
            digest, lambda: connection.blobs().get(digest, max_bytes=MAX_WAIVER_BYTES, what="a waiver")
        )


def verdict_now(verdict: Verdict, unwaived: Verdict | None, shown: Sequence[WaiverShown]) -> Verdict:
    """Returns the verdict that holds now: the unwaived one as soon as a waiver that it rests on is not in force.

    A later waiver for at least the same place takes the place of one that lapsed.

    Args:
        verdict: that the registry attested.
        unwaived: without any waiver; None when the attested one rests on none.
        shown: every waiver that the index names.
    """
    if unwaived is None:
        return verdict
    counted = [one for one in shown if one.reference.counted]
    return verdict if counted and all(_stands(one, shown) for one in counted) else unwaived


def _stands(one: WaiverShown, shown: Sequence[WaiverShown]) -> bool:
    if one.waiver is None:
        return False
    in_force = (other.waiver for other in shown if other.state is WaiverState.IN_FORCE)
    return any(other.replaces(one.waiver) for other in in_force if other)
