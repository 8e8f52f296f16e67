"""Untrusted archive bytes → entries, or a refusal. The only reader of packages.

Accepts exactly the form that ``writer`` makes (any valid deflate stream inside) and
nothing else, so that no second reader can see other files in the same bytes. The
standard library's ``tarfile`` is not used: it guesses, and it follows extensions.

Source: FORMATS, "Package archive"; docs/decisions/0003-archive-form.md.
"""

from __future__ import annotations

from tank_core.archive.entry import ArchiveEntry
from tank_core.archive.errors import (
    ArchiveDuplicatePathError,
    ArchiveMalformedError,
    ArchiveNotCanonicalError,
)
from tank_core.archive.gzip_member import unwrap
from tank_core.archive.header import BLOCK_BYTES, END_OF_ARCHIVE, read_header
from tank_core.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from tank_core.archive.paths import check_distinct, check_path
from tank_core.errors import quoted

_ZERO_BLOCK = bytes(BLOCK_BYTES)


def read_archive(data: bytes, limits: ArchiveLimits = DEFAULT_LIMITS) -> tuple[ArchiveEntry, ...]:
    """Returns the files of an archive, sorted by the UTF-8 bytes of their paths.

    1. Check the archive's own size.
    2. Expand it, bounded by ratio and total before memory grows.
    3. Walk the tar blocks: each header must be the canonical one for its path,
       size and mode, and padding must be zeros.
    4. Require strictly ascending paths and exactly two zero blocks at the end.
    5. Check the paths against each other.

    Args:
        data: the whole archive, untrusted.
        limits: the bounds to keep.

    Raises:
        ArchiveTooLargeError: ``archive-too-large``.
        ArchiveTooManyFilesError: ``archive-too-many-files``.
        ArchiveRatioError: ``archive-ratio``.
        ArchiveNotCanonicalError: ``archive-not-canonical``.
        ArchiveForbiddenEntryError: ``archive-forbidden-entry``.
        ArchiveDuplicatePathError: ``archive-duplicate-path``.
        ArchiveMalformedError: ``archive-malformed``.
    """
    limits.check_archive_size(len(data))  # 1
    tar = _expanded(data, limits)  # 2
    entries: list[ArchiveEntry] = []
    offset = total_bytes = 0
    while tar[offset : offset + BLOCK_BYTES] != _ZERO_BLOCK:  # 3
        limits.check_file_count(len(entries) + 1)
        entry, offset = _entry_at(tar, offset, limits)
        total_bytes += len(entry.data)
        limits.check_total_size(total_bytes)
        _check_order(entries, entry)  # 4
        entries.append(entry)
    _check_end(tar, offset)
    check_distinct(entry.path for entry in entries)  # 5; each alone was checked as it came
    return tuple(entries)


def _expanded(data: bytes, limits: ArchiveLimits) -> bytes:
    """Returns the tar bytes, never holding more than the limits allow."""
    overhead = limits.files * 2 * BLOCK_BYTES + len(END_OF_ARCHIVE)  # a header and padding for each file
    by_total = limits.total_bytes + overhead
    by_ratio = limits.expanded_bound(len(data))
    tar = unwrap(data, min(by_total, by_ratio))
    if tar is not None:
        return tar
    if by_ratio <= by_total:
        limits.check_ratio(len(data), by_ratio + 1)
    limits.check_total_size(by_total + 1)
    raise AssertionError("one of the two limits was exceeded")


def _entry_at(tar: bytes, offset: int, limits: ArchiveLimits) -> tuple[ArchiveEntry, int]:
    """Returns the entry whose header is at an offset, and the offset of the next header."""
    header = tar[offset : offset + BLOCK_BYTES]
    if len(header) < BLOCK_BYTES:
        raise ArchiveMalformedError.of("The archive ends without its end marker.")
    path, size_bytes, executable = read_header(header)
    check_path(path)
    limits.check_file_size(quoted(path), size_bytes)
    start = offset + BLOCK_BYTES
    end = start + size_bytes
    following = end + -size_bytes % BLOCK_BYTES
    if following > len(tar):
        raise ArchiveMalformedError.of(
            f"{quoted(path)} says it has {size_bytes} bytes; the archive ends before that."
        )
    if tar.count(0, end, following) != following - end:
        raise ArchiveNotCanonicalError.of(f"The padding after {quoted(path)} is not empty.")
    return ArchiveEntry(path, tar[start:end], executable), following


def _check_order(entries: list[ArchiveEntry], entry: ArchiveEntry) -> None:
    # Code points sort as their UTF-8 does.
    if not entries or entries[-1].path < entry.path:
        return
    if any(earlier.path == entry.path for earlier in entries):
        raise ArchiveDuplicatePathError(
            f"{quoted(entry.path)} is in the archive twice.",
            why="Readers disagree on which of the two counts.",
            fix="Pack with tank publish.",
        )
    raise ArchiveNotCanonicalError.of(
        f"{quoted(entry.path)} is not at its place: entries are sorted by path."
    )


def _check_end(tar: bytes, offset: int) -> None:
    """Requires exactly two zero blocks, and nothing after them."""
    if len(tar) < offset + len(END_OF_ARCHIVE):
        raise ArchiveMalformedError.of("The archive ends within its end marker.")
    if tar[offset:] != END_OF_ARCHIVE:
        raise ArchiveNotCanonicalError.of("There are bytes after the last entry that are not the end marker.")
