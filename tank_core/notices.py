"""The notices document: which versions a reader of a lock has to look at again, in one object for the registry.

A lock and an attestation prove what a version is, not what became of it: taken down,
yanked, deprecated, flagged or failed by a rescan, or waived until a day that may have
passed. Of nearly all versions there is nothing to tell. Without this document an install
from a lock would have to read every skill's index document to learn that; with it, it
reads those that are named here. It decides nothing itself: what is to be told stands in
the index document, and who reads it there reads the one that is newest.

Source: DESIGN, "The install path touches no function and no database".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from tank_core import canonical
from tank_core.entities import Availability, SkillVersion
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.strict_json import MalformedJsonError, parse_json

MAX_NOTICES_BYTES = 4 * 1024 * 1024  # some hundred thousand skills
EVERY = "*"  # in place of versions: all of a skill's; in place of a name: all skills
_MOST_LISTED = 64  # versions of one skill: nobody shall make everybody's document long
_QUIET_VERDICTS = (Verdict.PASS, Verdict.PASS_WITH_NOTES)
_WHAT = "the registry's notices"


class InvalidNoticesError(TankError):
    """The registry served notices that are none."""

    code = "invalid-notices"
    status: ClassVar[int] = 502
    exit_code: ClassVar[ExitCode] = ExitCode.NETWORK


@dataclass(frozen=True, slots=True)
class Notices:
    """Versions of which the index tells something that a lock cannot know.

    Attributes:
        versions: name → versions as they are spelt, lowest first, or ``*`` for all; no name without any.
            ``*`` alone where they would not fit: then everything is to be looked at.
    """

    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str, versions: Iterable[SkillVersion]) -> Notices:
        """Returns the notices with one skill as it is now.

        Args:
            name: ``@org/name``.
            versions: all its published versions, in any order and availability.
        """
        noticed = sorted((version.version for version in versions if is_noticed(version)), key=Version.parse)
        listed = tuple(noticed) if len(noticed) <= _MOST_LISTED else (EVERY,)
        if EVERY in self.versions or listed == self.versions.get(name, ()):
            return self
        others = {other: found for other, found in self.versions.items() if other != name}
        return Notices({**others, name: listed} if listed else others)

    def names(self, name: SkillName, version: Version) -> bool:
        """Whether the index is to be asked about a version."""
        listed = self.versions.get(str(name), ())
        return EVERY in self.versions or EVERY in listed or str(version) in listed


def is_noticed(version: SkillVersion) -> bool:
    """Whether the index tells of a version what a person should know who locked it before."""
    return (
        version.availability is not Availability.AVAILABLE
        or bool(version.deprecation)
        or version.verdict not in _QUIET_VERDICTS
        or bool(version.waivers)
    )


def notices_bytes(notices: Notices) -> bytes:
    """Returns the document: compact canonical JSON.

    Where they would be longer than any reader takes, they name everything, and say so until they are made anew.
    """
    data = canonical.compact({"versions": {name: list(found) for name, found in notices.versions.items()}})
    return data if len(data) <= MAX_NOTICES_BYTES else canonical.compact({"versions": {EVERY: [EVERY]}})


def parse_notices(data: bytes) -> Notices:
    """Returns the notices of a document.

    Args:
        data: at most 4 MiB of JSON.

    Raises:
        InvalidNoticesError: ``invalid-notices``.
    """
    try:
        value = parse_json(data, what=_WHAT, max_bytes=MAX_NOTICES_BYTES)
    except MalformedJsonError as error:
        raise _invalid(error.why) from error
    versions = value.get("versions") if isinstance(value, dict) else None
    if not isinstance(versions, dict):
        raise _invalid("It lists no versions.")
    for name, listed in versions.items():
        if not (isinstance(listed, list) and listed and all(isinstance(each, str) for each in listed)):
            raise _invalid(f"What it lists of {quoted(name)} are no versions.")
    return Notices({name: tuple(listed) for name, listed in versions.items()})


def _invalid(why: str) -> InvalidNoticesError:
    fix = "Try again; if it stays, report it to the registry's operator."
    return InvalidNoticesError(f"{_WHAT[0].upper()}{_WHAT[1:]} are malformed.", why=why, fix=fix)
