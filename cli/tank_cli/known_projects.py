"""Which projects Tank has installed on this machine, so that the cache knows what is still needed.

One small file per project, named by the digest of its path. A project that was moved
or removed is passed over; nothing depends on the list but what ``tank cache`` shows
and cleans, and what is cleaned too much is fetched again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from tank_cli import atomic
from tank_cli.config import Config
from tank_cli.project import LOCK
from tank_cli.project_files import UnsafeProjectError, read_file
from tank_core.lockfile import InvalidLockfileError, Lockfile, parse_lockfile


def remember(config: Config, root: Path) -> None:
    """Notes a project; where nothing may be written, nothing is noted."""
    path = os.fsencode(root.resolve())
    note = _folder(config) / hashlib.sha256(path).hexdigest()
    if not note.exists():
        with contextlib.suppress(OSError):
            atomic.write(note, path)


def locks(config: Config) -> dict[Path, Lockfile]:
    """Returns the lock of every known project that has a usable one, by the project's path, sorted."""
    found: dict[Path, Lockfile] = {}
    for root in sorted(_roots(config)):
        with contextlib.suppress(OSError, UnsafeProjectError, InvalidLockfileError):
            found[root] = parse_lockfile(read_file(root / LOCK))
    return found


def _roots(config: Config) -> list[Path]:
    try:
        notes = sorted(_folder(config).iterdir())
    except OSError:
        return []
    found = []
    for note in notes:
        with contextlib.suppress(OSError, UnsafeProjectError, ValueError):
            found.append(Path(os.fsdecode(read_file(note))))
    return [root for root in found if root.is_absolute()]


def _folder(config: Config) -> Path:
    return config.data_dir / "projects"
