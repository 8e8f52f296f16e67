"""From a lock to a vendor file.

1. Everything that the lock names is fetched where the cache lacks it, and verified whatever was
   verified before: a file that could not be installed from helps nobody.
2. The trust metadata is brought up to date where the registry can be reached; else what was last
   verified is taken.
3. The file is written, sorted, with nothing in it that depends on the machine or the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tank_cli.client.connection import Connection
from tank_cli.client.transport import NetworkError
from tank_cli.installer.verification import Verifier
from tank_cli.trust import RegistryTrust
from tank_cli.vendoring import vendor_file
from tank_core.errors import TankError
from tank_core.lockfile import Lockfile, lockfile_bytes

_ROOT = re.compile(r"([1-9][0-9]*)\.root\.json")


class CacheChangedError(TankError):
    """Something was removed from the cache while it was read."""

    code = "cache-changed"


def collect(connection: Connection, lock: Lockfile) -> Iterator[tuple[str, bytes]]:
    """Yields path and bytes of every part of a vendor file, sorted by path.

    Raises:
        CacheChangedError: cache-changed.
        TankError: what keeps a skill from being fetched or verified.
    """
    trust = _trust(connection)  # 2
    Verifier.of(connection, remembers=False).verify(lock.skills)  # 1
    yield from _blobs(connection, lock)  # 3
    yield vendor_file.LOCK, lockfile_bytes(lock)
    yield from sorted(trust.items())
    yield vendor_file.ABOUT, vendor_file.about_bytes(connection.registry)


def _blobs(connection: Connection, lock: Lockfile) -> Iterator[tuple[str, bytes]]:
    digests = {d for skill in lock.skills.values() for d in (skill.digest, *skill.attestations.values())}
    for digest in sorted(digests):
        data = connection.cache.blob(digest)
        if data is None:
            raise CacheChangedError(
                f"{digest} was removed from the cache meanwhile.",
                why="Another program cleans it.",
                fix="Run the command again.",
            )
        yield vendor_file.blob_name(digest), data


def _trust(connection: Connection) -> dict[str, bytes]:
    kept = RegistryTrust.of(connection.config, connection.registry)
    try:
        connection.metadata().refresh()
    except NetworkError:
        # What was verified before has to do, if it is whole: a machine that itself learnt from a
        # file knows what is true, and not the chain that shows it.
        if not (kept.metadata / "targets.json").exists() or kept.learnt.exists():
            raise
    found = {vendor_file.TARGETS + path: data for path, data in kept.contents().items()}
    found[vendor_file.TUF_TARGETS] = (kept.metadata / "targets.json").read_bytes()
    for path in (kept.metadata / "root_history").iterdir():
        if match := _ROOT.fullmatch(path.name):
            found[vendor_file.root_name(int(match.group(1)))] = path.read_bytes()
    return found


def default_place(cwd: Path) -> Path:
    """Returns where a vendor file goes unless somebody says otherwise."""
    return cwd / "skills.vendor.tar"
