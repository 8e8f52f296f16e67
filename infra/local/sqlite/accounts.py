"""Publishers, tokens and organisations, in SQLite."""

from __future__ import annotations

import dataclasses

from chalicelib.adapters.documents import ORGS, PUBLISHERS, TOKENS
from chalicelib.ports.errors import ConditionFailed, Missing
from infra.local.sqlite import audit_trail
from infra.local.sqlite.database import Database, Rows
from tank_core.entities import AuditEvent, Org, Publisher, Token


class SqliteAccounts:
    """Keeps who may act; every change and its audit event are one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publisher(self, publisher_id: str) -> Publisher | None:
        """Returns the publisher, or None."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT document FROM publishers WHERE publisher_id = ?", (publisher_id,)
            ).fetchone()
        return PUBLISHERS.entity(found[0]) if found else None

    def put_publisher(self, publisher: Publisher, event: AuditEvent) -> None:
        """Creates a publisher."""
        with self._database.writing() as rows:
            created = rows.execute(
                "INSERT OR IGNORE INTO publishers VALUES (?, ?)",
                (publisher.publisher_id, PUBLISHERS.text(publisher)),
            )
            _require_created(created.rowcount, "the publisher id is taken")
            audit_trail.append(rows, event)

    def token_by_secret(self, secret_sha256: str) -> Token | None:
        """Returns the token whose secret has this hash, or None."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT document FROM tokens WHERE secret_sha256 = ?", (secret_sha256,)
            ).fetchone()
        return TOKENS.entity(found[0]) if found else None

    def token(self, token_id: str) -> Token | None:
        """Returns the token, or None."""
        with self._database.reading() as rows:
            return _token(rows, token_id)

    def tokens_of(self, publisher_id: str) -> tuple[Token, ...]:
        """Returns a publisher's tokens, newest first."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT document FROM tokens WHERE publisher_id = ? ORDER BY created_at DESC, token_id DESC",
                (publisher_id,),
            ).fetchall()
        return tuple(TOKENS.entity(document) for (document,) in found)

    def put_token(self, token: Token, event: AuditEvent) -> None:
        """Creates a token."""
        with self._database.writing() as rows:
            created = rows.execute(
                "INSERT OR IGNORE INTO tokens VALUES (?, ?, ?, ?, ?)",
                (
                    token.token_id,
                    token.secret_sha256,
                    token.publisher_id,
                    token.created_at,
                    TOKENS.text(token),
                ),
            )
            _require_created(created.rowcount, "the token's id or secret is taken")
            audit_trail.append(rows, event)

    def use_ticket(self, token_id: str, publish_id: str) -> None:
        """Binds a ticket to the one publish that it is good for."""
        with self._database.writing() as rows:
            token = _token(rows, token_id)
            if token is None:
                raise Missing("no such token")
            if token.publish_id not in ("", publish_id):
                raise ConditionFailed("the ticket is bound to another publish")
            _put_token(rows, dataclasses.replace(token, publish_id=publish_id))

    def revoke_token(self, token_id: str, at: int, event: AuditEvent) -> None:
        """Marks a token revoked, once."""
        with self._database.writing() as rows:
            token = _token(rows, token_id)
            if token is None:
                raise Missing("no such token")
            if token.revoked_at is not None:
                return
            _put_token(rows, dataclasses.replace(token, revoked_at=at))
            audit_trail.append(rows, event)

    def org(self, org: str) -> Org | None:
        """Returns the organisation, or None."""
        with self._database.reading() as rows:
            found = rows.execute("SELECT document FROM orgs WHERE org = ?", (org,)).fetchone()
        return ORGS.entity(found[0]) if found else None

    def orgs_of(self, publisher_id: str) -> tuple[Org, ...]:
        """Returns the organisations a publisher is a member of, sorted by name."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT document FROM orgs JOIN org_members USING (org) WHERE publisher_id = ? ORDER BY org",
                (publisher_id,),
            ).fetchall()
        return tuple(ORGS.entity(document) for (document,) in found)

    def create_org(self, org: Org, event: AuditEvent) -> None:
        """Creates an organisation."""
        with self._database.writing() as rows:
            created = rows.execute(
                "INSERT OR IGNORE INTO orgs VALUES (?, ?, ?)", (org.org, org.revision, ORGS.text(org))
            )
            _require_created(created.rowcount, "the organisation's name is taken")
            _put_members(rows, org)
            audit_trail.append(rows, event)

    def update_org(self, org: Org, *events: AuditEvent) -> Org:
        """Replaces members, bindings and token rule over the revision the organisation was read with."""
        with self._database.writing() as rows:
            stored = rows.execute("SELECT revision FROM orgs WHERE org = ?", (org.org,)).fetchone()
            if stored is None:
                raise Missing("no such organisation")
            if stored[0] != org.revision:
                raise ConditionFailed("the organisation changed meanwhile")
            updated = dataclasses.replace(org, revision=org.revision + 1)
            rows.execute(
                "UPDATE orgs SET revision = ?, document = ? WHERE org = ?",
                (updated.revision, ORGS.text(updated), updated.org),
            )
            _put_members(rows, updated)
            for event in events:
                audit_trail.append(rows, event)
        return updated


def _token(rows: Rows, token_id: str) -> Token | None:
    found = rows.execute("SELECT document FROM tokens WHERE token_id = ?", (token_id,)).fetchone()
    return TOKENS.entity(found[0]) if found else None


def _put_token(rows: Rows, token: Token) -> None:
    rows.execute("UPDATE tokens SET document = ? WHERE token_id = ?", (TOKENS.text(token), token.token_id))


def _put_members(rows: Rows, org: Org) -> None:
    rows.execute("DELETE FROM org_members WHERE org = ?", (org.org,))
    rows.executemany("INSERT INTO org_members VALUES (?, ?)", [(member, org.org) for member in org.members])


def _require_created(row_count: int, otherwise: str) -> None:
    if row_count != 1:
        raise ConditionFailed(otherwise)
