"""Index documents: one per skill, enough to resolve, named by their digest in the registry's TUF metadata.

A document is kept in the cache under its digest, so that one that did not change
costs no request, and one that was altered on this disk is as good as absent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from tank_cli.cache import Cache
from tank_core.absence import SkillNotFoundError
from tank_core.errors import TankError
from tank_core.index import IndexDocument, parse_index
from tank_core.names import SkillName
from tank_core.notices import parse_notices
from tank_core.semver import Version

if TYPE_CHECKING:
    from tank_cli.client.trusted_metadata import Target

_MOST_FOLLOWED = 5_000  # far above any project; a registry must not have a client read all of it
_PARALLEL = 32  # measured best over a network with kept-alive connections: 16 to 32


class SignedIndex(Protocol):
    """Says which index document is the right one: as the registry says now, or as it was kept."""

    def documents(self, names: Iterable[SkillName]) -> Mapping[SkillName, Target]:
        """Returns the index document of each skill that the registry has, by name."""
        ...

    def notices(self) -> Target | None:
        """Returns the notices document; None where the registry writes none."""
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
        self._followed: set[SkillName] = set()

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

    def noticed(self, versions: Mapping[SkillName, Version]) -> set[SkillName]:
        """Returns of which versions the index may have more to tell than a lock knows; reads at most one document.

        Those are what the notices name, and whatever was read in this run anyway. Of a registry that writes
        no notices it is every one: what it has to tell stands in its index alone.

        Args:
            versions: name → the locked version.

        Raises:
            InvalidNoticesError: invalid-notices.
            TankError: as ``fetch``.
        """
        unread = self._unread(set(versions))
        target = self._metadata.notices() if unread else None
        if target is None:
            return set(versions)
        notices = parse_notices(self._content(target))
        return {name for name in versions if name not in unread or notices.names(name, versions[name])}

    def prefetch(self, names: Iterable[SkillName]) -> None:
        """Reads several documents at once; one that fails here fails again, with its words, in ``fetch``.

        Raises:
            TankError: the index itself is refused, or cannot be reached.
        """
        missing = self._unread(set(names))
        if len(missing) < 2:
            return
        with ThreadPoolExecutor(min(_PARALLEL, len(missing))) as pool:
            self._read_wave(missing, pool)

    def prefetch_reachable(self, names: Iterable[SkillName]) -> None:
        """As ``prefetch``, and reads what the newest versions depend on, and so on, wave by wave.

        A resolver nearly always takes the newest versions, and would ask for their dependencies one
        choice after the other. No document is asked for twice, in however many calls.

        Raises:
            TankError: the index itself is refused, or cannot be reached.
        """
        wave = set(names) - self._followed
        if not self._unread(wave):
            return
        with ThreadPoolExecutor(_PARALLEL) as pool:
            self._read_wave(self._unread(wave), pool)
            with contextlib.suppress(TankError):  # of guesses; what is really needed is asked for again
                while wave and len(self._followed) < _MOST_FOLLOWED:
                    self._followed |= wave
                    known = (self._read[name] for name in sorted(wave) if name in self._read)
                    wave = {needed for document in known for needed in _likely(document)} - self._followed
                    self._read_wave(self._unread(wave), pool)

    def _unread(self, names: set[SkillName]) -> set[SkillName]:
        # The difference of a set and a dictionary's keys would look at every key, 407 times for 764 pins.
        return {name for name in names if name not in self._read}

    def _read_wave(self, names: set[SkillName], pool: ThreadPoolExecutor) -> None:
        if names:
            found = self._metadata.documents(names)
            list(pool.map(self._try, found.keys(), found.values()))

    def _try(self, name: SkillName, target: Target) -> None:
        try:
            self._read_document(name, target)
        except TankError:
            return

    def _read_document(self, name: SkillName, target: Target) -> None:
        self._read[name] = parse_index(self._content(target), expected=name)

    def _content(self, target: Target) -> bytes:
        return self._cache.blob_or(target.digest, lambda: self._metadata.download(target))


def _likely(document: IndexDocument) -> Iterable[SkillName]:
    """Returns what the version depends on that a resolver will most likely take; nothing of a bad document."""
    try:
        newest = document.newest()
        entry = document.version(newest) if newest else None
        return entry.dependencies if entry else ()
    except TankError:  # told when the document is used
        return ()
