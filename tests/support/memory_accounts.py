"""Accounts in memory, with every condition of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.entities import AuditEvent, Org, Publisher, Token
from tests.support.memory_state import MemoryState


@dataclass(slots=True)
class MemoryAccounts:
    state: MemoryState
    publishers: dict[str, Publisher] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    orgs: dict[str, Org] = field(default_factory=dict)

    def publisher(self, publisher_id: str) -> Publisher | None:
        return self.publishers.get(publisher_id)

    def put_publisher(self, publisher: Publisher, event: AuditEvent) -> None:
        with self.state.lock:
            if publisher.publisher_id in self.publishers:
                raise ConditionFailed(publisher.publisher_id)
            self.state.append(event)
            self.publishers[publisher.publisher_id] = publisher

    def token_by_secret(self, secret_sha256: str) -> Token | None:
        with self.state.lock:
            return next((t for t in self.tokens.values() if t.secret_sha256 == secret_sha256), None)

    def token(self, token_id: str) -> Token | None:
        return self.tokens.get(token_id)

    def tokens_of(self, publisher_id: str) -> tuple[Token, ...]:
        with self.state.lock:
            own = [t for t in self.tokens.values() if t.publisher_id == publisher_id]
        return tuple(sorted(own, key=lambda t: (t.created_at, t.token_id), reverse=True))

    def put_token(self, token: Token, event: AuditEvent) -> None:
        with self.state.lock:
            if token.token_id in self.tokens or self.token_by_secret(token.secret_sha256) is not None:
                raise ConditionFailed(token.token_id)
            self.state.append(event)
            self.tokens[token.token_id] = token

    def use_ticket(self, token_id: str, publish_id: str) -> None:
        with self.state.lock:
            token = self.tokens.get(token_id)
            if token is None:
                raise Missing(token_id)
            if token.publish_id not in ("", publish_id):
                raise ConditionFailed(token.publish_id)
            self.tokens[token_id] = replace(token, publish_id=publish_id)

    def revoke_token(self, token_id: str, at: int, event: AuditEvent) -> None:
        with self.state.lock:
            token = self.tokens.get(token_id)
            if token is None:
                raise Missing(token_id)
            if token.revoked_at is None:
                self.state.append(event)
                self.tokens[token_id] = replace(token, revoked_at=at)

    def org(self, org: str) -> Org | None:
        return self.orgs.get(org)

    def orgs_of(self, publisher_id: str) -> tuple[Org, ...]:
        with self.state.lock:
            return tuple(
                sorted((o for o in self.orgs.values() if publisher_id in o.members), key=lambda o: o.org)
            )

    def create_org(self, org: Org, event: AuditEvent) -> None:
        with self.state.lock:
            if org.org in self.orgs:
                raise ConditionFailed(org.org)
            self.state.append(event)
            self.orgs[org.org] = org

    def update_org(self, org: Org, *events: AuditEvent) -> Org:
        with self.state.lock:
            stored = self.orgs.get(org.org)
            if stored is None:
                raise Missing(org.org)
            if stored.revision != org.revision:
                raise ConditionFailed(f"revision is {stored.revision}, not {org.revision}")
            for event in events:
                self.state.append(event)
            written = replace(org, revision=org.revision + 1)
            self.orgs[org.org] = written
            return written
