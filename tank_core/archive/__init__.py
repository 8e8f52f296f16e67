"""The package archive: one form that everybody writes, and nothing else that anybody reads.

A skill travels as a gzip member around a ustar archive, both in a canonical form
(``header`` and ``gzip_member`` have the layout). ``read_archive`` takes untrusted
bytes and gives back entries, or refuses; it is the only reader, on the registry's
side and on the client's. ``tree_hash`` names the contents, apart from how they
were compressed.

Source: FORMATS, "Package archive"; docs/decisions/0003-archive-form.md.
"""

from tank_core.archive.entry import ArchiveEntry
from tank_core.archive.errors import (
    ArchiveDuplicatePathError,
    ArchiveError,
    ArchiveForbiddenEntryError,
    ArchiveMalformedError,
    ArchiveNotCanonicalError,
    ArchiveRatioError,
    ArchiveTooLargeError,
    ArchiveTooManyFilesError,
)
from tank_core.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from tank_core.archive.paths import check_path, check_paths
from tank_core.archive.reader import read_archive
from tank_core.archive.tree import tree_hash
from tank_core.archive.writer import pack
from tank_core.tree_records import tree_hash_of

__all__ = [
    "DEFAULT_LIMITS",
    "ArchiveDuplicatePathError",
    "ArchiveEntry",
    "ArchiveError",
    "ArchiveForbiddenEntryError",
    "ArchiveLimits",
    "ArchiveMalformedError",
    "ArchiveNotCanonicalError",
    "ArchiveRatioError",
    "ArchiveTooLargeError",
    "ArchiveTooManyFilesError",
    "check_path",
    "check_paths",
    "pack",
    "read_archive",
    "tree_hash",
    "tree_hash_of",
]
