"""Every file below a folder, hashed. Start-up may need it, so it imports hashes alone."""

from __future__ import annotations

import hashlib
import os
import stat

TYPE_CHECKING = False  # as typing's, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 1024 * 1024
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_IRREGULAR = "0" * 64  # the hash of no file that anybody can make: such a tree equals none


def hashed_files(folder: str, prefix: str = "") -> Iterator[tuple[str, bool, str]]:
    """Yields path, executable and the SHA-256 of the contents in hex of every file, in any order.

    Links are not followed: a link or a device is a file whose hash no file has.

    Args:
        folder: the folder.
        prefix: what stands before each path: "", or a path with its ``/``.
    """
    with os.scandir(folder) as listing:
        for item in listing:
            path = prefix + item.name
            if item.is_dir(follow_symlinks=False):
                yield from hashed_files(item.path, path + "/")
            elif item.is_file(follow_symlinks=False):
                yield path, *_fact(item.path)
            else:
                yield path, False, _IRREGULAR


def _fact(path: str) -> tuple[bool, str]:
    """Returns the facts of a file, in three or four system calls where it is small, as nearly all are."""
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        digest = hashlib.sha256()
        while data := os.read(descriptor, min(status.st_size + 1, _PIECE_BYTES)):
            digest.update(data)
            if len(data) == status.st_size:
                break
    finally:
        os.close(descriptor)
    return bool(status.st_mode & stat.S_IXUSR), digest.hexdigest()
