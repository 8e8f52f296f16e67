"""What a publisher announces before an upload, checked as a whole.

Every problem is reported at once. The archive's own manifest is examined later by
the pipeline; nothing here is trusted, only compared with it.

Source: PEERS, rows 2 and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.settings import Settings
from tank_core.entities import JsonObject
from tank_core.errors import Problem, TankError
from tank_core.integrity import parse_digest, parse_integrity
from tank_core.names import SkillName
from tank_core.semver import Version

T = TypeVar("T")


class InvalidAnnouncementError(TankError):
    """The announced name, version, digests or sizes are not acceptable."""

    code = "invalid-announcement"
    status = 422


@dataclass(frozen=True, slots=True)
class Announcement:
    """A publish as its publisher announces it, unchecked.

    ``bundle_digest`` is empty and ``bundle_size_bytes`` zero when the publisher did not sign.
    """

    name: str
    version: str
    integrity: str
    digest: str
    size_bytes: int
    manifest: JsonObject
    bundle_digest: str = ""
    bundle_size_bytes: int = 0


def checked(announcement: Announcement, settings: Settings) -> tuple[SkillName, Version]:
    """Returns the parsed name and version of an announcement that is sound in itself.

    Raises:
        InvalidAnnouncementError: invalid-announcement; with all problems.
    """
    problems: list[Problem] = []
    name = _parsed("name", SkillName.parse, announcement.name, problems)
    version = _parsed("version", Version.parse, announcement.version, problems)
    _parsed("integrity", parse_integrity, announcement.integrity, problems)
    _parsed("digest", parse_digest, announcement.digest, problems)
    _check_size("size_bytes", announcement.size_bytes, settings.max_archive_bytes, problems)
    if announcement.bundle_digest:
        _parsed("bundle.digest", parse_digest, announcement.bundle_digest, problems)
        _check_size("bundle.size_bytes", announcement.bundle_size_bytes, settings.max_bundle_bytes, problems)
    if name is None or version is None or problems:
        raise InvalidAnnouncementError(
            "The announced publish is not acceptable.",
            why="Each field is checked before anything is uploaded.",
            fix="Mend what is listed and publish again.",
            problems=tuple(problems),
        )
    return name, version


def _parsed(where: str, parse: Callable[[str], T], text: str, problems: list[Problem]) -> T | None:
    try:
        return parse(text)
    except TankError as error:
        problems.append(Problem(where, error.what, error.fix))
        return None


def _check_size(where: str, size_bytes: int, limit: int, problems: list[Problem]) -> None:
    if not 0 < size_bytes <= limit:
        problems.append(
            Problem(where, f"{size_bytes} bytes are not between 1 and {limit}.", "Make the package smaller.")
        )
