"""Composes root and top-level targets, and signs them: values in, files out.

Source: TUF specification 1.0.31, sections 4.3 (root) and 4.5 (targets); TAP 15.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    Delegations,
    Metadata,
    Role,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from infra.ceremony.keys import CeremonyError
from tank_core import tuf_layout

S = TypeVar("S", Root, Targets)
_READABLE = JSONSerializer(compact=False)  # people look at what they sign


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """Who signs for a role: any ``threshold`` of these keys."""

    keys: tuple[SSlibKey, ...]
    threshold: int = 1


@dataclass(frozen=True, slots=True)
class RootPlan:
    """Everything that a root says.

    Attributes:
        online: the index key of the registry: timestamp and snapshot.
    """

    root: RoleKeys
    targets: RoleKeys
    online: SSlibKey


def plan_of(root: Root) -> RootPlan:
    """Returns what a root says now, to be changed for the next one."""

    def held(role: str) -> RoleKeys:
        found = root.roles[role]
        return RoleKeys(
            tuple(key for key in (root.keys[k] for k in found.keyids) if isinstance(key, SSlibKey)),
            found.threshold,
        )

    (online,) = held(Timestamp.type).keys
    return RootPlan(held(Root.type), held(Targets.type), online)


def with_online_key(before: RootPlan, online: SSlibKey) -> RootPlan:
    """Returns a plan for another index key."""
    return replace(before, online=online)


def composed_root(plan: RootPlan, *, version: int, now: int) -> Root:
    """Returns an unsigned root.

    Raises:
        CeremonyError: a threshold that its keys cannot meet, or the online key among the offline ones.
    """
    for role in (plan.root, plan.targets):
        distinct = {key.keyval["public"].strip() for key in role.keys}
        if not 1 <= role.threshold <= len(distinct):
            raise CeremonyError(f"a threshold of {role.threshold} with {len(distinct)} different keys")
        if plan.online.keyval["public"].strip() in distinct:
            raise CeremonyError("the index key is online: it must not sign for root or targets")
    online = RoleKeys((plan.online,))
    roles = {
        Root.type: plan.root,
        Targets.type: plan.targets,
        Snapshot.type: online,
        Timestamp.type: online,
    }
    return Root(
        version=version,
        expires=_after(now, tuf_layout.ROOT_SECONDS),
        keys={key.keyid: key for role in roles.values() for key in role.keys},
        roles={
            name: Role(sorted(key.keyid for key in role.keys), role.threshold) for name, role in roles.items()
        },
        consistent_snapshot=True,
    )


def composed_targets(
    contents: Mapping[str, bytes], online: SSlibKey, *, version: int, now: int
) -> tuple[Targets, dict[str, bytes]]:
    """Returns unsigned targets, and URL path → bytes of what they list.

    Args:
        contents: target path, such as ``registry.json`` → bytes.
        online: the key that may sign the index's bins.
        version: one more than the last.
        now: epoch seconds.
    """
    listed: dict[str, TargetFile] = {}
    files: dict[str, bytes] = {}
    for target, data in sorted(contents.items()):
        digest = hashlib.sha256(data).hexdigest()
        listed[target] = TargetFile(len(data), {"sha256": digest}, target)
        files[tuf_layout.target_path(target, digest)] = data
    bins = SuccinctRoles([online.keyid], 1, tuf_layout.BIN_BITS, tuf_layout.BIN_PREFIX)
    targets = Targets(
        version=version,
        expires=_after(now, tuf_layout.TARGETS_SECONDS),
        targets=listed,
        delegations=Delegations({online.keyid: online}, succinct_roles=bins),
    )
    return targets, files


def signed_file(signed: S, signers: Iterable[CryptoSigner]) -> bytes:
    """Returns the file with one signature per signer; whether they are enough is ``verify``'s question."""
    metadata: Metadata[S] = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes(_READABLE)


def with_signatures(file: bytes, signers: Sequence[CryptoSigner]) -> bytes:
    """Returns a file with more signatures, for keys that are never in one place."""
    metadata: Metadata[Root] = Metadata.from_bytes(file)  # signing does not look at the kind
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes(_READABLE)


def _after(now: int, seconds: int) -> datetime:
    return datetime.fromtimestamp(now + seconds, tz=UTC)
