"""Which root and which top-level targets the writer builds on: what a ceremony signed, verified as a client would.

The files come from an operator by another way than the object store, and the
accepted root is remembered in the metadata store, so the object store alone can
neither set, replace nor roll back what people signed.

Source: TUF specification 1.0.31, sections 5.3 (update the root role) and 6.1 (key
management and migration); TAP 15.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from securesystemslib.signer import Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from chalicelib.adapters.tuf.metadata import epoch, material_of, trusted_file
from chalicelib.ports.index_state import IndexStanding, TrustedFile
from tank_core import tuf_layout
from tank_core.errors import ExitCode, TankError

A = TypeVar("A", Root, Targets)
_NUMBERED = re.compile(r"tuf/([1-9][0-9]{0,8})\.(root|targets)\.json")


class CeremonyRefusedError(TankError):
    """Root or targets of a ceremony are not acceptable: a wrong signature, a gap, or keys that do not fit."""

    code = "ceremony-refused"
    status = 422
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class Authority:
    """A verified root with its verified top-level targets.

    Attributes:
        root: the newest one.
        root_bytes: its file.
        targets: the newest top-level targets.
        targets_bytes: their file.
        files: URL path below the registry's base → bytes: every root, these targets and what they list.
    """

    root: Root
    root_bytes: bytes
    targets: Targets
    targets_bytes: bytes
    files: Mapping[str, bytes]

    @property
    def root_file(self) -> TrustedFile:
        """How the root is remembered."""
        return trusted_file(self.root.version, self.root_bytes)

    @property
    def targets_file(self) -> TrustedFile:
        """How the targets are remembered."""
        return trusted_file(self.targets.version, self.targets_bytes)

    @property
    def online_key_id(self) -> str:
        """The TUF id of the key that signs timestamps."""
        return str(self.root.roles[Timestamp.type].keyids[0])

    @property
    def expires_at(self) -> int:
        """When the first of both expires; epoch seconds."""
        return min(epoch(self.root.expires), epoch(self.targets.expires))


def read_authority(files: Mapping[str, bytes], *, known: IndexStanding | None = None) -> Authority:
    """Returns root and targets of a ceremony's files, verified as a client would.

    1. The first root is signed by its own threshold; when one is known already, that
       very one is among the files.
    2. Each following root has the next version and is signed by the thresholds of
       the root before it and of itself. In none of them does one key count twice, or
       the online key for people.
    3. The newest targets are signed by the newest root's targets keys.
       They are not older than the known ones.
    4. Every listed target is there, byte for byte.

    Args:
        files: URL path below the registry's base URL → bytes, such as ``tuf/1.root.json``.
        known: what was accepted before.

    Raises:
        CeremonyRefusedError: ``ceremony-refused``.
    """
    # 1. and 2.
    roots = _numbered(files, "root")
    if known is not None:
        _require_known(roots, known.root)
    root, root_bytes = _newest_root(roots)
    # 3.
    targets = _numbered(files, "targets")
    if not targets:
        raise refused("There are no targets: tuf/1.targets.json is missing.")
    targets_bytes = targets[max(targets)]
    signed = _delegate(root, Targets, targets_bytes, f"targets version {max(targets)}")
    if signed.version != max(targets):
        raise refused(f"The file of targets version {max(targets)} says version {signed.version}.")
    if known is not None:
        _require_newer(trusted_file(signed.version, targets_bytes), known.targets)
    # 4.
    kept = {tuf_layout.metadata_path("root", version): data for version, data in roots.items()}
    kept[tuf_layout.metadata_path("targets", signed.version)] = targets_bytes
    for target in signed.targets.values():
        path = tuf_layout.target_path(target.path, target.hashes.get("sha256", ""))
        kept[path] = _require_target(files, path, target)
    return Authority(root, root_bytes, signed, targets_bytes, kept)


def require_fit(authority: Authority, key: Key, *, now: int) -> None:
    """Refuses an authority under which nothing that the online key signs would be accepted.

    Raises:
        CeremonyRefusedError: ``ceremony-refused``: expired, not consistent, other bins, or another key.
    """
    root, targets = authority.root, authority.targets
    if authority.expires_at <= now:
        raise refused("Root or targets have expired.")
    if not root.consistent_snapshot:
        raise refused("The root does not ask for consistent snapshots.")
    succinct = targets.delegations.succinct_roles if targets.delegations else None
    if succinct is None or (succinct.bit_length, succinct.name_prefix) != (
        tuf_layout.BIN_BITS,
        tuf_layout.BIN_PREFIX,
    ):
        raise refused("The targets do not delegate the index to the 256 bins that the registry writes.")
    delegated = targets.delegations.keys if targets.delegations else {}
    for what, role, keys in (
        ("timestamp", root.roles[Timestamp.type], root.keys),
        ("snapshot", root.roles[Snapshot.type], root.keys),
        ("the bins", succinct, delegated),
    ):
        if role.keyids != [key.keyid] or role.threshold != 1 or keys.get(key.keyid) != key:
            raise refused(f"For {what} they name other keys than the registry's index key {key.keyid}.")


def refused(why: str) -> CeremonyRefusedError:
    """Returns the refusal of a ceremony's files."""
    return CeremonyRefusedError(
        "Root and targets of the registry are not acceptable.",
        why=why,
        fix="Run `python -m infra.ceremony verify FOLDER`, mend what it names, and publish again.",
    )


def _numbered(files: Mapping[str, bytes], role: str) -> dict[int, bytes]:
    found = ((_NUMBERED.fullmatch(path), data) for path, data in files.items())
    return {int(match[1]): data for match, data in found if match is not None and match[2] == role}


def _require_known(roots: Mapping[int, bytes], known: TrustedFile) -> None:
    present = roots.get(known.version, b"")
    if not hmac.compare_digest(hashlib.sha256(present).hexdigest(), known.sha256_hex):
        raise refused(f"Root version {known.version} is not the one that the registry accepted.")


def _require_newer(targets: TrustedFile, known: TrustedFile) -> None:
    if targets.version < known.version or (targets.version == known.version and targets != known):
        raise refused(f"The targets are not newer than version {known.version}, which the registry accepted.")


def _newest_root(roots: Mapping[int, bytes]) -> tuple[Root, bytes]:
    versions = sorted(roots)
    if not versions or versions != list(range(versions[0], versions[0] + len(versions))):
        raise refused(f"There are roots of versions {versions}: every one from the first on is needed.")
    trusted: Root | None = None
    for version in versions:
        what = f"root version {version}"
        if len(roots[version]) > tuf_layout.MAX_ROOT_BYTES:
            raise refused(f"The {what} is larger than clients read.")
        if trusted is not None:
            _delegate(trusted, Root, roots[version], what)
        signed = _delegate(_metadata(Root, roots[version], what).signed, Root, roots[version], what)
        if signed.version != version:
            raise refused(f"The file of {what} says version {signed.version}.")
        _require_distinct(signed, what)
        trusted = signed
    if trusted is None:
        raise refused("There is no root: tuf/1.root.json is missing.")
    return trusted, roots[versions[-1]]


def _require_distinct(root: Root, what: str) -> None:
    """A client counts the ids of keys, so one key under two ids would meet a threshold of two alone."""
    try:
        held = {
            role: [material_of(root.keys[key_id]) for key_id in root.roles[role].keyids]
            for role in root.roles
        }
    except Exception as exc:  # whatever a key's reader raises, it is no key
        raise refused(f"The {what} names a key that cannot be read.") from exc
    for role in (Root.type, Targets.type):
        if len(set(held[role])) != len(held[role]):
            raise refused(f"The {what} names one key twice for {role}.")
        if not set(held[role]).isdisjoint(held[Timestamp.type] + held[Snapshot.type]):
            raise refused(f"The {what} lets the online key sign for {role}.")


def _delegate(by: Root, kind: type[A], data: bytes, what: str) -> A:
    """Returns signed metadata that meets the threshold of its role in ``by``."""
    metadata = _metadata(kind, data, what)
    try:
        by.verify_delegate(kind.type, metadata.signed_bytes, metadata.signatures)
    except Exception as exc:  # whatever a verification raises, it did not verify
        raise refused(f"The {what} is not signed by the threshold of root version {by.version}.") from exc
    return metadata.signed


def _metadata(kind: type[A], data: bytes, what: str) -> Metadata[A]:
    try:
        metadata: Metadata[A] = Metadata.from_bytes(data)
    except (DeserializationError, RepositoryError, ValueError) as exc:
        raise refused(f"The {what} is no TUF metadata.") from exc
    if metadata.signed.type != kind.type:
        raise refused(f"The {what} is metadata of another kind.")
    return metadata


def _require_target(files: Mapping[str, bytes], path: str, target: TargetFile) -> bytes:
    data = files.get(path)
    if data is None:
        raise refused(f"The target {target.path} is missing: {path}.")
    try:
        target.verify_length_and_hashes(data)
    except RepositoryError as exc:
        raise refused(f"The target {target.path} has other bytes than were signed.") from exc
    return data
