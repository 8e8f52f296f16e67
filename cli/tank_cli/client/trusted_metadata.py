"""The registry's index, as its TUF metadata vouches for it.

python-tuf's client does the work: from the pinned root along the chain of roots to
timestamp, snapshot, targets and the hash bins. This module adds what surrounds it:
where metadata is kept, one refresh per run, many bins at once, several processes at
once, and words for every refusal.

What the offline key signs about the registry (``TRUST_TARGETS``) is looked up in the
top-level targets and nowhere else: the key of the hash bins is online, and whoever
steals it must not be able to add, say, a Sigstore root that was never there.

Source: TUF specification 1.0.31, section 5 (client workflow); python-tuf 7, ``tuf.ngclient``.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets

from tank_cli import atomic
from tank_cli.client.index_refusals import (
    IndexEndlessError,
    IndexMixedError,
    RegistryRootRefusedError,
    UntrustedMetadataError,
)
from tank_cli.client.metadata_faults import Served, refusal
from tank_cli.client.metadata_fetcher import MetadataFetcher, file_of
from tank_cli.client.problems import registry_error
from tank_cli.client.transport import Request, ResponseTooLargeError, Transport
from tank_cli.client.tuf_client import Updater, UpdaterConfig
from tank_cli.file_lock import waiting_for
from tank_cli.registry_targets import TRUST_TARGETS, RegistryTargets, check_key_ids, parse_registry_targets
from tank_cli.system_refusals import system_refused
from tank_cli.trust import RegistryTrust
from tank_core import tuf_layout
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.index import MAX_INDEX_BYTES
from tank_core.names import SkillName

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ROOT_ROTATIONS = 64  # followed in one run; the next run goes on from there
_REFUSAL_BYTES = 16 * 1024  # an object store's words for what is not there may be longer than a document
_LOCK_SECONDS = 90.0  # a cold refresh over a bad network; the one who waits has nothing to do anyway


class TrustNotWritableError(TankError):
    """What was verified cannot be kept."""

    code = "trust-not-writable"
    exit_code = ExitCode.FAILURE


class _Updater(Updater):
    """The TUF client for homes in which no symbolic link can be made: its ``root.json`` is a copy there.

    Overrides what python-tuf 7 knows hard links for, and those on Windows alone.
    """

    def _update_root_symlink(self) -> None:
        try:
            super()._update_root_symlink()
        except OSError:
            # A copy, written whole or not at all: `tank trust` compares it with what is offered.
            newest = Path(self._dir, "root_history", f"{self._trusted_set.root.version}.root.json")
            self._persist_metadata(Root.type, newest.read_bytes())


@dataclass(frozen=True, slots=True)
class Target:
    """One file that the index names.

    Attributes:
        path: its target path, such as ``index/acme/tool.json``.
        sha256: 64 lower-case hexadecimal digits.
        size_bytes: its exact size.
    """

    path: str
    sha256: str
    size_bytes: int

    @property
    def digest(self) -> str:
        """``sha256:<hex>``."""
        return f"sha256:{self.sha256}"


class TrustedMetadata:
    """One registry's metadata during one run; not for several threads, except ``download``.

    Args:
        transport: how to talk.
        trust: what is pinned, and where metadata is kept.

    Attributes:
        known: what the registry's operator says of it, after a refresh; None before.
    """

    def __init__(self, transport: Transport, trust: RegistryTrust) -> None:
        self._transport = transport
        self._trust = trust
        self._fetcher = MetadataFetcher(transport)
        self._updater: Updater | None = None
        self.known: RegistryTargets | None = None
        self._targets: Mapping[str, TargetFile] = {}
        self._bin_versions: Mapping[str, int] = {}

    def refresh(self) -> RegistryTargets:
        """Brings the metadata up to date, at most once per run.

        1. From the pinned root, follow the chain of roots; then timestamp, snapshot, top-level targets.
        2. Fetch what the offline key signs about the registry, where it changed, and keep it.

        Returns:
            What the registry's operator says of it.

        Raises:
            UntrustedRegistryError: untrusted-registry.
            IndexRolledBackError, IndexFrozenError, IndexMixedError, IndexUnsignedError, IndexEndlessError,
                UntrustedMetadataError, RegistryRootRefusedError: what somebody may be doing.
            NetworkError: network-error.
        """
        self._trust.root()  # a registry that nobody trusts leaves no trace here
        with self._working():
            self._refreshed()  # 1
            self.known = self._trust_targets()  # 2
            return self.known

    def documents(self, names: Iterable[SkillName]) -> Mapping[SkillName, Target]:
        """Returns the index document of each skill that the registry has, by name.

        Raises:
            TankError: as ``refresh``.
        """
        paths = {name: tuf_layout.index_target(str(name)) for name in sorted(names)}
        if self._updater is None:
            self.refresh()
        with self._working():
            updater = self._refreshed()
            self._get_bins_ahead({tuf_layout.bin_of(path) for path in paths.values()})
            found = {name: self._target(updater, path) for name, path in paths.items()}
        return {name: target for name, target in found.items() if target is not None}

    def notices(self) -> Target | None:
        """Returns the notices document; None where the registry writes none.

        Raises:
            TankError: as ``refresh``.
        """
        if self._updater is None:
            self.refresh()
        with self._working():
            return self._target(self._refreshed(), tuf_layout.NOTICES_TARGET)

    def download(self, target: Target) -> bytes:
        """Returns the bytes of a target, which have its size and its digest.

        Raises:
            IndexMixedError: index-mixed; other bytes, or none.
            IndexEndlessError: index-endless.
            NetworkError: network-error.
            RegistryError: any other refusal.
        """
        url = f"{self._trust.registry}/{tuf_layout.target_path(target.path, target.sha256)}"
        try:
            limit = max(target.size_bytes, _REFUSAL_BYTES)
            answer = self._transport.send(Request("GET", url, max_bytes=limit))
        except ResponseTooLargeError as error:
            why = f"It is signed with {target.size_bytes} bytes, and has more."
            raise IndexEndlessError.of(target.path, why) from error
        if answer.status in (403, 404, 410):
            raise IndexMixedError.of(target.path, "It is not there, although the rest names it.")
        if answer.status != 200:
            raise registry_error(answer, url)
        if not hmac.compare_digest(hashlib.sha256(answer.body).hexdigest(), target.sha256):
            raise IndexMixedError.of(target.path, "Its size or its digest is another.")
        return answer.body

    def newest_root(self) -> bytes:
        """Returns the root at the end of the chain, after a refresh."""
        return self._kept("root")

    def _refreshed(self) -> Updater:
        """Returns the TUF client after its one refresh."""
        if self._updater is None:
            updater = self._new_refreshed()
            self._read_verified()
            self._updater = updater
        return self._updater

    def _new_refreshed(self) -> Updater:
        updater = self._new_updater(self._trust.root())
        try:
            updater.refresh()
            return updater
        except (RepositoryError, DownloadError):
            if not self._fetcher.has_spared_root:
                raise
        # Nothing verifies under the root that was said to be the newest: look whether there is another.
        self._fetcher = MetadataFetcher(self._transport, asks_for_roots=True)
        updater = self._new_updater(self._trust.root())
        updater.refresh()
        return updater

    def _new_updater(self, root: bytes) -> Updater:
        atomic.make_folder(self._trust.metadata)
        for left in self._trust.metadata.glob("tmp*"):  # by a process that was killed
            left.unlink(missing_ok=True)
        return _Updater(
            str(self._trust.metadata),
            f"{self._trust.registry}/{tuf_layout.METADATA}",
            fetcher=self._fetcher,
            config=UpdaterConfig(
                max_root_rotations=_ROOT_ROTATIONS,
                max_delegations=2,  # top-level targets, then one bin
                root_max_length=tuf_layout.MAX_ROOT_BYTES,
                timestamp_max_length=tuf_layout.MAX_TIMESTAMP_BYTES,
                snapshot_max_length=tuf_layout.MAX_SNAPSHOT_BYTES,
                targets_max_length=tuf_layout.MAX_TARGETS_BYTES,
            ),
            bootstrap=root,
        )

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """Holds the lock, and gives every failure inside its name."""
        try:
            with waiting_for(self._trust.lock, seconds=_LOCK_SECONDS):
                yield
        except OSError as error:
            refused = system_refused(error)
            raise TrustNotWritableError(
                f"{self._trust.place} cannot be used: {error}.",
                why="What was seen of the index is kept there; an old one is recognised by it.",
                fix=refused.fix if refused else "Look after that folder, or set TANK_HOME.",
            ) from error
        except TankError:
            raise
        except Exception as error:
            if refused := system_refused(error):  # which says nothing about the registry
                raise refused from error
            # Around signature verification anything unexpected means refuse.
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> TankError:
        file = file_of(self._fetcher.asked) or "the pinned root.json"
        served = Served(file, self._fetcher.received.get(self._fetcher.asked))
        return refusal(error, served, self._known(), datetime.now(UTC))

    def _known(self) -> Mapping[str, Served]:
        """Returns the newest file of each top-level role: as received in this run, else as kept."""
        known = {}
        for role in ("root", "timestamp", "snapshot", "targets"):
            with contextlib.suppress(OSError):
                known[role] = Served(f"{role}.json", self._kept(role))
        for url, data in self._fetcher.received.items():
            served = Served(file_of(url), data)
            if served.role != "root":  # a new root that was refused is received as well
                known[served.role] = served
        return known

    def _read_verified(self) -> None:
        """Reads the files that the refresh has just verified, under the same lock."""
        self._targets = Metadata[Targets].from_bytes(self._kept("targets")).signed.targets
        listed = Metadata[Snapshot].from_bytes(self._kept("snapshot")).signed.meta
        self._bin_versions = {file.removesuffix(".json"): meta.version for file, meta in listed.items()}

    def _trust_targets(self) -> RegistryTargets:
        before = self._trust.contents()
        contents = {
            path: self._content(target_of(self._targets[path]), before.get(path))
            for path in TRUST_TARGETS
            if path in self._targets
        }
        known = parse_registry_targets(contents)
        if contents != before:
            check_key_ids(known.keys)
            self._trust.keep(contents)
        return known

    def _content(self, target: Target, kept: bytes | None) -> bytes:
        if kept is not None and hashlib.sha256(kept).hexdigest() == target.sha256:
            return kept
        if target.size_bytes > tuf_layout.MAX_TRUST_TARGET_BYTES:
            raise IndexEndlessError.of(target.path, f"It is signed with {target.size_bytes} bytes.")
        return self.download(target)

    def _get_bins_ahead(self, bins: set[str]) -> None:
        """Downloads every bin that changed at once; the TUF client verifies each as it takes it."""
        base = f"{self._trust.registry}/"
        changed = [
            base + tuf_layout.metadata_path(role, self._bin_versions[role])
            for role in sorted(bins & self._bin_versions.keys())
            if self._kept_version(role) != self._bin_versions[role]
        ]
        if len(changed) > 1:
            self._fetcher.get_ahead(changed)

    def _target(self, updater: Updater, path: str) -> Target | None:
        if tuf_layout.bin_of(path) not in self._bin_versions:
            raise IndexMixedError.of(
                "snapshot.json", f"It lacks the bin of {path}, {tuf_layout.bin_of(path)}."
            )
        found = updater.get_targetinfo(path)
        if found is None:
            return None
        if found.length > MAX_INDEX_BYTES:
            raise IndexEndlessError.of(path, f"It is signed with {found.length} bytes.")
        return target_of(found)

    def _kept(self, role: str) -> bytes:
        return (self._trust.metadata / f"{role}.json").read_bytes()

    def _kept_version(self, role: str) -> object:
        """Returns the version that a kept file says; only to know what to download, so nothing trusts it."""
        try:
            return json.loads(self._kept(role))["signed"]["version"]
        except (OSError, ValueError, KeyError, TypeError):
            return None


def target_of(found: TargetFile) -> Target:
    """Returns what the index names. Its digest becomes part of addresses and of names of files here."""
    digest = found.hashes.get("sha256", "")
    if not _SHA256.fullmatch(digest):
        raise UntrustedMetadataError.of(found.path, f"Its SHA-256 is {quoted(digest)}, which is none.")
    return Target(found.path, digest, found.length)


def check_root(data: bytes) -> Root:
    """Returns a root that a person is about to pin.

    1. It is TUF root metadata. 2. Enough of its own root keys signed it. 3. It demands consistent
    snapshots, without which a client can read half of an old state and half of a new one.

    Raises:
        RegistryRootRefusedError: registry-root-refused.
    """
    file = tuf_layout.NEWEST_ROOT
    try:
        metadata = Metadata[Root].from_bytes(data)  # 1
        if metadata.signed.type != Root.type:
            raise ValueError(f"it is of type {metadata.signed.type}")
        metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)  # 2
    except Exception as error:  # around signature verification: anything unexpected means refuse
        why = f"It is no root that its own keys signed: {quoted(str(error) or type(error).__name__)}."
        raise RegistryRootRefusedError.of(file, why) from error
    if not metadata.signed.consistent_snapshot:  # 3
        raise RegistryRootRefusedError.of(file, "It does not demand consistent snapshots.")
    return metadata.signed
