"""Skills and their published versions, in SQLite."""

from __future__ import annotations

import dataclasses

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.adapters.documents import SKILLS, VERSIONS
from chalicelib.ports.catalog import ALIKE_PER_KEY
from chalicelib.ports.errors import ConditionFailed, InvalidCursor, Missing
from infra.local.sqlite import audit_trail
from infra.local.sqlite.database import Database, Rows
from infra.local.sqlite.publishes import replace_attempt
from tank_core.entities import (
    AuditEvent,
    Availability,
    Page,
    Publish,
    Skill,
    SkillVersion,
    WaiverReference,
)
from tank_core.likeness import keys_of
from tank_core.names import SkillName
from tank_core.search import ranked, terms_of
from tank_core.semver import Version

_OLDEST_OF_KEY = "SELECT name FROM name_keys WHERE key = ? ORDER BY created_at, name LIMIT ?"
_LAST_CHARACTER = "\U0010ffff"  # sorts after every continuation of a prefix


class SqliteCatalog:
    """Keeps what is published."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def skill(self, name: str) -> Skill | None:
        """Returns the skill, or None."""
        with self._database.reading() as rows:
            return _skill(rows, name)

    def has_skill_of(self, org: str) -> bool:
        """Returns whether the organisation ever published a skill."""
        with self._database.reading() as rows:
            prefix = f"@{org}/"
            found = rows.execute(
                "SELECT 1 FROM skills WHERE name >= ? AND name < ? LIMIT 1",
                (prefix, prefix + _LAST_CHARACTER),
            ).fetchone()
        return found is not None

    def names(self) -> tuple[str, ...]:
        """Returns the names of all skills, sorted."""
        with self._database.reading() as rows:
            return tuple(str(row[0]) for row in rows.execute("SELECT name FROM skills ORDER BY name"))

    def alike(self, name: str) -> tuple[Skill, ...]:
        """Returns the other skills that share a key with the name, sorted by name."""
        with self._database.reading() as rows:
            found = {
                other
                for key in keys_of(SkillName.parse(name))
                for (other,) in rows.execute(_OLDEST_OF_KEY, (key, ALIKE_PER_KEY))
            } - {name}
            skills = (_skill(rows, other) for other in sorted(found))
            return tuple(skill for skill in skills if skill is not None)

    def version(self, name: str, version: str) -> SkillVersion | None:
        """Returns one published version, or None."""
        with self._database.reading() as rows:
            return _version(rows, name, version)

    def versions(self, name: str) -> tuple[SkillVersion, ...]:
        """Returns all published versions, lowest first."""
        with self._database.reading() as rows:
            found = rows.execute("SELECT document FROM versions WHERE name = ?", (name,)).fetchall()
        versions = [VERSIONS.entity(document) for (document,) in found]
        return tuple(sorted(versions, key=lambda v: Version.parse(v.version)))

    def record(self, version: SkillVersion, skill: Skill, publish: Publish, event: AuditEvent) -> None:
        """Writes version, skill, publish and event in one transaction, or nothing."""
        with self._database.writing() as rows:
            present = _version(rows, version.name, version.version)
            if present is not None:
                if present.publish_id == version.publish_id:
                    return
                raise ConditionFailed("the version is published by another attempt")
            replace_attempt(rows, publish)
            _put_skill(rows, skill)
            _add_name_keys(rows, skill)
            rows.execute(
                "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?)",
                (
                    version.name,
                    version.version,
                    version.publish_id,
                    version.availability,
                    VERSIONS.text(version),
                    version.settled_rule_set,
                ),
            )
            audit_trail.append(rows, event)

    def set_availability(
        self,
        name: str,
        version: str,
        availability: Availability,
        reason: str,
        *,
        latest: str,
        event: AuditEvent,
    ) -> None:
        """Changes availability, the skill's latest and the trail in one transaction."""
        with self._database.writing() as rows:
            present, skill = _version(rows, name, version), _skill(rows, name)
            if present is None or skill is None:
                raise Missing("no such version")
            _put_version(
                rows, dataclasses.replace(present, availability=availability, availability_reason=reason)
            )
            _put_skill(rows, dataclasses.replace(skill, latest=latest, updated_at=event.at))
            audit_trail.append(rows, event)

    def set_latest(self, name: str, latest: str) -> None:
        """Corrects the skill's latest."""
        with self._database.writing() as rows:
            skill = _skill(rows, name)
            if skill is None:
                raise Missing("no such skill")
            _put_skill(rows, dataclasses.replace(skill, latest=latest))

    def set_deprecation(self, name: str, version: str, message: str, *, event: AuditEvent) -> None:
        """Sets or clears the deprecation, with the event, in one transaction."""
        with self._database.writing() as rows:
            present = _version(rows, name, version)
            if present is None:
                raise Missing("no such version")
            _put_version(rows, dataclasses.replace(present, deprecation=message))
            audit_trail.append(rows, event)

    def set_waivers(
        self,
        name: str,
        version: str,
        waivers: tuple[WaiverReference, ...],
        *,
        before: tuple[WaiverReference, ...],
    ) -> None:
        """Corrects which waivers a version names."""
        with self._database.writing() as rows:
            present = _present(rows, name, version)
            if present.waivers != before:
                raise ConditionFailed("the version names other waivers by now")
            _put_version(rows, present.with_waivers(waivers))

    def scanned_otherwise(self, rule_set: str, *, cursor: str, limit: int) -> Page[SkillVersion]:
        """Returns one page of the versions that were not settled with these rules, by name and version."""
        name, _, version = key_of(cursor).partition(" ")
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT document FROM versions WHERE settled_rule_set != ? AND (name, version) > (?, ?)"
                " ORDER BY name, version LIMIT ?",
                (rule_set, name, version, limit + 1),
            ).fetchall()
        items = tuple(VERSIONS.entity(document) for (document,) in found[:limit])
        more = len(found) > limit
        return Page(items, cursor_after(f"{items[-1].name} {items[-1].version}") if more else "")

    def record_scan(self, after: SkillVersion, *, before: SkillVersion, event: AuditEvent | None) -> None:
        """Writes how a version is judged now, with the event, in one transaction."""
        with self._database.writing() as rows:
            present = _present(rows, after.name, after.version)
            if present.availability is Availability.WITHDRAWN or present != present.with_scan_of(before):
                raise ConditionFailed("the version is judged otherwise by now, or withdrawn")
            _put_version(rows, present.with_scan_of(after))
            if event is not None:
                audit_trail.append(rows, event)

    def settle_scan(self, name: str, version: str, rule_set: str) -> None:
        """Sets the rule set whose verdict every reader sees."""
        with self._database.writing() as rows:
            present = _present(rows, name, version)
            if present.rule_set != rule_set:
                raise ConditionFailed("the version is judged by other rules by now")
            _put_version(rows, dataclasses.replace(present, settled_rule_set=rule_set))

    def count_failed_scan(self, name: str, version: str, rule_set: str) -> int:
        """Counts a rescan that broke off."""
        with self._database.writing() as rows:
            present = _present(rows, name, version)
            count = present.failed_scans + 1 if present.failed_rule_set == rule_set else 1
            _put_version(rows, dataclasses.replace(present, failed_rule_set=rule_set, failed_scans=count))
        return count

    def search(self, terms: tuple[str, ...], *, cursor: str, limit: int) -> Page[Skill]:
        """Returns one page of the skills that all terms find, in the order of ``ranked``."""
        after = key_of(cursor)
        with self._database.reading() as rows:
            matching = _matching(rows, terms)
            last = _skill(rows, after) if after else None
        if after and last is None:
            raise InvalidCursor("names no skill")
        if last is not None:
            # The page before ended with it; it keeps its place even if it matches no more.
            matching[last.name] = last
        order = ranked(tuple(matching.values()), terms)
        start = order.index(last) + 1 if last is not None else 0
        items = order[start : start + limit]
        return Page(items, cursor_after(items[-1].name) if start + limit < len(order) else "")


def _skill(rows: Rows, name: str) -> Skill | None:
    found = rows.execute("SELECT document FROM skills WHERE name = ?", (name,)).fetchone()
    return SKILLS.entity(found[0]) if found else None


def _version(rows: Rows, name: str, version: str) -> SkillVersion | None:
    query = "SELECT document FROM versions WHERE name = ? AND version = ?"
    found = rows.execute(query, (name, version)).fetchone()
    return VERSIONS.entity(found[0]) if found else None


def _present(rows: Rows, name: str, version: str) -> SkillVersion:
    present = _version(rows, name, version)
    if present is None:
        raise Missing("no such version")
    return present


def _put_skill(rows: Rows, skill: Skill) -> None:
    rows.execute(
        "INSERT INTO skills VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document",
        (skill.name, SKILLS.text(skill)),
    )
    rows.execute("DELETE FROM skill_terms WHERE name = ?", (skill.name,))
    rows.executemany(
        "INSERT INTO skill_terms VALUES (?, ?)", [(term, skill.name) for term in sorted(set(terms_of(skill)))]
    )


def _add_name_keys(rows: Rows, skill: Skill) -> None:
    keys = keys_of(SkillName.parse(skill.name))
    rows.executemany(
        "INSERT OR IGNORE INTO name_keys VALUES (?, ?, ?)",
        [(key, skill.created_at, skill.name) for key in keys],
    )


def _put_version(rows: Rows, version: SkillVersion) -> None:
    rows.execute(
        "UPDATE versions SET availability = ?, document = ?, settled_rule_set = ? WHERE name = ? AND version = ?",
        (
            version.availability,
            VERSIONS.text(version),
            version.settled_rule_set,
            version.name,
            version.version,
        ),
    )


def _matching(rows: Rows, terms: tuple[str, ...]) -> dict[str, Skill]:
    listed = "SELECT name FROM versions WHERE availability = ?"
    arguments: list[str] = [Availability.AVAILABLE]
    for term in terms:
        listed += " INTERSECT SELECT name FROM skill_terms WHERE term >= ? AND term < ?"
        arguments += [term, term + _LAST_CHARACTER]
    query = f"SELECT name, document FROM skills WHERE name IN ({listed})"  # noqa: S608  # placeholders only
    return {name: SKILLS.entity(document) for name, document in rows.execute(query, arguments)}
