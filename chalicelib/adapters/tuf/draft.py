"""Composes a round: which bins change, and the snapshot and timestamp that follow from them.

Everything of one round carries one version number, which no other round ever had:
versions rise and have gaps, as TUF allows, and no two rounds can write the same
file name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tuf.api.metadata import MetaFile, Snapshot, TargetFile, Targets, Timestamp

from chalicelib.adapters.tuf.metadata import meta_file, moment, signed_online, trusted_file
from chalicelib.ports.catalog import Catalog
from chalicelib.ports.errors import PortError
from chalicelib.ports.signer import AttestationSigner
from tank_core import tuf_layout
from tank_core.index import index_bytes
from tank_core.notices import Notices, notices_bytes

Listing = dict[str, TargetFile]  # target path → what it is


@dataclass(frozen=True, slots=True)
class Noticed:
    """The notices as they are published.

    Attributes:
        listing: everything that their bin lists.
    """

    notices: Notices = field(default_factory=Notices)
    listing: Listing = field(default_factory=dict)

    @property
    def is_first(self) -> bool:
        """Whether there were none so far, not even empty ones."""
        return tuf_layout.NOTICES_TARGET not in self.listing


@dataclass(frozen=True, slots=True)
class Changes:
    """What a round writes into the bins.

    Attributes:
        bins: role → everything that the bin lists from now on.
        documents: URL path below the registry's base → the bytes of a new index document.
        retired: URL paths of the documents that these replace.
    """

    bins: Mapping[str, Listing] = field(default_factory=dict)
    documents: Mapping[str, bytes] = field(default_factory=dict)
    retired: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A round that is signed and not yet written.

    Attributes:
        objects: URL path → bytes of everything that never changes, documents first, snapshot last.
        timestamp: what makes the rest visible.
    """

    objects: Mapping[str, bytes]
    timestamp: bytes

    @property
    def sha256_hex(self) -> str:
        """The timestamp's digest, by which the round is known."""
        return hashlib.sha256(self.timestamp).hexdigest()


def changes_of(
    catalog: Catalog, names: Sequence[str], bins: Mapping[str, Listing], noticed: Noticed | None
) -> Changes:
    """Returns the bins with these skills, and the notices of them, as the catalog has them now.

    Args:
        catalog: the only source of what a document says.
        names: ``@org/name`` each; a skill without any version is taken out.
        bins: what the bins of these names list so far.
        noticed: the notices so far; None where there is no name.
    """
    changed = {role: dict(listing) for role, listing in bins.items()}
    documents: dict[str, bytes] = {}
    retired: list[str] = []

    def put(target: str, data: bytes | None) -> None:
        listing = changed[tuf_layout.bin_of(target)]
        before = listing.pop(target, None)
        if data is not None:
            listing[target] = TargetFile(len(data), {"sha256": hashlib.sha256(data).hexdigest()}, target)
            documents[_path(listing[target])] = data
        if before is not None and listing.get(target) != before:
            retired.append(_path(before))

    notices = noticed.notices if noticed else Notices()
    for name in names:
        versions = catalog.versions(name)
        put(tuf_layout.index_target(name), index_bytes(name, versions) if versions else None)
        notices = notices.of(name, versions)
    if noticed and (notices != noticed.notices or noticed.is_first):
        changed.setdefault(tuf_layout.bin_of(tuf_layout.NOTICES_TARGET), dict(noticed.listing))
        put(tuf_layout.NOTICES_TARGET, notices_bytes(notices))
    return Changes(changed, documents, retired)


def composed(
    changes: Changes,
    *,
    version: int,
    now: int,
    kept: Mapping[str, MetaFile],
    targets: MetaFile,
    root: int,
    signer: AttestationSigner,
) -> Draft:
    """Returns the signed round; costs a signature per changed bin and two more.

    Args:
        changes: the bins to write.
        version: of everything that is written.
        now: epoch seconds.
        kept: what the snapshot said so far.
        targets: the top-level targets that the snapshot names.
        root: version of the newest root.
        signer: the online key.

    Raises:
        PortError: a bin would be larger than anybody reads; what is published stays as it is.
    """
    objects = dict(changes.documents)
    meta = {**kept, "targets.json": targets}
    signed: dict[
        tuple[tuple[str, str], ...], bytes
    ] = {}  # bins that list the same, as empty ones do, are one file
    for role, listing in sorted(changes.bins.items()):
        fingerprint = tuple(sorted((path, target.hashes["sha256"]) for path, target in listing.items()))
        if fingerprint not in signed:
            expires = moment(now + tuf_layout.BIN_SECONDS)
            signed[fingerprint] = signed_online(
                Targets(version=version, expires=expires, targets=listing), signer
            )
            if len(signed[fingerprint]) > tuf_layout.MAX_TARGETS_BYTES:
                raise PortError(f"{role} is full: readers, and the next round, would refuse it")
        objects[tuf_layout.metadata_path(role, version)] = signed[fingerprint]
        meta[f"{role}.json"] = meta_file(trusted_file(version, signed[fingerprint]))
    expires = moment(now + tuf_layout.SNAPSHOT_SECONDS)
    snapshot = signed_online(Snapshot(version=version, expires=expires, meta=meta), signer)
    objects[tuf_layout.metadata_path("snapshot", version)] = snapshot
    named = meta_file(trusted_file(version, snapshot))
    return Draft(objects, signed_timestamp(named, root=root, version=version, now=now, signer=signer))


def signed_timestamp(
    snapshot: MetaFile, *, root: int, version: int, now: int, signer: AttestationSigner
) -> bytes:
    """Returns a timestamp that names a snapshot, and says which root is the newest; costs one signature."""
    timestamp = Timestamp(
        version=version,
        expires=moment(now + tuf_layout.TIMESTAMP_SECONDS),
        snapshot_meta=snapshot,
        unrecognized_fields={tuf_layout.ROOT_VERSION: root},
    )
    return signed_online(timestamp, signer)


def _path(target: TargetFile) -> str:
    return tuf_layout.target_path(target.path, target.hashes["sha256"])
