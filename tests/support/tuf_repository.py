"""A TUF repository in memory, in the registry's layout, whose owner can also be made to misbehave.

The names come from ``tank_core.tuf_layout`` and the format from python-tuf; nothing
of the registry's own writer is used, so that client and registry are tested apart.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    T,
    TargetFile,
    Targets,
    Timestamp,
)

from tank_core import tuf_layout


@dataclass(frozen=True)
class Keys:
    """Who signs: root and top-level targets offline, everything else online."""

    root: CryptoSigner
    targets: CryptoSigner
    online: CryptoSigner

    @classmethod
    def fresh(cls) -> Keys:
        """Returns keys that nobody else has."""
        return cls(*(CryptoSigner.generate_ed25519() for _ in range(3)))


@functools.cache
def shared_keys() -> Keys:
    """Returns the keys of every repository that does not ask for its own."""
    return Keys.fresh()


def signed_bytes(signed: T, *signers: CryptoSigner) -> bytes:
    """Returns metadata with a signature by each signer."""
    metadata: Metadata[T] = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


@functools.cache
def _empty_bin(online: CryptoSigner, expires: datetime) -> bytes:
    return signed_bytes(Targets(version=1, expires=expires), online)


def _start_of_day() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass
class TufRepository:
    """Metadata and targets, written into ``objects``: URL path → bytes."""

    objects: dict[str, bytes]
    keys: Keys = field(default_factory=shared_keys)
    now: datetime = field(default_factory=_start_of_day)
    root: Root = field(init=False)
    targets: Targets = field(init=False)
    bins: dict[str, Targets] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    snapshot: Snapshot = field(init=False)
    timestamp: Timestamp = field(init=False)
    announced_root: int = 0  # by the timestamp, in place of the newest root's version

    def __post_init__(self) -> None:
        day = timedelta(days=1)
        self.root = Root(version=1, expires=self.now + 365 * day, consistent_snapshot=True)
        self._name_keys(self.root)
        self.targets = Targets(version=1, expires=self.now + 365 * day)
        self.snapshot = Snapshot(version=1, expires=self.now + 7 * day)
        self.timestamp = Timestamp(version=1, expires=self.now + 2 * day)
        empty = _empty_bin(self.keys.online, self.now + 7 * day)
        meta = MetaFile.from_data(1, empty, ["sha256"])
        for role in tuf_layout.every_bin():
            self.objects[f"/{tuf_layout.metadata_path(role, 1)}"] = empty
            self.snapshot.meta[f"{role}.json"] = copy.copy(meta)
            self.versions[role] = 1
        self._write_root(self.keys.root)

    @property
    def fingerprint(self) -> str:
        return tuf_layout.root_fingerprint(self.objects[f"/{tuf_layout.NEWEST_ROOT}"])

    def sign_targets(self, contents: Mapping[str, bytes]) -> None:
        """Signs what the offline key says about the registry, and publishes it."""
        self.targets.version = self._next("targets")
        self.targets.targets = {path: self._put_target(path, data) for path, data in contents.items()}
        roles = SuccinctRoles(
            [self.keys.online.public_key.keyid], 1, tuf_layout.BIN_BITS, tuf_layout.BIN_PREFIX
        )
        key = self.keys.online.public_key
        self.targets.delegations = Delegations({key.keyid: key}, succinct_roles=roles)
        self._write("targets", self.targets, self.keys.targets)
        self.publish_snapshot()

    def put_document(self, name: str, data: bytes) -> None:
        """Publishes an index document: document, bin, snapshot, timestamp. ``name``: ``@org/name``."""
        self.put_documents({name: data})

    def put_documents(self, documents: Mapping[str, bytes]) -> None:
        """Publishes several index documents in one round."""
        self.put_targets({tuf_layout.index_target(name): data for name, data in documents.items()})

    def put_targets(self, contents: Mapping[str, bytes]) -> None:
        """Publishes targets in their bins, whatever their paths, in one round."""
        changed = set()
        for path, data in contents.items():
            role = tuf_layout.bin_of(path)
            self.bin(role).targets[path] = self._put_target(path, data)
            changed.add(role)
        self.publish_bins(changed)

    def publish_bins(self, roles: Iterable[str]) -> None:
        """Signs bins anew, then snapshot and timestamp."""
        for role in sorted(roles):
            signed = self.bin(role)
            signed.version = self._next(role)
            self._write(role, signed, self.keys.online)
        self.publish_snapshot()

    def publish_snapshot(self) -> None:
        """Signs snapshot and timestamp anew."""
        self.snapshot.version = self._next("snapshot")
        data = signed_bytes(self.snapshot, self.keys.online)
        self.objects[f"/{tuf_layout.metadata_path('snapshot', self.snapshot.version)}"] = data
        self.timestamp.snapshot_meta = MetaFile.from_data(self.snapshot.version, data, ["sha256"])
        self.publish_timestamp()

    def publish_timestamp(self) -> None:
        """Signs the timestamp anew."""
        self.timestamp.version = self._next("timestamp")
        self.timestamp.unrecognized_fields[tuf_layout.ROOT_VERSION] = self.announced_root or self.root.version
        self.objects[f"/{tuf_layout.TIMESTAMP}"] = signed_bytes(self.timestamp, self.keys.online)

    def rotate_root(self, keys: Keys, *, signers: tuple[CryptoSigner, ...] | None = None) -> None:
        """Publishes a root that names other keys; ``signers`` in place of the old and the new root key.

        The timestamp tells of it as soon as it is signed again.
        """
        old = self.keys
        self.keys = keys
        self.root = copy.deepcopy(self.root)
        self.root.version += 1
        self._name_keys(self.root)
        self._write_root(*(signers if signers is not None else (old.root, keys.root)))

    def sign_again(self) -> None:
        """Signs everything below the root with the present keys, from version 1 of each role on."""
        self.versions = dict.fromkeys(tuf_layout.every_bin(), 1)
        for role in tuf_layout.every_bin():
            self.bin(role).version = 1
            self._write(role, self.bins[role], self.keys.online)
        contents = {
            path: self.objects[f"/{tuf_layout.target_path(path, found.hashes['sha256'])}"]
            for path, found in self.targets.targets.items()
        }
        self.sign_targets(contents)

    def path(self, role: str) -> str:
        """Returns the URL path of a role's newest file."""
        if role == "timestamp":
            return f"/{tuf_layout.TIMESTAMP}"
        signed = {"root": self.root, "targets": self.targets, "snapshot": self.snapshot}.get(role)
        version = signed.version if signed is not None else self.bin(role).version
        return f"/{tuf_layout.metadata_path(role, version)}"

    def document_path(self, name: str) -> str:
        """Returns the URL path of a skill's newest index document."""
        path = tuf_layout.index_target(name)
        found = self.bin(tuf_layout.bin_of(path)).targets[path]
        return f"/{tuf_layout.target_path(path, found.hashes['sha256'])}"

    def _next(self, role: str) -> int:
        self.versions[role] = self.versions.get(role, 0) + 1
        return self.versions[role]

    def bin(self, role: str) -> Targets:
        if role not in self.bins:
            self.bins[role] = Targets(version=1, expires=self.now + timedelta(days=7))
        return self.bins[role]

    def _name_keys(self, root: Root) -> None:
        for role in root.roles.values():
            role.keyids.clear()
        root.keys.clear()
        root.add_key(self.keys.root.public_key, "root")
        root.add_key(self.keys.targets.public_key, "targets")
        for name in ("snapshot", "timestamp"):
            root.add_key(self.keys.online.public_key, name)

    def _write_root(self, *signers: CryptoSigner) -> None:
        data = signed_bytes(self.root, *signers)
        self.objects[f"/{tuf_layout.metadata_path('root', self.root.version)}"] = data
        self.objects[f"/{tuf_layout.NEWEST_ROOT}"] = data

    def _write(self, role: str, signed: Targets, signer: CryptoSigner) -> None:
        data = signed_bytes(signed, signer)
        self.objects[f"/{tuf_layout.metadata_path(role, signed.version)}"] = data
        self.snapshot.meta[f"{role}.json"] = MetaFile.from_data(signed.version, data, ["sha256"])

    def _put_target(self, path: str, data: bytes) -> TargetFile:
        found = TargetFile.from_data(path, data, ["sha256"])
        self.objects[f"/{tuf_layout.target_path(path, found.hashes['sha256'])}"] = data
        return found
