"""The folder of a ceremony: the signed files by their URL paths below the registry's base, and how they grow.

Every step adds files and changes none, so a folder that was copied to an offline
machine and back can be compared by eye: ``tuf/2.root.json`` is new, the rest is as
it was.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Targets

from chalicelib.adapters.tuf.authority import Authority, read_authority
from infra.ceremony.keys import CeremonyError
from infra.ceremony.roles import (
    RootPlan,
    composed_root,
    composed_targets,
    plan_of,
    signed_file,
    with_signatures,
)
from tank_core import tuf_layout

_PARTS = (tuf_layout.METADATA, tuf_layout.TARGETS)


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What was signed so far.

    Attributes:
        path: made by the first step.
    """

    path: Path

    def files(self) -> dict[str, bytes]:
        """Returns URL path → bytes of everything in the folder."""
        return {
            found.relative_to(self.path).as_posix(): found.read_bytes()
            for part in _PARTS
            for found in sorted((self.path / part).rglob("*.json"))
        }

    def authority(self) -> Authority:
        """Returns the newest root and targets, verified from the first root on.

        Raises:
            CeremonyRefusedError: ``ceremony-refused``.
        """
        return read_authority(self.files())

    def root(self) -> Root | None:
        """Returns the newest root, unverified; None before the first."""
        data = self._newest("root")
        return Metadata[Root].from_bytes(data).signed if data is not None else None

    def targets(self) -> Targets | None:
        """Returns the newest targets, unverified; None before the first."""
        data = self._newest("targets")
        return Metadata[Targets].from_bytes(data).signed if data is not None else None

    def target(self, target: str) -> bytes | None:
        """Returns the bytes of a target of the newest targets, or None."""
        targets = self.targets()
        listed = targets.targets.get(target) if targets else None
        if listed is None:
            return None
        return (self.path / tuf_layout.target_path(target, listed.hashes["sha256"])).read_bytes()

    def sign_root(self, plan: RootPlan, signers: Sequence[CryptoSigner], *, now: int) -> int:
        """Adds the next root and returns its version.

        Args:
            plan: what it says.
            signers: for a change of keys those of the old root and of the new one.
            now: epoch seconds.

        Raises:
            CeremonyError: the plan contradicts itself.
        """
        before = self.root()
        version = before.version + 1 if before else 1
        file = signed_file(composed_root(plan, version=version, now=now), signers)
        self._add({tuf_layout.metadata_path("root", version): file})
        return version

    def sign_targets(
        self, contents: Mapping[str, bytes], signers: Sequence[CryptoSigner], *, now: int
    ) -> int:
        """Adds the next targets, which list exactly these contents, and returns their version.

        Raises:
            CeremonyError: there is no root yet.
        """
        root, before = self.root(), self.targets()
        if root is None:
            raise CeremonyError("there is no root yet: init comes first")
        version = before.version + 1 if before else 1
        targets, files = composed_targets(contents, plan_of(root).online, version=version, now=now)
        self._add({**files, tuf_layout.metadata_path("targets", version): signed_file(targets, signers)})
        return version

    def add_signatures(self, role: str, signers: Sequence[CryptoSigner]) -> None:
        """Signs the newest root or targets with more keys: the one step that changes a file.

        Raises:
            CeremonyError: there is none.
        """
        path = self._newest_path(role)
        if path is None:
            raise CeremonyError(f"there is no {role} to sign")
        path.write_bytes(with_signatures(path.read_bytes(), signers))

    def _newest(self, role: str) -> bytes | None:
        path = self._newest_path(role)
        return path.read_bytes() if path is not None else None

    def _newest_path(self, role: str) -> Path | None:
        found = (self.path / tuf_layout.METADATA).glob(f"*.{role}.json")
        return max(found, key=lambda path: int(path.name.partition(".")[0]), default=None)

    def _add(self, files: Mapping[str, bytes]) -> None:
        """Writes new files, synced, metadata last; a file that is there keeps its bytes."""
        for name, data in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.read_bytes() == data:
                continue
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
