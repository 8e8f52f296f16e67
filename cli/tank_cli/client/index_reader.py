"""Index documents: one per skill, enough to resolve, named by their digest in the registry's TUF metadata.

A document is kept in the cache under its digest, so that one that did not change
costs no request, and one that was altered on this disk is as good as absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from tank_cli.cache import Cache
from tank_cli.client.transport import CONNECTIONS
from tank_core.absence import SkillNotFoundError
from tank_core.errors import TankError
from tank_core.index import IndexDocument, parse_index
from tank_core.names import SkillName

if TYPE_CHECKING:
    from tank_cli.client.trusted_metadata import Target


class SignedIndex(Protocol):
    """Says which index document is the right one: as the registry says now, or as it was kept."""

    def documents(self, names: Iterable[SkillName]) -> Mapping[SkillName, Target]:
        """Returns the index document of each skill that the registry has, by name."""
        ...

    def download(self, target: Target) -> bytes:
        """Returns the bytes of a document, which have its size and its digest."""
        ...


class IndexReader:
    """Reads index documents of one registry, each at most once per run.

    Args:
        metadata: says which document is the right one.
        cache: where documents stay between runs.
    """

    def __init__(self, metadata: SignedIndex, cache: Cache) -> None:
        self._metadata = metadata
        self._cache = cache
        self._read: dict[SkillName, IndexDocument] = {}

    def fetch(self, name: SkillName) -> IndexDocument:
        """Returns a skill's index document.

        Raises:
            SkillNotFoundError: skill-not-found; the signed index does not list it.
            InvalidIndexError: invalid-index.
            IndexRolledBackError, IndexFrozenError, IndexMixedError, ...: as ``TrustedMetadata.refresh``.
            NetworkError: network-error.
            RegistryError: any other refusal.
        """
        if name not in self._read:
            target = self._metadata.documents([name]).get(name)
            if target is None:
                raise SkillNotFoundError.named(name)
            self._read_document(name, target)
        return self._read[name]

    def prefetch(self, names: Iterable[SkillName]) -> None:
        """Reads several documents at once; one that fails here fails again, with its words, in ``fetch``.

        Raises:
            TankError: the index itself is refused, or cannot be reached.
        """
        missing = set(names) - self._read.keys()
        if len(missing) < 2:
            return
        found = self._metadata.documents(missing)
        with ThreadPoolExecutor(min(CONNECTIONS, len(missing))) as pool:
            list(pool.map(self._try, found.keys(), found.values()))

    def _try(self, name: SkillName, target: Target) -> None:
        try:
            self._read_document(name, target)
        except TankError:
            return

    def _read_document(self, name: SkillName, target: Target) -> None:
        data = self._cache.blob(target.digest)
        if data is None:
            data = self._metadata.download(target)
            self._cache.add_blob(target.digest, data)
        self._read[name] = parse_index(data, expected=name)
