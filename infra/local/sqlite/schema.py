"""The tables, and how an older file becomes a newer one.

Each entity is one JSON document; what is searched or compared stands beside it
in a column of its own. The list of migrations only ever grows at its end: entry
``n`` brings a file from version ``n`` to ``n + 1``.
"""

from __future__ import annotations

import json
import sqlite3

from tank_core.likeness import keys_of
from tank_core.names import SkillName

_FIRST = """
CREATE TABLE skills (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE skill_terms (
    term TEXT NOT NULL,
    name TEXT NOT NULL REFERENCES skills (name),
    PRIMARY KEY (term, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
    name TEXT NOT NULL REFERENCES skills (name),
    version TEXT NOT NULL,
    publish_id TEXT NOT NULL REFERENCES publishes (publish_id),
    availability TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

CREATE TABLE publishes (
    publish_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX publishes_by_state ON publishes (state, created_at, publish_id);

CREATE TABLE reservations (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    publish_id TEXT NOT NULL REFERENCES publishes (publish_id),
    PRIMARY KEY (name, version)
) STRICT;

CREATE TABLE publishers (
    publisher_id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE tokens (
    token_id TEXT PRIMARY KEY,
    secret_sha256 TEXT NOT NULL UNIQUE,
    publisher_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX tokens_by_publisher ON tokens (publisher_id, created_at);

CREATE TABLE orgs (
    org TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE org_members (
    publisher_id TEXT NOT NULL,
    org TEXT NOT NULL REFERENCES orgs (org),
    PRIMARY KEY (publisher_id, org)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_events (
    event_id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_by_subject ON audit_events (subject, event_id);
CREATE TRIGGER audit_events_never_change BEFORE UPDATE ON audit_events
    BEGIN SELECT RAISE (ABORT, 'audit events are append-only'); END;
CREATE TRIGGER audit_events_never_go BEFORE DELETE ON audit_events
    BEGIN SELECT RAISE (ABORT, 'audit events are append-only'); END;

CREATE TABLE rate_windows (
    caller TEXT NOT NULL,
    window_seconds INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (caller, window_seconds)
) STRICT, WITHOUT ROWID;

CREATE TABLE objects (
    key TEXT NOT NULL,
    version_id TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    cache_control TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    is_current INTEGER NOT NULL,
    PRIMARY KEY (key, version_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX objects_current ON objects (key) WHERE is_current;
CREATE INDEX objects_by_version ON objects (version_id);

CREATE TABLE executions (
    name TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    data TEXT NOT NULL,
    tries TEXT NOT NULL,
    wake_at INTEGER NOT NULL,
    lease_owner TEXT NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;
CREATE INDEX executions_by_status ON executions (status, wake_at);

CREATE TABLE execution_steps (
    name TEXT NOT NULL REFERENCES executions (name),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    happened TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (name, number)
) STRICT, WITHOUT ROWID;
"""

# Identities were a publisher's; now an organisation binds them. Whoever had one goes on having to sign: it
# becomes a binding of each organisation of the publisher. A build's, which had no numeric ids, becomes one
# that no certificate meets; an owner binds the build anew.
_IDENTITIES_BECOME_BINDINGS = """
UPDATE orgs SET document = json_set(document, '$.bindings', json((
    SELECT json_group_array(json_object(
        'binding_id', lower(hex(randomblob(13))),
        'binding', json_object(
            'publisher', publisher_id,
            'issuer', json_extract(identity.value, '$.issuer'),
            'subject', json_extract(identity.value, '$.subject')
        ),
        'added_by', publisher_id,
        'added_at', unixepoch(),
        'effective_at', unixepoch()
    ))
    FROM org_members JOIN publishers USING (publisher_id), json_each(publishers.document, '$.identities') identity
    WHERE org_members.org = orgs.org
)))
WHERE org IN (
    SELECT org FROM org_members JOIN publishers USING (publisher_id)
    WHERE json_array_length(publishers.document, '$.identities') > 0
);
UPDATE publishers SET document = json_remove(document, '$.identities');
"""

_INDEX_STATE = """
CREATE TABLE index_state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
"""

# Executions that an older release left unfinished have no seal: they start from the beginning.
_SEALED_EXECUTIONS = """
ALTER TABLE executions ADD COLUMN seal TEXT NOT NULL DEFAULT '';
"""

# Not for this release, which reads an organisation without the field: an earlier one would drop what it does
# not know, and with it the right of a removed owner to cancel. It refuses the file instead.
_FORMER_OWNERS = """
UPDATE orgs SET document = json_set(document, '$.former_owners', json('{}'));
"""

# Versions of an older release do not say by which rules they were judged: they are due for a rescan.
# Rescans are executions of a second state machine.
_RULE_SETS = """
ALTER TABLE versions ADD COLUMN settled_rule_set TEXT NOT NULL DEFAULT '';
ALTER TABLE executions ADD COLUMN machine TEXT NOT NULL DEFAULT 'publish';
"""

_APPEALS = """
CREATE TABLE appeals (
    appeal_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX appeals_by_version ON appeals (name, version);
CREATE INDEX appeals_by_state ON appeals (state, filed_at, appeal_id);
CREATE TRIGGER appeals_never_go BEFORE DELETE ON appeals
    BEGIN SELECT RAISE (ABORT, 'appeals are kept'); END;
"""

# Keys come from the code that looks for them, not from SQL: ``migrate`` lends it to SQLite.
_NAME_KEYS = """
CREATE TABLE name_keys (
    key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    name TEXT NOT NULL REFERENCES skills (name),
    PRIMARY KEY (key, created_at, name)
) STRICT, WITHOUT ROWID;
INSERT INTO name_keys
    SELECT key.value, json_extract(skills.document, '$.created_at'), skills.name
    FROM skills, json_each(keys_of(skills.name)) key;
"""

MIGRATIONS = (
    _FIRST,
    _IDENTITIES_BECOME_BINDINGS,
    _INDEX_STATE,
    _SEALED_EXECUTIONS,
    _FORMER_OWNERS,
    _RULE_SETS,
    _APPEALS,
    _NAME_KEYS,
)


class UnknownSchemaError(Exception):
    """The file was written by a newer release; this one would misread it."""


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the file to the newest schema, one transaction per step.

    Raises:
        UnknownSchemaError: the file is newer than this code.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise UnknownSchemaError(
            f"the data folder has schema {version}, this release knows {len(MIGRATIONS)}: use a newer release"
        )
    connection.create_function("keys_of", 1, _keys_of, deterministic=True)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\n"
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT;\n"
            f"DELETE FROM schema_version;\nINSERT INTO schema_version VALUES ({number});\nCOMMIT;"
        )


def _keys_of(name: str) -> str:
    return json.dumps(keys_of(SkillName.parse(name)))


def _version(connection: sqlite3.Connection) -> int:
    known = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'").fetchone()
    if not known[0]:
        return 0
    row = connection.execute("SELECT version FROM schema_version").fetchone()
    return int(row[0])
