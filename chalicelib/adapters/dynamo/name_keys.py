"""Names that are alike, over a table of keys.

A row says that a skill has a key; the skill's own row decides. Keys are written before
the skill, as its search terms are, and never removed, because names are never freed.
They need no room in the publishing transaction, which has fewer actions than a name may have keys.
"""

from __future__ import annotations

from chalicelib.adapters.dynamo.access import read_many, store_errors
from chalicelib.adapters.dynamo.search_index import skill_of
from chalicelib.adapters.dynamo.tables import Tables
from chalicelib.ports.catalog import ALIKE_PER_KEY
from tank_core.entities import Skill
from tank_core.likeness import keys_of
from tank_core.names import SkillName


class NameKeys:
    """Keeps and reads the keys of skills' names."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, skill: Skill) -> None:
        """Makes a skill findable by names like its own; safe to repeat."""
        rows, entry = self._tables.name_keys, f"{skill.created_at:012d} {skill.name}"
        with store_errors("write name keys"), rows.batch_write() as batch:
            for key in keys_of(SkillName.parse(skill.name)):
                batch.save(rows(key, entry))

    def alike(self, name: str) -> tuple[Skill, ...]:
        """See ``Catalog.alike``."""
        found = {entry for key in keys_of(SkillName.parse(name)) for entry in self._entries(key)}
        names = {entry.partition(" ")[2] for entry in found} - {name}
        skills = [skill_of(row) for row in read_many(self._tables.skills, sorted(names))]
        return tuple(sorted(skills, key=lambda skill: skill.name))

    def _entries(self, key: str) -> list[str]:
        with store_errors("look for names alike"):
            rows = self._tables.name_keys.query(key, consistent_read=True, limit=ALIKE_PER_KEY)
            return [row.entry for row in rows]
