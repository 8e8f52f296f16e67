"""A package that was verified: what its files are, and how they get into a directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli.extract import extract
from tank_cli.store import TreeStore
from tank_cli.tree import FileFact, facts_of, hash_of

if TYPE_CHECKING:
    from tank_core.archive import ArchiveEntry


@dataclass(frozen=True, slots=True)
class Package:
    """One verified package.

    Attributes:
        tree_hash: over all its files.
        facts: path → hash and mode.
        entries: the files themselves, where they come from an archive; None for those of the store.
        write: makes the directory that it is given, which must not exist, with exactly these files.
    """

    tree_hash: str
    facts: Mapping[str, FileFact]
    entries: tuple[ArchiveEntry, ...] | None
    write: Callable[[Path], None]

    @classmethod
    def unpacked(cls, store: TreeStore, entries: tuple[ArchiveEntry, ...]) -> Package:
        """Returns the package of an archive's files, which the store gets where it keeps any."""
        facts = facts_of(entries)
        tree_hash = hash_of(facts)

        def write(target: Path) -> None:
            if store.add(tree_hash, entries):
                store.place(tree_hash, facts, target)
            else:
                extract(entries, target)

        return cls(tree_hash, facts, entries, write)

    @classmethod
    def stored(cls, store: TreeStore, tree_hash: str) -> Package | None:
        """Returns the package of an entry of the store; None without an undamaged one."""
        facts = store.facts(tree_hash)
        if facts is None:
            return None
        return cls(tree_hash, facts, None, lambda target: store.place(tree_hash, facts, target))
