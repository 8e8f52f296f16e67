"""The index in memory and unsigned: what services are tested with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tank_core.index import index_bytes
from tests.support.memory_catalog import MemoryCatalog


@dataclass(slots=True)
class MemoryIndex:
    catalog: MemoryCatalog
    documents: dict[str, bytes] = field(default_factory=dict)

    def write(self, names: Sequence[str]) -> None:
        for name in names:
            self.documents[name] = index_bytes(name, self.catalog.versions(name))
