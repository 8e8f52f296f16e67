"""What a person is told who is asked to accept a flagged version: what was waived of it, by whom, until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tank_cli.installer.standing import remarks_of, standings
from tank_cli.waivers import Waived, WaiverReader
from tank_core.errors import TankError
from tank_core.findings import Verdict
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.ranges import Range

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection


def remarks_on_locked(
    connection: Connection, flagged: Mapping[SkillName, LockedSkill], now: int
) -> Mapping[SkillName, str]:
    """Returns what was waived of locked versions; nothing when the registry cannot be asked."""
    from tank_cli.client.transport import NetworkError

    try:
        return remarks_of(standings(flagged, connection.index(), WaiverReader(connection, now)))
    except NetworkError:
        return {}


def remarks_on_wanted(connection: Connection, wanted: Mapping[SkillName, Range], now: int) -> Iterator[str]:
    """Yields what was waived of the highest flagged version in each range; for after a resolution that failed."""
    reader = WaiverReader(connection, now)
    for name, versions in sorted(wanted.items()):
        try:
            entries = connection.index().fetch(name).versions
            flagged = [e for e in entries if e.is_available and versions.contains(e.version)]
            flagged = [e for e in flagged if e.verdict is Verdict.FLAGGED and e.waivers]
        except TankError:  # it was told already, or will be
            continue
        for entry in flagged[-1:]:
            waived = Waived(name, entry.version, entry.digest, entry.integrity, entry.waivers)
            yield from (f"{name}@{entry.version}: {waiver.line}" for waiver in reader.read(waived))
