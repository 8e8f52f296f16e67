"""Writing a file so that a reader sees the old bytes or the new ones, and never a part."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_LONGEST_NAME_BYTES = 255 - 14  # of nearly every file system, without two dots and twelve digits


def write(path: Path, data: bytes, *, mode: int = 0o644, is_durable: bool = True) -> None:
    """Replaces a file's content, durable when it returns.

    Args:
        path: the file; missing parent directories are made, for this user alone.
        data: the whole content.
        mode: permission bits of the new file, before the umask.
        is_durable: False for what may be damaged after a power cut, because whoever reads it notices:
            waiting for the disk takes longer than downloading what is in the cache.
    """
    make_folder(path.parent)
    with replacing(path, mode=mode, is_durable=is_durable) as file:
        file.write(data)


def make_folder(folder: Path) -> None:
    """Makes a directory, and those that are missing above it, into which nobody else may write, whatever the umask.

    Source: XDG Base Directory Specification 0.8, "Referencing this specification".
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        make_folder(folder.parent)
        make_folder(folder)


@contextlib.contextmanager
def replacing(path: Path, *, mode: int = 0o644, is_durable: bool = True) -> Iterator[BinaryIO]:
    """Gives a file to write to, which takes the place of another one at the end, durable; or is gone after a failure.

    Args:
        path: the file; its directory is there.
        mode: permission bits of the new file, before the umask.
        is_durable: as for ``write``.
    """
    temporary = path.with_name(f".{_shortened(path.name)}.{os.urandom(6).hex()}")
    try:
        with naming(path):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                yield file
                if is_durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)
    except BaseException:  # Ctrl-C too must leave no stray file
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


@contextlib.contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Has an error of writing say which file it is about: a full disk names none."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(path)
        raise


def _shortened(name: str) -> str:
    """Returns as much of a name as leaves room for what is added to it."""
    while len(os.fsencode(name)) > _LONGEST_NAME_BYTES:
        name = name[:-1]
    return name
