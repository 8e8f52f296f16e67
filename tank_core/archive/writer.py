"""Entries → archive bytes, in the canonical form.

Sorted by the UTF-8 bytes of the path, so that the order of a directory listing
plays no role, and compressed by ``deflate``, so that the platform plays none.
Refuses exactly what ``read_archive`` refuses, with the same limits: what packs here
is never turned down there.

Source: FORMATS, "Package archive"; docs/decisions/0003-archive-form.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from tank_core.archive.deflate import deflate
from tank_core.archive.entry import ArchiveEntry
from tank_core.archive.gzip_member import wrap
from tank_core.archive.header import BLOCK_BYTES, END_OF_ARCHIVE, render_header
from tank_core.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from tank_core.archive.paths import check_paths
from tank_core.errors import quoted


def pack(entries: Iterable[ArchiveEntry], limits: ArchiveLimits = DEFAULT_LIMITS) -> bytes:
    """Returns the archive of these files.

    Args:
        entries: in any order.
        limits: the bounds to keep; the registry applies ``DEFAULT_LIMITS``.

    Returns:
        A gzip member around a ustar archive; ``read_archive`` gives the entries back, sorted.

    Raises:
        ArchiveError: one of the ``archive-*`` codes, for the same reasons as ``read_archive``.
    """
    files = sorted(entries, key=lambda entry: entry.path.encode("utf-8", "surrogatepass"))
    _check(files, limits)
    tar = tar_bytes(files)
    archive = wrap(deflate(tar), tar)
    limits.check_archive_size(len(archive))
    limits.check_ratio(len(archive), len(tar))
    return archive


def tar_bytes(files: Iterable[ArchiveEntry]) -> bytes:
    """Returns the uncompressed archive of files that are sorted and checked."""
    parts: list[bytes] = []
    for file in files:
        padding = -len(file.data) % BLOCK_BYTES
        parts += (render_header(file.path, len(file.data), file.executable), file.data, bytes(padding))
    return b"".join((*parts, END_OF_ARCHIVE))


def _check(files: list[ArchiveEntry], limits: ArchiveLimits) -> None:
    limits.check_file_count(len(files))
    check_paths(file.path for file in files)
    for file in files:
        limits.check_file_size(quoted(file.path), len(file.data))
    limits.check_total_size(sum(len(file.data) for file in files))
