"""The index as it was kept, where it is there; and what the registry says now, where it may be asked.

For who said ``--prefer-offline`` or ``--offline``. What was kept is verified again
(``kept_metadata``); that it may hide a newer version or a takedown is what the person
chose, and is told with its age, once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from tank_cli.cache import Cache
from tank_cli.client.kept_metadata import Age, KeptMetadata, NotKeptError
from tank_cli.client.trusted_metadata import Target, TrustedMetadata
from tank_core.names import SkillName

T = TypeVar("T")


class KeptFirst:
    """Reads the same as ``TrustedMetadata``.

    Args:
        kept: opens what was kept; called once, when the index is first asked.
        asked: the registry; None where nobody may be asked.
        cache: where the documents are that were kept.
        told: called with the age of what was kept, when it is first used.
    """

    def __init__(
        self,
        kept: Callable[[], tuple[KeptMetadata, Age]],
        asked: TrustedMetadata | None,
        cache: Cache,
        told: Callable[[Age], None],
    ) -> None:
        self._open = kept
        self._kept: KeptMetadata | None = None
        self._asked = asked
        self._cache = cache
        self._told = told

    def documents(self, names: Iterable[SkillName]) -> Mapping[SkillName, Target]:
        """Returns the index document of each skill that the registry has, or had, by name.

        Raises:
            NotKeptError: not-kept; nobody may be asked.
            TankError: as ``TrustedMetadata.documents`` and ``KeptMetadata``.
        """
        wanted = sorted(names)
        return self._first(lambda: self._from_kept(wanted), lambda asked: asked.documents(wanted))

    def download(self, target: Target) -> bytes:
        """Returns the bytes of a document that is not in the cache.

        Raises:
            NotKeptError: not-kept; nobody may be asked.
            TankError: as ``TrustedMetadata.download``.
        """
        if self._asked is None:
            raise NotKeptError.of(target.path)
        return self._asked.download(target)

    def notices(self) -> Target | None:
        """Returns the notices document, which is in the cache or may be asked for; None where there is none.

        Raises:
            NotKeptError: not-kept; nobody may be asked.
            TankError: as ``TrustedMetadata.notices`` and ``KeptMetadata``.
        """

        def from_kept() -> Target | None:
            found = self._opened().notices()
            self._require_present([found] if found else [])
            return found

        return self._first(from_kept, lambda asked: asked.notices())

    def _first(self, kept: Callable[[], T], asked: Callable[[TrustedMetadata], T]) -> T:
        try:
            return kept()
        except NotKeptError:
            if self._asked is None:
                raise
        return asked(self._asked)

    def _from_kept(self, names: Iterable[SkillName]) -> Mapping[SkillName, Target]:
        found = self._opened().documents(names)
        self._require_present(found.values())
        return found

    def _opened(self) -> KeptMetadata:
        if self._kept is None:
            kept, age = self._open()
            self._kept = kept
            self._told(age)
        return self._kept

    def _require_present(self, targets: Collection[Target]) -> None:
        """Refuses what another skill's refresh brought word of, and not the document."""
        present = self._cache.present(target.digest for target in targets)
        for target in targets:
            if target.digest not in present:
                raise NotKeptError.of(target.path)
