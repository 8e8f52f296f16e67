"""Writing a file so that a reader sees the old bytes or the new ones, and never a part."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def write(path: Path, data: bytes, *, mode: int = 0o644, is_durable: bool = True) -> None:
    """Replaces a file's content, durable when it returns.

    Args:
        path: the file; missing parent directories are made.
        data: the whole content.
        mode: permission bits of the new file, before the umask.
        is_durable: False for what may be damaged after a power cut, because whoever reads it notices:
            waiting for the disk takes longer than downloading what is in the cache.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, mode=mode, is_durable=is_durable) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: Path, *, mode: int = 0o644, is_durable: bool = True) -> Iterator[BinaryIO]:
    """Gives a file to write to, which takes the place of another one at the end, durable; or is gone after a failure.

    Args:
        path: the file; its directory is there.
        mode: permission bits of the new file, before the umask.
        is_durable: as for ``write``.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
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
