"""What a person is told who is asked to accept a flagged version: what was waived of it, by whom, until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tank_cli.installer.standing import remarks_of, standings
from tank_cli.waivers import WaiverReader
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName

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
