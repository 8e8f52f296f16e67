"""Why an archive is refused: one code per kind of reason.

A refusal is the publisher's to fix at publish (HTTP 422), and an integrity
failure at install, because the registry never stores an archive it would refuse.
"""

from __future__ import annotations

from tank_core.errors import ExitCode, TankError


class ArchiveError(TankError):
    """An archive is not acceptable. Only its subclasses are raised."""

    status = 422
    exit_code = ExitCode.INTEGRITY


class ArchiveTooLargeError(ArchiveError):
    """The archive, one of its files, or all of them together have too many bytes."""

    code = "archive-too-large"


class ArchiveTooManyFilesError(ArchiveError):
    """The archive holds more files than a package may have."""

    code = "archive-too-many-files"


class ArchiveRatioError(ArchiveError):
    """The archive expands to implausibly more than its own size."""

    code = "archive-ratio"


class ArchiveNotCanonicalError(ArchiveError):
    """The archive can be read, but it is not in the one form that packages have."""

    code = "archive-not-canonical"

    @classmethod
    def of(cls, what: str) -> ArchiveNotCanonicalError:
        """Returns the error for one deviation, such as bytes after the end."""
        return cls(
            what,
            why="Bytes that no reader looks at can hide what was not scanned.",
            fix="Pack with tank publish.",
        )


class ArchiveForbiddenEntryError(ArchiveError):
    """An entry is not a regular file, or its path is not one that every system keeps as it is."""

    code = "archive-forbidden-entry"


class ArchiveDuplicatePathError(ArchiveError):
    """Two entries would land on the same place on some file system."""

    code = "archive-duplicate-path"


class ArchiveMalformedError(ArchiveError):
    """The bytes are not a gzip member around a tar archive, or they end too early."""

    code = "archive-malformed"

    @classmethod
    def of(cls, what: str) -> ArchiveMalformedError:
        """Returns the error for one kind of damage."""
        return cls(
            what,
            why="A damaged archive is never partly read.",
            fix="Pack it again with tank publish, or download it again.",
        )
