"""The port that keeps publishers, tokens and organisations."""

from __future__ import annotations

from typing import Protocol

from tank_core.entities import AuditEvent, Org, Publisher, Token


class Accounts(Protocol):
    """Keeps who may act. Every change comes with its audit event, in one transaction."""

    def publisher(self, publisher_id: str) -> Publisher | None:
        """Returns the publisher, or None."""
        ...

    def put_publisher(self, publisher: Publisher, event: AuditEvent) -> None:
        """Creates a publisher.

        Raises:
            ConditionFailed: the id is taken.
        """
        ...

    def token_by_secret(self, secret_sha256: str) -> Token | None:
        """Returns the token with this hash (64 hex digits), revoked and expired ones too, or None."""
        ...

    def token(self, token_id: str) -> Token | None:
        """Returns the token, or None."""
        ...

    def tokens_of(self, publisher_id: str) -> tuple[Token, ...]:
        """Returns a publisher's tokens, newest first."""
        ...

    def put_token(self, token: Token, event: AuditEvent) -> None:
        """Creates a token.

        Raises:
            ConditionFailed: the id or the secret is taken.
        """
        ...

    def use_ticket(self, token_id: str, publish_id: str) -> None:
        """Binds a ticket to the one publish that it is good for; the same one again changes nothing.

        Of several writers with different publishes exactly one succeeds.

        Raises:
            ConditionFailed: it is bound to another publish.
            Missing: no such token.
        """
        ...

    def revoke_token(self, token_id: str, at: int, event: AuditEvent) -> None:
        """Marks a token revoked; a second time changes nothing and writes no event.

        Raises:
            Missing: no such token.
        """
        ...

    def org(self, org: str) -> Org | None:
        """Returns the organisation, or None. Consistent."""
        ...

    def orgs_of(self, publisher_id: str) -> tuple[Org, ...]:
        """Returns the organisations a publisher is a member of, sorted by name."""
        ...

    def create_org(self, org: Org, event: AuditEvent) -> None:
        """Creates an organisation.

        Raises:
            ConditionFailed: the name is taken.
        """
        ...

    def update_org(self, org: Org, *events: AuditEvent) -> Org:
        """Replaces members, bindings and token rule, with the events; returns it with its new revision.

        Raises:
            ConditionFailed: the stored revision is not ``org.revision``.
            Missing: no such organisation.
        """
        ...
