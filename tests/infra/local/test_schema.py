"""A data folder of an older release opens, and keeps what it said."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.adapters.documents import SKILLS
from infra.local.sqlite import schema
from infra.local.sqlite.accounts import SqliteAccounts
from infra.local.sqlite.catalog import SqliteCatalog
from infra.local.sqlite.database import Database
from infra.local.sqlite.schema import UnknownSchemaError
from tank_core.entities import Publisher, Role
from tests.support.identities import build_claims, person_claims
from tests.support.sample_entities import a_skill

PERSON = {"issuer": "https://accounts.example", "subject": "ada@acme.example"}
BUILD = {"issuer": build_claims().issuer, "subject": build_claims().subject}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of the first release: ada has a person's and a build's identity, bob has none."""
    with closing(sqlite3.connect(tmp_path / "registry.sqlite", isolation_level=None)) as connection:
        connection.executescript(schema._FIRST)
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
        connection.execute("INSERT INTO schema_version VALUES (1)")
        for publisher_id, identities in (("ada", [PERSON, BUILD]), ("bob", [])):
            connection.execute(
                "INSERT INTO publishers VALUES (?, ?)",
                (publisher_id, json.dumps(publisher_of_first_release(publisher_id, identities))),
            )
        for org, members in (("acme", {"ada": "owner", "bob": "publisher"}), ("bobs", {"bob": "owner"})):
            document = {"org": org, "created_at": 7, "members": members, "revision": 3}
            connection.execute("INSERT INTO orgs VALUES (?, 3, ?)", (org, json.dumps(document)))
            connection.executemany("INSERT INTO org_members VALUES (?, ?)", [(m, org) for m in members])
    return tmp_path / "registry.sqlite"


def publisher_of_first_release(publisher_id: str, identities: list[dict[str, str]]) -> dict[str, object]:
    return {
        "publisher_id": publisher_id,
        "created_at": 5,
        "verified": True,
        "is_registry_admin": False,
        "identities": identities,
    }


def test_skills_of_an_older_release_are_found_by_names_alike(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        skill = a_skill("@acme/pdf-tools", created_at=7)
        connection.execute("INSERT INTO skills VALUES (?, ?)", (skill.name, SKILLS.text(skill)))
    database = Database(path)
    assert SqliteCatalog(database).alike("@acrne/pdf-tools") == (skill,)
    database.close()


@pytest.fixture
def accounts(path: Path) -> Iterator[SqliteAccounts]:
    database = Database(path)
    yield SqliteAccounts(database)
    database.close()


def test_publishers_and_members_are_kept(accounts: SqliteAccounts) -> None:
    assert accounts.publisher("ada") == Publisher("ada", 5, verified=True)
    acme = accounts.org("acme")
    assert acme is not None
    assert (acme.members, acme.revision) == ({"ada": Role.OWNER, "bob": Role.PUBLISHER}, 3)


def test_an_identity_becomes_a_binding_of_its_publishers_organisations(accounts: SqliteAccounts) -> None:
    """Whoever had to sign before an upgrade has to sign after it."""
    acme = accounts.org("acme")
    assert acme is not None
    person, build = acme.bindings
    assert person.binding.publisher == "ada"
    assert person.binding.mismatches(person_claims()) == ()
    assert person.binding_id != build.binding_id
    assert person.counts_at(person.added_at)
    assert [m.claim for m in build.binding.mismatches(build_claims())] == ["subject"]


def test_an_organisation_whose_members_had_no_identity_has_no_binding(accounts: SqliteAccounts) -> None:
    bobs = accounts.org("bobs")
    assert bobs is not None
    assert bobs.bindings == ()


def test_an_organisation_of_an_older_release_has_no_former_owners(
    path: Path, accounts: SqliteAccounts
) -> None:
    acme = accounts.org("acme")
    assert acme is not None
    assert acme.former_owners == {}
    with closing(sqlite3.connect(path)) as connection:
        stored = connection.execute("SELECT document ->> '$.former_owners' FROM orgs").fetchall()
    assert stored == [("{}",), ("{}",)]


def test_a_file_of_a_newer_release_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = ?", (len(schema.MIGRATIONS) + 1,))
    with pytest.raises(UnknownSchemaError, match="newer release"):
        Database(path)


def test_migrating_again_changes_nothing(path: Path) -> None:
    def documents() -> list[tuple[str]]:
        Database(path).close()
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT document FROM orgs ORDER BY org").fetchall()

    assert documents() == documents()
