"""Publishers, tokens and organisations in DynamoDB; each change and its event are one transaction."""

from __future__ import annotations

import dataclasses

from pynamodb.transactions import TransactWrite

from chalicelib.adapters.documents import ORGS, PUBLISHERS, TOKENS
from chalicelib.adapters.dynamo import audit_trail
from chalicelib.adapters.dynamo.access import (
    MAX_ACTIONS,
    document,
    read,
    read_many,
    store_errors,
    write_together,
)
from chalicelib.adapters.dynamo.tables import Tables, TokenRow
from chalicelib.ports.errors import ConditionFailed, Missing, TooLarge
from tank_core.entities import AuditEvent, Org, Publisher, Token

_MAX_MEMBERSHIPS = MAX_ACTIONS - 3  # the organisation, its event, and that of a skill


class DynamoAccounts:
    """The ``Accounts`` port over ``publishers``, ``tokens``, ``token_secrets``, ``orgs``, ``org_members``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def publisher(self, publisher_id: str) -> Publisher | None:
        """See ``Accounts.publisher``."""
        row = read(self._tables.publishers, publisher_id)
        return PUBLISHERS.entity(row.document) if row else None

    def put_publisher(self, publisher: Publisher, event: AuditEvent) -> None:
        """See ``Accounts.put_publisher``."""
        rows = self._tables.publishers

        def fill(transaction: TransactWrite) -> None:
            row = rows(publisher.publisher_id, document=document(PUBLISHERS, publisher))
            transaction.save(row, condition=rows.publisher_id.does_not_exist())
            audit_trail.append(transaction, self._tables, event)

        write_together(self._tables.connection, fill, "create a publisher")

    def token_by_secret(self, secret_sha256: str) -> Token | None:
        """See ``Accounts.token_by_secret``."""
        row = read(self._tables.token_secrets, secret_sha256)
        return self.token(row.token_id) if row else None

    def token(self, token_id: str) -> Token | None:
        """See ``Accounts.token``."""
        row = read(self._tables.tokens, token_id)
        return _token_of(row) if row else None

    def tokens_of(self, publisher_id: str) -> tuple[Token, ...]:
        """See ``Accounts.tokens_of``; the index lags a little, each token's own row is consistent."""
        with store_errors("list tokens"):
            keys = [row.token_id for row in self._tables.tokens.by_publisher.query(publisher_id)]
        tokens = [_token_of(row) for row in read_many(self._tables.tokens, keys)]
        return tuple(sorted(tokens, key=lambda token: (token.created_at, token.token_id), reverse=True))

    def put_token(self, token: Token, event: AuditEvent) -> None:
        """See ``Accounts.put_token``."""
        tokens, secrets = self._tables.tokens, self._tables.token_secrets

        def fill(transaction: TransactWrite) -> None:
            row = tokens(
                token_id=token.token_id,
                publisher_id=token.publisher_id,
                age=f"{token.created_at:012d} {token.token_id}",
                revoked_at=token.revoked_at,
                publish_id=token.publish_id or None,
                document=document(TOKENS, token),
            )
            transaction.save(row, condition=tokens.token_id.does_not_exist())
            secret = secrets(token.secret_sha256, token_id=token.token_id)
            transaction.save(secret, condition=secrets.secret_sha256.does_not_exist())
            audit_trail.append(transaction, self._tables, event)

        write_together(self._tables.connection, fill, "create a token")

    def use_ticket(self, token_id: str, publish_id: str) -> None:
        """See ``Accounts.use_ticket``."""
        tokens = self._tables.tokens
        is_free = tokens.publish_id.does_not_exist() | (tokens.publish_id == publish_id)

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                tokens(token_id),
                actions=[tokens.publish_id.set(publish_id)],
                condition=tokens.token_id.exists() & is_free,
            )

        try:
            write_together(self._tables.connection, fill, "use a ticket")
        except ConditionFailed:
            if self.token(token_id) is None:
                raise Missing("no such token") from None
            raise

    def revoke_token(self, token_id: str, at: int, event: AuditEvent) -> None:
        """See ``Accounts.revoke_token``."""
        tokens = self._tables.tokens

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                tokens(token_id),
                actions=[tokens.revoked_at.set(at)],
                condition=tokens.token_id.exists() & tokens.revoked_at.does_not_exist(),
            )
            audit_trail.append(transaction, self._tables, event)

        try:
            write_together(self._tables.connection, fill, "revoke a token")
        except ConditionFailed:
            present = self.token(token_id)
            if present is None:
                raise Missing("no such token") from None
            if present.revoked_at is None:
                raise

    def org(self, org: str) -> Org | None:
        """See ``Accounts.org``."""
        row = read(self._tables.orgs, org)
        return ORGS.entity(row.document) if row else None

    def orgs_of(self, publisher_id: str) -> tuple[Org, ...]:
        """See ``Accounts.orgs_of``."""
        with store_errors("list organisations"):
            memberships = self._tables.org_members.query(publisher_id, consistent_read=True)
            names = [row.org for row in memberships]
        orgs = [ORGS.entity(row.document) for row in read_many(self._tables.orgs, names)]
        return tuple(sorted((o for o in orgs if publisher_id in o.members), key=lambda o: o.org))

    def create_org(self, org: Org, event: AuditEvent) -> None:
        """See ``Accounts.create_org``."""
        rows = self._tables.orgs

        def fill(transaction: TransactWrite) -> None:
            row = rows(org.org, revision=org.revision, document=document(ORGS, org))
            transaction.save(row, condition=rows.org.does_not_exist())
            self._add_memberships(transaction, Org(org.org, org.created_at), org)
            audit_trail.append(transaction, self._tables, event)

        write_together(self._tables.connection, fill, "create an organisation")

    def update_org(self, org: Org, *events: AuditEvent) -> Org:
        """See ``Accounts.update_org``."""
        rows = self._tables.orgs
        before = self.org(org.org)
        if before is None:
            raise Missing("no such organisation")
        if before.revision != org.revision:
            raise ConditionFailed("the organisation changed meanwhile")
        updated = dataclasses.replace(org, revision=org.revision + 1)

        def fill(transaction: TransactWrite) -> None:
            row = rows(org.org, revision=updated.revision, document=document(ORGS, updated))
            transaction.save(row, condition=rows.revision == org.revision)
            self._add_memberships(transaction, before, org)
            for event in events:
                audit_trail.append(transaction, self._tables, event)

        write_together(self._tables.connection, fill, "change an organisation")
        return updated

    def _add_memberships(self, transaction: TransactWrite, before: Org, after: Org) -> None:
        """Adds to the transaction what changed in who is a member."""
        joined, left = (
            after.members.keys() - before.members.keys(),
            before.members.keys() - after.members.keys(),
        )
        if len(joined) + len(left) > _MAX_MEMBERSHIPS:
            raise TooLarge(f"one change may add or remove {_MAX_MEMBERSHIPS} members")
        for member in sorted(joined):
            transaction.save(self._tables.org_members(member, after.org))
        for member in sorted(left):
            transaction.delete(self._tables.org_members(member, after.org))


def _token_of(row: TokenRow) -> Token:
    revoked_at = int(row.revoked_at) if row.revoked_at is not None else None
    token = TOKENS.entity(row.document)
    return dataclasses.replace(token, revoked_at=revoked_at, publish_id=row.publish_id or "")
