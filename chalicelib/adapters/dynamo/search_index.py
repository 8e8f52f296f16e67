"""Search by prefix over an inverted term table.

A row says that a skill has, or once had, a term; the skill's own row decides.
Terms are written before the skill and never removed, so the table always holds
at least what is true and needs no room in the publishing transaction, which has
100 actions while a skill may have more terms than that.

Rows are partitioned by a term's first letter and sorted by term, then name, so
a prefix is one range and an exact name stands at its start. Ranking needs all
candidates at once; a prefix so short that more than ``MAX_CANDIDATES`` rows
begin with it ranks only the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import SKILLS
from chalicelib.adapters.dynamo.access import read, read_many, store_errors
from chalicelib.adapters.dynamo.tables import SkillRow, Tables
from chalicelib.ports.errors import InvalidCursor
from tank_core.entities import Page, Skill
from tank_core.search import ranked, terms_of

MAX_CANDIDATES = 2000
_SEPARATOR = "\x00"  # sorts before every character of a term
_NAMES = "*"  # the partition that lists every skill's name


@dataclass(frozen=True, slots=True)
class _Candidates:
    names: frozenset[str]
    is_complete: bool


class SearchIndex:
    """Keeps and reads the search terms of skills."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, skill: Skill, before: Skill | None) -> None:
        """Makes a skill findable by its terms; ``before`` is the skill as stored, whose terms are there."""
        known = set(terms_of(before)) if before is not None else set()
        rows = self._tables.search_terms
        entries = [
            rows(term[0], f"{term}{_SEPARATOR}{skill.name}") for term in sorted(set(terms_of(skill)) - known)
        ]
        if before is None:
            entries.append(rows(_NAMES, skill.name))
        with store_errors("write search terms"), rows.batch_write() as batch:
            for entry in entries:
                batch.save(entry)

    def page(self, terms: tuple[str, ...], *, cursor: str, limit: int) -> Page[Skill]:
        """Returns one page of the skills that all terms find; see ``Catalog.search``."""
        after = key_of(cursor)
        if not terms:
            return self._listed(after, limit)
        matching = {skill.name: skill for skill in self._shown(self._candidates(terms)) if _has(skill, terms)}
        last = self._last(after)
        if last is not None:
            # The page before ended with it; it keeps its place even if it matches no more.
            matching[last.name] = last
        order = ranked(tuple(matching.values()), terms)
        start = order.index(last) + 1 if last is not None else 0
        items = order[start : start + limit]
        return Page(items, cursor_after(items[-1].name) if start + limit < len(order) else "")

    def has_name_with(self, prefix: str) -> bool:
        """Returns whether a skill's name begins like this; one that was withdrawn keeps its name."""
        rows = self._tables.search_terms
        with store_errors("look for names"):
            found = rows.query(
                _NAMES, range_key_condition=rows.entry.startswith(prefix), consistent_read=True, limit=1
            )
            return any(True for _ in found)

    def _last(self, name: str) -> Skill | None:
        row = read(self._tables.skills, name) if name else None
        if name and row is None:
            raise InvalidCursor("names no skill")
        return skill_of(row) if row is not None else None

    def _listed(self, after: str, limit: int) -> Page[Skill]:
        """Returns one page of all skills by name, reading on until it is full."""
        shown: list[Skill] = []
        while len(shown) <= limit:
            names = self._names(after, limit + 1)
            shown += sorted(self._shown(names), key=lambda skill: skill.name)
            if len(names) <= limit:
                break
            after = names[-1]
        items = tuple(shown[:limit])
        return Page(items, cursor_after(items[-1].name) if len(shown) > limit else "")

    def _names(self, after: str, limit: int) -> list[str]:
        rows = self._tables.search_terms
        condition = rows.entry > after if after else None
        with store_errors("list skills"):
            return [
                row.entry
                for row in rows.query(
                    _NAMES, range_key_condition=condition, consistent_read=True, limit=limit
                )
            ]

    def _candidates(self, terms: tuple[str, ...]) -> list[str]:
        """Returns the names that one of the terms finds: all of them, if any term allows that."""
        found = _Candidates(frozenset(), is_complete=False)
        for term in sorted(set(terms), key=lambda t: (-len(t), t)):
            found = self._with_prefix(term)
            if found.is_complete:
                break
        return sorted(found.names)

    def _with_prefix(self, prefix: str) -> _Candidates:
        rows = self._tables.search_terms
        with store_errors("search"):
            entries = [
                row.entry
                for row in rows.query(
                    prefix[0],
                    range_key_condition=rows.entry.startswith(prefix),
                    consistent_read=True,
                    limit=MAX_CANDIDATES,
                )
            ]
        names = frozenset(entry.partition(_SEPARATOR)[2] for entry in entries)
        return _Candidates(names, is_complete=len(entries) < MAX_CANDIDATES)

    def _shown(self, names: list[str]) -> list[Skill]:
        rows = read_many(self._tables.skills, names)
        return [skill_of(row) for row in rows if row.available_versions > 0]


def _has(skill: Skill, terms: tuple[str, ...]) -> bool:
    own = terms_of(skill)
    return all(any(mine.startswith(term) for mine in own) for term in terms)


def skill_of(row: SkillRow) -> Skill:
    """Returns the skill of a row."""
    return replace(SKILLS.entity(row.document), latest=row.latest)
