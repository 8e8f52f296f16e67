"""Those who own a part of a registry, and nothing else of it: each class is what one of them can do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.adapters.documents import VERSIONS
from chalicelib.adapters.system import SystemClock
from chalicelib.adapters.tuf.writer import TufIndexWriter
from chalicelib.services import keys
from infra.local.folder import DataFolder
from infra.local.signer import FileSigner
from tank_core import dsse
from tank_core.attestation import PAYLOAD_TYPE, VerificationSummary, statement_bytes
from tank_core.entities import JsonObject, SkillVersion
from tank_core.integrity import sha256_digest
from tests.support.attacked_registry import AttackedRegistry
from tests.support.memory_state import IndexStateInMemory


@dataclass(slots=True)
class StoreOwner:
    """Owns the object store: writes anything under any key, and the files themselves."""

    registry: AttackedRegistry

    def read(self, path: str) -> bytes:
        return self.registry.ports.blobs.get(keys.PUBLIC + path, max_bytes=10**8)

    def serve(self, path: str, data: bytes) -> None:
        """Makes a URL path answer these bytes."""
        self.registry.ports.blobs.put(keys.PUBLIC + path, data)

    def serve_blob(self, data: bytes) -> str:
        digest = sha256_digest(data)
        self.serve(keys.blob(digest).removeprefix(keys.PUBLIC), data)
        return digest

    def overwrite(self, digest: str, data: bytes) -> None:
        """Puts other bytes into the file of a blob."""
        path = self.registry.data / "blobs" / "versions" / digest.removeprefix("sha256:")
        path.chmod(0o600)
        path.write_bytes(data)

    def copy(self) -> Mapping[str, bytes]:
        """Returns everything that readers can get, as it is now."""
        found = self.registry.ports.blobs.list_keys(keys.PUBLIC, limit=10_000)
        return {
            info.key.removeprefix(keys.PUBLIC): self.read(info.key.removeprefix(keys.PUBLIC))
            for info in found
        }

    def restore(self, before: Mapping[str, bytes]) -> None:
        """Serves an earlier state, whole and consistent, and nothing that came after it."""
        now = self.copy()
        for path in now.keys() - before.keys():
            self.registry.ports.blobs.delete(keys.PUBLIC + path)
        for path, data in before.items():
            if now.get(path) != data:
                self.serve(path, data)


@dataclass(slots=True)
class DatabaseOwner:
    """Owns the database: runs any SQL; then waits for the registry to go on with what it finds there."""

    registry: AttackedRegistry

    def execute(self, statement: str, *arguments: object) -> None:
        with closing(sqlite3.connect(self.registry.data / "registry.sqlite")) as connection, connection:
            connection.execute(statement, arguments)

    def change_version(self, name: str, version: str, **changes: Any) -> None:
        changed = replace(self.registry.version(name, version), **changes)
        statement = "UPDATE versions SET document = ?, availability = ? WHERE name = ? AND version = ?"
        self.execute(statement, VERSIONS.text(changed), changed.availability, name, version)
        self.next_round(name)

    def remove_version(self, name: str, version: str) -> None:
        self.execute("DELETE FROM versions WHERE name = ? AND version = ?", name, version)
        self.next_round(name)

    def add_version(self, made: SkillVersion) -> None:
        """Adds a row; any publish of the skill stands in for one that never was."""
        publish_id = self.registry.ports.catalog.versions(made.name)[0].publish_id
        values = (made.name, made.version, publish_id, made.availability, VERSIONS.text(made), "")
        self.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?)", *values)
        self.next_round(made.name)

    def change_org(self, org: str, change: Callable[[JsonObject], None]) -> None:
        with closing(sqlite3.connect(self.registry.data / "registry.sqlite")) as connection, connection:
            (text,) = connection.execute("SELECT document FROM orgs WHERE org = ?", (org,)).fetchone()
            document = json.loads(text)
            change(document)
            connection.execute("UPDATE orgs SET document = ? WHERE org = ?", (json.dumps(document), org))

    def next_round(self, name: str) -> None:
        """The registry's own writer signs what the catalog says, as it does at the next publish."""
        self.registry.ports.index.write([name])


@dataclass(slots=True)
class AttestationKeyThief:
    """Has a copy of a key that signs attestations."""

    signer: FileSigner

    @classmethod
    def of(cls, registry: AttackedRegistry) -> AttestationKeyThief:
        """Returns one who has the registry's key."""
        return cls(FileSigner(DataFolder(registry.data).signing_key))

    def attest(self, summary: VerificationSummary) -> bytes:
        statement = statement_bytes(summary)
        signature = self.signer.sign(dsse.pae(PAYLOAD_TYPE, statement))
        return dsse.envelope_bytes(PAYLOAD_TYPE, statement, self.signer.key_id(), signature)


@dataclass(slots=True)
class IndexKeyThief:
    """Has a copy of the index key, and writes to the object store, without which the key signs to nobody."""

    registry: AttackedRegistry
    state: IndexStateInMemory = field(init=False)

    def __post_init__(self) -> None:
        self.state = IndexStateInMemory(self.registry.embedded.index._state.read())

    def sign(self, *versions: SkillVersion) -> None:
        """Signs an index in which one skill has exactly these versions, and serves it."""
        self._writer(versions).write([versions[0].name])

    def adopt(self, files: Mapping[str, bytes]) -> None:
        """Signs an index under other targets or another root, and serves it."""
        self._writer(()).adopt(files)

    def _writer(self, versions: tuple[SkillVersion, ...]) -> TufIndexWriter:
        return TufIndexWriter(
            blobs=self.registry.ports.blobs,
            catalog=_Forged(versions),  # type: ignore[arg-type]  # only what the writer asks for
            state=self.state,
            signer=FileSigner(DataFolder(self.registry.data).index_key),
            clock=SystemClock(),
        )


@dataclass(frozen=True, slots=True)
class _Forged:
    """A catalog that says what a thief wants."""

    said: tuple[SkillVersion, ...]

    def versions(self, name: str) -> tuple[SkillVersion, ...]:
        return self.said

    def names(self) -> tuple[str, ...]:
        return tuple({version.name for version in self.said})
