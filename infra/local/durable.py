"""Files that survive a power cut, and files that only their owner may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class ExposedFileError(Exception):
    """A secret is readable or writable by others; it must be considered known."""


def write_durably(path: Path, data: bytes, *, temporary: Path) -> None:
    """Writes a whole file, 0600, or nothing: temporary file, sync, rename, sync of the folder.

    Args:
        path: replaced when it exists.
        data: the content.
        temporary: a path on the same file system that nobody else uses.
    """
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        rename_durably(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def rename_durably(source: Path, target: Path) -> None:
    """Renames a synced file over another and syncs the folder that names it."""
    os.replace(source, target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder that only its owner may enter, durably; its parent exists."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def secret_file(path: Path, make: Callable[[], bytes]) -> bytes:
    """Returns the secret in a file, made at the first call.

    Raises:
        ExposedFileError: group or others have any right on it, somebody else owns
            it, or it is not a plain file.
    """
    if not path.exists() and not path.is_symlink():
        write_durably(path, make(), temporary=path.with_suffix(".new"))
    return read_secret(path)


def read_secret(path: Path) -> bytes:
    """Returns the secret in a file that is there.

    Raises:
        ExposedFileError: as ``secret_file``.
        OSError: it is not there, or a link.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_mode & _OTHERS or status.st_uid != os.geteuid():
            raise ExposedFileError(
                f"{path.name} must be a plain file of this user with mode 0600: replace the secret, then chmod 600"
            )
        return file.read()
