"""What the cache holds, which of it is still needed, and what may go.

A blob or an unpacked tree is needed by the lock of a project that was installed on this
machine (its archive, files, attestation and bundle), or by the newest index of a registry. Needed does
not mean that it must stay: whatever goes is fetched again.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tank_cli import known_projects
from tank_cli.cache import Cache
from tank_cli.cache_entries import Entry, Kind
from tank_cli.config import Config
from tank_cli.project_files import UnsafeProjectError, read_file
from tank_cli.tree import hash_of, read_tree
from tank_core.lockfile import Lockfile
from tank_core.tuf_layout import BIN_PREFIX, INDEX_PREFIX, NOTICES_TARGET

CONTENT = (Kind.BLOB, Kind.TREE)  # what is named by a hash of itself
FRESH_SECONDS = 3600  # what a running install has fetched, and no lock names yet, is younger
_AGE = re.compile(r"([0-9]{1,5})([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry, and what needs it.

    ``use``: ``@org/name@version``, ``index of @org/name`` or ``notices of the index``; "" for nothing known.
    """

    entry: Entry
    use: str

    @property
    def group(self) -> str:
        """``locked``, ``index``, ``unreferenced``, ``note`` or ``partial``."""
        if self.entry.kind not in CONTENT:
            return str(self.entry.kind)
        if not self.use:
            return "unreferenced"
        return "locked" if self.use.startswith("@") else "index"


GROUPS: dict[str, str] = {
    "locked": "named by the lock of a project on this machine",
    "index": "the newest index of a registry",
    "unreferenced": "named by neither",
    "note": "attestations that were verified",
    "partial": "left by downloads that were broken off",
}


def inventory(cache: Cache, config: Config) -> tuple[tuple[Stored, ...], int]:
    """Returns every entry with what needs it, and how many projects are known."""
    locks = known_projects.locks(config)
    uses = {**_index_uses(config.config_dir / "registries"), **_locked_uses(locks)}
    stored = tuple(Stored(entry, uses.get(entry.name, "")) for entry in cache.entries())
    return stored, len(locks)


def damaged(cache: Cache) -> Iterator[Entry]:
    """Yields every blob and every tree whose content is not what its name says; each is hashed."""
    for entry in cache.entries():
        if entry.kind in CONTENT and not _is_whole(entry):
            yield entry


def disposable(
    stored: Iterable[Stored], now: float, *, older_than_seconds: int | None, everything: bool
) -> tuple[Stored, ...]:
    """Returns what may go.

    Args:
        stored: the inventory.
        now: seconds since the epoch.
        older_than_seconds: only what was written longer ago; None for an hour, and with
            ``everything`` for any age.
        everything: what is needed and what was noted may go too.
    """
    least = older_than_seconds if older_than_seconds is not None else 0 if everything else FRESH_SECONDS
    groups = GROUPS.keys() if everything else {"unreferenced", "partial"}
    return tuple(one for one in stored if one.group in groups and now - one.entry.written_at >= least)


def age_seconds(text: str) -> int | None:
    """Returns a duration such as ``30d``; None when it is none."""
    match = _AGE.fullmatch(text)
    return int(match.group(1)) * _SECONDS[match.group(2)] if match else None


def _is_whole(entry: Entry) -> bool:
    try:
        if entry.kind is Kind.TREE:
            return hmac.compare_digest(hash_of(read_tree(entry.path)), entry.name)
        data = read_file(entry.path)
    except FileNotFoundError:  # removed meanwhile
        return True
    except (OSError, UnsafeProjectError):
        return False
    return hmac.compare_digest(f"sha256:{hashlib.sha256(data).hexdigest()}", entry.name)


def _locked_uses(locks: Mapping[Path, Lockfile]) -> dict[str, str]:
    return {
        digest: f"{name}@{skill.version}"
        for lock in locks.values()
        for name, skill in lock.skills.items()
        for digest in (skill.digest, skill.tree_hash, *skill.attestations.values())
    }


def _index_uses(registries: Path) -> dict[str, str]:
    """Returns the digests of index documents that the metadata kept here names.

    It only decides what is shown and kept, so that it is read without verifying it again.
    """
    found: dict[str, str] = {}
    for path in sorted(registries.glob(f"*/metadata/{BIN_PREFIX}-*.json")):
        with contextlib.suppress(
            OSError, UnsafeProjectError, ValueError, KeyError, TypeError, AttributeError
        ):
            for target, about in json.loads(read_file(path))["signed"]["targets"].items():
                name = target.removeprefix(INDEX_PREFIX).removesuffix(".json")
                use = "notices of the index" if target == NOTICES_TARGET else f"index of @{name}"
                found[f"sha256:{about['hashes']['sha256']}"] = use
    return found
