"""What is not there to be read or resolved: skills, versions, and why.

Raised by the registry's read paths and by the resolver alike, so that a code means
the same wherever it comes from. Imports nothing that a small Lambda lacks.

Source: PEERS, rows 6 and 15.
"""

from __future__ import annotations

from tank_core.errors import ExitCode, TankError, quoted
from tank_core.names import SkillName


class SkillNotFoundError(TankError):
    """The registry has no such skill."""

    code = "skill-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND

    @classmethod
    def named(cls, name: object) -> SkillNotFoundError:
        """Returns the error for a name that no published version has."""
        own = name.name if isinstance(name, SkillName) else "WORDS"
        return cls(
            f"There is no skill {quoted(str(name))}.",
            why="No version of it was ever published in this registry.",
            fix=f"Look for it with `tank search {own}`.",
        )


class VersionNotFoundError(TankError):
    """The skill exists, and has no such version."""

    code = "version-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND

    @classmethod
    def of(cls, name: object, version: object) -> VersionNotFoundError:
        """Returns the error for a version that was never published."""
        return cls(
            f"{name} has no version {quoted(str(version))}.",
            why="It was never published here, or its publish has not ended.",
            fix=f"See the versions with `tank info {name}`.",
        )


class WithdrawnError(TankError):
    """The version was taken down: no read path gives it out."""

    code = "version-withdrawn"
    status = 410
    exit_code = ExitCode.VERDICT

    @classmethod
    def of(cls, name: object, version: object, reason: str) -> WithdrawnError:
        """Returns the error for a withdrawn version. ``reason``: as the registry recorded it."""
        return cls(
            f"{name}@{version} was withdrawn.",
            why=reason or "The registry took it down.",
            fix=f"Use another version: `tank info {name}` lists them.",
        )


class UnknownDependencyError(TankError):
    """A dependency does not exist, or no version of it is in range."""

    code = "unknown-dependency"
    status = 422
