"""A registry in memory whose index is signed by the real writer, and clients of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.adapters.tuf.writer import TufIndexWriter
from infra.ceremony.folder import Ceremony
from tank_core.index import index_bytes
from tests.support.memory_index import OfflineKeys
from tests.support.memory_state import IndexStateInMemory
from tests.support.scene import Scene
from tests.support.tuf_reader import Reader

NAME = "@acme/tool"


@dataclass(slots=True)
class SignedRegistry:
    scene: Scene
    state: IndexStateInMemory
    writer: TufIndexWriter
    keys: OfflineKeys
    ceremony: Ceremony
    readers: list[Reader] = field(default_factory=list)

    @property
    def now(self) -> int:
        return self.scene.world.clock.now()

    def publish(self, version: str, name: str = NAME) -> None:
        self.scene.publish(version=version, name=name)

    def reader(self) -> Reader:
        made = Reader.of(self.scene.world.blobs)
        self.readers.append(made)
        return made

    def document(self, name: str = NAME) -> bytes:
        """What the catalog says now."""
        return index_bytes(name, self.scene.world.catalog.versions(name))
