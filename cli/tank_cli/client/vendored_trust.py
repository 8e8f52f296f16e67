"""What a vendor file says of a registry, verified from the pinned root as if it had come over the network.

A file cannot say that it is the newest: whoever hands out an old one hides what was
renewed since. So it may teach a machine what that machine does not know, and can never
take anything back: a root or targets older than those that were seen are passed over.
Expiry holds as ever, on the clock of this machine.

Source: TUF specification 1.0.31, sections 5.3 (root) and 5.6 (targets); timestamp and
snapshot say what is newest today, which no file can.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization import DeserializationError

from tank_cli import atomic
from tank_cli.client.index_refusals import (
    IndexFrozenError,
    IndexMixedError,
    IndexUnsignedError,
    RegistryRootRefusedError,
    UntrustedMetadataError,
)
from tank_cli.client.trusted_metadata import check_root
from tank_cli.file_lock import waiting_for
from tank_cli.registry_targets import TRUST_TARGETS, RegistryTargets, check_key_ids, parse_registry_targets
from tank_cli.trust import RegistryTrust
from tank_cli.vendoring.vendor_file import TARGETS, TUF_TARGETS, VendorFile, root_name
from tank_core.errors import quoted
from tank_core.tuf_layout import MAX_ROOT_BYTES, MAX_TARGETS_BYTES, MAX_TRUST_TARGET_BYTES

T = TypeVar("T", Root, Targets)

_LOCK_SECONDS = 90.0  # as long as another tank may take for a refresh


def learn(trust: RegistryTrust, file: VendorFile) -> None:
    """Takes over what a vendor file says of a registry, where it is newer than what is known.

    1. Follow the chain of roots from the pinned one, over those known here and those in the file.
    2. The targets are signed as the newest root demands, and neither has expired.
    3. They are newer than those that were verified here; otherwise nothing changes.
    4. What they name has their digests; keys have their ids.

    Raises:
        UntrustedRegistryError: untrusted-registry; no root is pinned.
        RegistryRootRefusedError: registry-root-refused.
        IndexUnsignedError: index-unsigned.
        IndexFrozenError: index-frozen.
        IndexMixedError: index-mixed.
        UntrustedMetadataError: untrusted-metadata.
        RegistryDocumentRefusedError: registry-document-refused.
    """
    pinned = trust.root()
    with waiting_for(trust.lock, seconds=_LOCK_SECONDS):
        root = _newest_root(pinned, trust, file)  # 1
        data = file.read(TUF_TARGETS, MAX_TARGETS_BYTES) or b""
        targets = _targets(root, data, datetime.now(UTC))  # 2
        if trust.contents() and targets.version <= _known_version(trust):  # 3
            return
        contents = _contents(targets, file)  # 4
        check_key_ids(parse_registry_targets(contents).keys)
        atomic.write(trust.learnt, data)
        trust.keep(contents)


def pin_from(trust: RegistryTrust, file: VendorFile, root: bytes) -> RegistryTargets:
    """Pins a root that a person trusts, once everything below it in the file is verified; returns what it says.

    Raises:
        TankError: as ``learn``, and ``check_root``.
    """
    check_root(root)
    if trust.is_pinned and trust.root() == root:
        learn(trust, file)
        return _known(trust)
    staged = trust.staged()
    try:
        staged.pin(root)
        learn(staged, file)
        targets = _known(staged)
        with waiting_for(trust.lock, seconds=_LOCK_SECONDS):
            trust.become(staged)
    finally:
        staged.forget()
        staged.lock.unlink(missing_ok=True)
    return targets


def _known(trust: RegistryTrust) -> RegistryTargets:
    return parse_registry_targets(trust.contents())


def _newest_root(pinned: bytes, trust: RegistryTrust, file: VendorFile) -> Root:
    root = _parsed(pinned, "the pinned root.json", Root).signed
    while (found := _next_root(root.version + 1, trust, file)) is not None:
        name, data = found
        metadata = _parsed(data, name, Root)
        try:
            root.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
            metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
        except (RepositoryError, ValueError) as error:
            raise RegistryRootRefusedError.of(name, f"{quoted(str(error))}.") from error
        if metadata.signed.version != root.version + 1:
            raise RegistryRootRefusedError.of(name, f"It says that it is version {metadata.signed.version}.")
        root = metadata.signed
    return root


def _next_root(version: int, trust: RegistryTrust, file: VendorFile) -> tuple[str, bytes] | None:
    """Returns a version of the root; one that was verified here before the file's."""
    known = trust.metadata / "root_history" / f"{version}.root.json"
    with contextlib.suppress(OSError):
        return known.name, known.read_bytes()
    data = file.read(root_name(version), MAX_ROOT_BYTES)
    return None if data is None else (root_name(version), data)


def _targets(root: Root, data: bytes, now: datetime) -> Targets:
    metadata = _parsed(data, TUF_TARGETS, Targets)
    try:
        root.verify_delegate(Targets.type, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, ValueError) as error:
        raise IndexUnsignedError.of(TUF_TARGETS) from error
    for name, signed in (("root.json", root), (TUF_TARGETS, metadata.signed)):
        if signed.is_expired(now):
            raise IndexFrozenError.of(name, signed.expires, now)
    return metadata.signed


def _contents(targets: Targets, file: VendorFile) -> Mapping[str, bytes]:
    found = {}
    for path in TRUST_TARGETS:
        if path not in targets.targets:
            continue
        data = file.read(TARGETS + path, MAX_TRUST_TARGET_BYTES)
        expected = targets.targets[path].hashes.get("sha256", "")
        if data is None or not hmac.compare_digest(hashlib.sha256(data).hexdigest(), expected):
            raise IndexMixedError.of(TARGETS + path, "It is not there, or its digest is another.")
        found[path] = data
    return found


def _known_version(trust: RegistryTrust) -> int:
    """Returns the highest version of the targets that were verified here; 0 when there are none."""
    return max(_version_in(trust.metadata / "targets.json"), _version_in(trust.learnt))


def _version_in(path: Path) -> int:
    try:
        return Metadata[Targets].from_bytes(path.read_bytes()).signed.version
    except (OSError, DeserializationError):
        return 0


def _parsed(data: bytes, name: str, kind: type[T]) -> Metadata[T]:
    """Returns metadata of a kind; nothing in it is verified yet."""
    try:
        metadata = Metadata[T].from_bytes(data)
    except DeserializationError as error:
        raise UntrustedMetadataError.of(name, f"{quoted(str(error))}.") from error
    if not isinstance(metadata.signed, kind):
        raise UntrustedMetadataError.of(name, "It is metadata of another kind.")
    return metadata
