"""Appeals in memory, with every condition of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.entities import Appeal, AppealState, AuditEvent, Page
from tests.support.memory_state import MemoryState, page_of


@dataclass(slots=True)
class MemoryAppeals:
    state: MemoryState
    appeals: dict[str, Appeal] = field(default_factory=dict)

    def get(self, appeal_id: str) -> Appeal | None:
        return self.appeals.get(appeal_id)

    def of_version(self, name: str, version: str) -> tuple[Appeal, ...]:
        with self.state.lock:
            found = [a for a in self.appeals.values() if (a.name, a.version) == (name, version)]
        return tuple(sorted(found, key=lambda a: (a.filed_at, a.appeal_id)))

    def open(self, *, cursor: str, limit: int) -> Page[Appeal]:
        with self.state.lock:
            found = [a for a in self.appeals.values() if a.state is AppealState.OPEN]
        oldest_first = sorted(found, key=lambda a: (a.filed_at, a.appeal_id))
        return page_of(oldest_first, lambda a: a.appeal_id, cursor=cursor, limit=limit)

    def file(self, appeal: Appeal, event: AuditEvent) -> None:
        with self.state.lock:
            if appeal.appeal_id in self.appeals:
                raise ConditionFailed(appeal.appeal_id)
            self.state.append(event)
            self.appeals[appeal.appeal_id] = appeal

    def advance(self, appeal: Appeal, event: AuditEvent) -> Appeal:
        with self.state.lock:
            stored = self.appeals.get(appeal.appeal_id)
            if stored is None:
                raise Missing(appeal.appeal_id)
            if stored.revision != appeal.revision:
                raise ConditionFailed(f"revision is {stored.revision}, not {appeal.revision}")
            self.state.append(event)
            advanced = replace(appeal, revision=appeal.revision + 1)
            self.appeals[appeal.appeal_id] = advanced
            return advanced
