"""Catalog, publishes and audit trail in memory, with every condition of their contracts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chalicelib.adapters.cursors import cursor_after, key_of
from chalicelib.ports.catalog import ALIKE_PER_KEY
from chalicelib.ports.errors import ConditionFailed, Missing
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
from tank_core.publish import PublishState
from tank_core.search import matches, ranked
from tank_core.semver import Version
from tests.support.memory_state import MemoryState, page_of

_FREES = frozenset({PublishState.PUBLISHED, PublishState.REJECTED, PublishState.EXPIRED})


@dataclass(slots=True)
class MemoryPublishes:
    state: MemoryState
    attempts: dict[str, Publish] = field(default_factory=dict)
    holders: dict[tuple[str, str], str] = field(default_factory=dict)
    published: dict[tuple[str, str], SkillVersion] = field(default_factory=dict)  # the catalog's own

    def reserve(self, publish: Publish, *, now: int) -> None:
        with self.state.lock:
            key = (publish.name, publish.version)
            if key in self.published or publish.publish_id in self.attempts or self._is_held(key, now):
                raise ConditionFailed(f"{key} is taken")
            self.attempts[publish.publish_id] = publish
            self.holders[key] = publish.publish_id

    def get(self, publish_id: str) -> Publish | None:
        return self.attempts.get(publish_id)

    def holder(self, name: str, version: str) -> Publish | None:
        return self.attempts.get(self.holders.get((name, version), ""))

    def advance(self, publish: Publish, event: AuditEvent | None = None) -> Publish:
        with self.state.lock:
            self.check_revision(publish)
            if event is not None:
                self.state.append(event)
            return self.write(publish)

    def unfinished(self, *, limit: int = 1000) -> tuple[Publish, ...]:
        with self.state.lock:
            waiting = (
                p for p in self.attempts.values() if p.state in (PublishState.RESERVED, PublishState.RUNNING)
            )
            return tuple(sorted(waiting, key=lambda p: (p.created_at, p.publish_id)))[:limit]

    def check_revision(self, publish: Publish) -> None:
        stored = self.attempts.get(publish.publish_id)
        if stored is None:
            raise Missing(publish.publish_id)
        if stored.revision != publish.revision:
            raise ConditionFailed(f"revision is {stored.revision}, not {publish.revision}")

    def write(self, publish: Publish) -> Publish:
        written = replace(publish, revision=publish.revision + 1)
        self.attempts[publish.publish_id] = written
        return written

    def _is_held(self, key: tuple[str, str], now: int) -> bool:
        holder = self.attempts.get(self.holders.get(key, ""))
        if holder is None or holder.state in _FREES:
            return False
        return holder.state is not PublishState.RESERVED or now <= holder.expires_at


@dataclass(slots=True)
class MemoryCatalog:
    state: MemoryState
    publishes: MemoryPublishes
    skills: dict[str, Skill] = field(default_factory=dict)

    def skill(self, name: str) -> Skill | None:
        return self.skills.get(name)

    def has_skill_of(self, org: str) -> bool:
        return any(name.startswith(f"@{org}/") for name in tuple(self.skills))

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.skills))

    def alike(self, name: str) -> tuple[Skill, ...]:
        found = set[str]()
        for key in keys_of(SkillName.parse(name)):
            having = [s for s in self.skills.values() if key in keys_of(SkillName.parse(s.name))]
            having.sort(key=lambda skill: (skill.created_at, skill.name))
            found.update(skill.name for skill in having[:ALIKE_PER_KEY])
        return tuple(self.skills[other] for other in sorted(found - {name}))

    def version(self, name: str, version: str) -> SkillVersion | None:
        return self.publishes.published.get((name, version))

    def versions(self, name: str) -> tuple[SkillVersion, ...]:
        with self.state.lock:
            found = [v for (owner, _), v in self.publishes.published.items() if owner == name]
        return tuple(sorted(found, key=lambda v: Version.parse(v.version)))

    def record(self, version: SkillVersion, skill: Skill, publish: Publish, event: AuditEvent) -> None:
        with self.state.lock:
            key = (version.name, version.version)
            existing = self.publishes.published.get(key)
            if existing is not None and existing.publish_id == version.publish_id:
                return
            if existing is not None:
                raise ConditionFailed(f"{key} is published by {existing.publish_id}")
            self.publishes.check_revision(publish)
            self.state.append(event)
            self.publishes.published[key] = version
            self.skills[skill.name] = skill
            self.publishes.write(publish)

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
        with self.state.lock:
            stored = self._stored(name, version)
            self.state.append(event)
            self.publishes.published[(name, version)] = replace(
                stored, availability=availability, availability_reason=reason
            )
            self.skills[name] = replace(self.skills[name], latest=latest, updated_at=event.at)

    def set_latest(self, name: str, latest: str) -> None:
        with self.state.lock:
            if name not in self.skills:
                raise Missing(name)
            self.skills[name] = replace(self.skills[name], latest=latest)

    def set_deprecation(self, name: str, version: str, message: str, *, event: AuditEvent) -> None:
        with self.state.lock:
            stored = self._stored(name, version)
            self.state.append(event)
            self.publishes.published[(name, version)] = replace(stored, deprecation=message)

    def set_waivers(
        self,
        name: str,
        version: str,
        waivers: tuple[WaiverReference, ...],
        *,
        before: tuple[WaiverReference, ...],
    ) -> None:
        with self.state.lock:
            stored = self._stored(name, version)
            if stored.waivers != before:
                raise ConditionFailed("names other waivers")
            self.publishes.published[(name, version)] = stored.with_waivers(waivers)

    def scanned_otherwise(self, rule_set: str, *, cursor: str, limit: int) -> Page[SkillVersion]:
        with self.state.lock:
            found = [v for v in self.publishes.published.values() if v.settled_rule_set != rule_set]
        ordered = sorted(found, key=lambda v: (v.name, v.version))
        after = key_of(cursor)
        rest = [v for v in ordered if _key(v) > after]
        items = tuple(rest[:limit])
        return Page(items, cursor_after(_key(items[-1])) if len(rest) > limit else "")

    def record_scan(self, after: SkillVersion, *, before: SkillVersion, event: AuditEvent | None) -> None:
        with self.state.lock:
            stored = self._stored(after.name, after.version)
            if stored.availability is Availability.WITHDRAWN or stored != stored.with_scan_of(before):
                raise ConditionFailed("judged otherwise, or withdrawn")
            if event is not None:
                self.state.append(event)
            self.publishes.published[(after.name, after.version)] = stored.with_scan_of(after)

    def settle_scan(self, name: str, version: str, rule_set: str) -> None:
        with self.state.lock:
            stored = self._stored(name, version)
            if stored.rule_set != rule_set:
                raise ConditionFailed(f"judged by {stored.rule_set}")
            self.publishes.published[(name, version)] = replace(stored, settled_rule_set=rule_set)

    def count_failed_scan(self, name: str, version: str, rule_set: str) -> int:
        with self.state.lock:
            stored = self._stored(name, version)
            count = stored.failed_scans + 1 if stored.failed_rule_set == rule_set else 1
            changed = replace(stored, failed_rule_set=rule_set, failed_scans=count)
            self.publishes.published[(name, version)] = changed
        return count

    def search(self, terms: tuple[str, ...], *, cursor: str, limit: int) -> Page[Skill]:
        with self.state.lock:
            available = {
                v.name for v in self.publishes.published.values() if v.availability is Availability.AVAILABLE
            }
            found = [s for s in self.skills.values() if s.name in available and matches(s, terms)]
        return page_of(ranked(found, terms), lambda s: s.name, cursor=cursor, limit=limit)

    def _stored(self, name: str, version: str) -> SkillVersion:
        stored = self.publishes.published.get((name, version))
        if stored is None:
            raise Missing(f"{name}@{version}")
        return stored


def _key(version: SkillVersion) -> str:
    return f"{version.name} {version.version}"


@dataclass(slots=True)
class MemoryAuditTrail:
    state: MemoryState

    def events(self, subject: str, *, cursor: str, limit: int) -> Page[AuditEvent]:
        with self.state.lock:
            found = [e for e in self.state.trail.values() if _is_about(e.subject, subject)]
        newest_first = sorted(found, key=lambda e: e.event_id, reverse=True)
        return page_of(newest_first, lambda e: e.event_id, cursor=cursor, limit=limit)


def _is_about(subject: str, asked: str) -> bool:
    return subject == asked or (asked.startswith("skill:") and subject.startswith(f"{asked}@"))
