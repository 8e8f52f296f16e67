"""How big a package may be, and why."""

from __future__ import annotations

from dataclasses import dataclass

from tank_core.archive.errors import ArchiveRatioError, ArchiveTooLargeError, ArchiveTooManyFilesError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The bounds that hold before and while bytes are expanded.

    Attributes:
        archive_bytes: the compressed archive; what one upload may be.
        files: entries; each costs the client an inode and the analysis a pass.
        file_bytes: one file; analysis holds a whole file in memory.
        total_bytes: all files together; fits the smallest function that reads archives.
        ratio: expanded to compressed bytes. Source text packs below 20:1; deflate's
            own ceiling is 1032:1, and only padding and bombs come near it.
        ratio_free_bytes: expanded bytes for which no ratio is asked, because a few
            tiny files are mostly tar padding and compress extremely well.
    """

    archive_bytes: int = 32 * MIB
    files: int = 2000
    file_bytes: int = 16 * MIB
    total_bytes: int = 64 * MIB
    ratio: int = 100
    ratio_free_bytes: int = 4 * MIB

    def check_archive_size(self, size_bytes: int) -> None:
        """Raises ArchiveTooLargeError (``archive-too-large``) for an archive above the limit."""
        if size_bytes > self.archive_bytes:
            raise ArchiveTooLargeError(
                f"The archive has {size_bytes} bytes; at most {self.archive_bytes} are allowed.",
                why="The registry and every client hold an archive in memory to check it.",
                fix='Leave large files out with "files" in skills.json.',
            )

    def check_file_count(self, count: int) -> None:
        """Raises ArchiveTooManyFilesError (``archive-too-many-files``) for more files than allowed."""
        if count > self.files:
            raise ArchiveTooManyFilesError(
                f"The package has more than {self.files} files.",
                why="Each file costs every client an extraction and every scan a pass.",
                fix='Name only what the skill needs in "files" in skills.json.',
            )

    def check_file_size(self, shown_path: str, size_bytes: int) -> None:
        """Raises ArchiveTooLargeError (``archive-too-large``) for one file above the limit."""
        if size_bytes > self.file_bytes:
            raise ArchiveTooLargeError(
                f"{shown_path} has {size_bytes} bytes; one file may have at most {self.file_bytes}.",
                why="Analysis reads every file as a whole.",
                fix="Split the file or leave it out of the package.",
            )

    def check_total_size(self, size_bytes: int) -> None:
        """Raises ArchiveTooLargeError (``archive-too-large``) when all files together have too many bytes."""
        if size_bytes > self.total_bytes:
            raise ArchiveTooLargeError(
                f"The package's files have more than {self.total_bytes} bytes together.",
                why="A package is expanded in memory to be checked.",
                fix='Leave large files out with "files" in skills.json.',
            )

    def check_ratio(self, compressed_bytes: int, expanded_bytes: int) -> None:
        """Raises ArchiveRatioError (``archive-ratio``) for an archive that expands too much."""
        if expanded_bytes > self.expanded_bound(compressed_bytes):
            raise ArchiveRatioError(
                f"The archive expands to more than {self.ratio} times its size.",
                why="Text and code never compress this well; archives made to exhaust memory do.",
                fix="Leave out files that are one value repeated, such as blank images or sparse data.",
            )

    def expanded_bound(self, compressed_bytes: int) -> int:
        """Returns the bytes to which an archive of this size may expand at most, for its ratio."""
        return max(self.ratio_free_bytes, self.ratio * compressed_bytes)


DEFAULT_LIMITS = ArchiveLimits()
