"""A package that was verified: what its files are, and how they get into a directory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli.extract import extract
from tank_cli.store import TreeStore
from tank_cli.tree import FileFact, facts_of, hash_of

if TYPE_CHECKING:
    from tank_core.archive import ArchiveEntry

Entries = Callable[[], "tuple[ArchiveEntry, ...]"]


@dataclass(frozen=True, slots=True)
class Package:
    """One verified package.

    Attributes:
        tree_hash: over all its files.
        facts: path → hash and mode.
        write: makes the directory that it is given, which must not exist, with exactly these files.
    """

    tree_hash: str
    facts: Mapping[str, FileFact]
    write: Callable[[Path], None]

    @classmethod
    def unpacked(cls, entries: tuple[ArchiveEntry, ...]) -> Package:
        """Returns the package of an archive's files, which it holds in memory."""
        facts = facts_of(entries)
        return cls(hash_of(facts), facts, lambda target: extract(entries, target))

    @classmethod
    def stored(cls, store: TreeStore, tree_hash: str, again: Entries) -> Package | None:
        """Returns the package of an entry of the store; None without an undamaged one.

        ``again``: returns the verified files from elsewhere, for when the entry is cleared away meanwhile.
        """
        facts = store.facts(tree_hash)
        return None if facts is None else cls._in_store(store, tree_hash, facts, again)

    def kept(self, store: TreeStore, entries: tuple[ArchiveEntry, ...], again: Entries) -> Package:
        """Returns the same package as one of the store, which gets its files; or this one where it keeps none.

        So what a hundred packages hold is on the disk, and not in memory until the last one is verified.
        """
        if not store.add(self.tree_hash, entries):
            return self
        return self._in_store(store, self.tree_hash, self.facts, again)

    @classmethod
    def _in_store(
        cls, store: TreeStore, tree_hash: str, facts: Mapping[str, FileFact], again: Entries
    ) -> Package:
        def write(target: Path) -> None:
            try:
                store.place(tree_hash, facts, target)
            except FileNotFoundError:  # as `tank cache clean` leaves it
                shutil.rmtree(target, ignore_errors=True)
                extract(again(), target)

        return cls(tree_hash, facts, write)
