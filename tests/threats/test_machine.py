"""Attackers on the consumer's side: who changes a project's files, who writes to the cache, and both."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tank_cli.cache import Cache
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.verification import Verifier
from tank_core.entities import SkillVersion
from tank_core.lockfile import parse_lockfile
from tank_core.names import SkillName
from tests.support.attacked_registry import PLAIN, SIGNED, AttackedRegistry
from tests.support.consumer import Client
from tests.support.forgeries import forgery


def name_in_lock(client: Client, row: SkillVersion, name: str) -> None:
    client.edit_lock(
        name,
        digest=row.digest,
        integrity=row.integrity,
        size_bytes=row.size_bytes,
        tree_hash=row.tree_hash,
        audit_score=10.0,
    )


def facts_of(client: Client, registry: AttackedRegistry, name: str) -> list[str]:
    """Returns everything that a verification of a line of the lock would depend on, as the client has it."""
    keys = {registry.ports.signer.key_id(): registry.ports.signer.public_key_pem()}
    anchors = Anchors(keys, registry.sigstore.trusted_root)
    lock = parse_lockfile((client.project / "skills.lock").read_bytes())
    parsed = SkillName.parse(name)
    verifier = Verifier(Cache(client.tank_home / "cache"), lambda: None, anchors)  # type: ignore[arg-type,return-value]
    return list(verifier._facts(parsed, lock.skills[parsed]))


def plainly(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def without_a_key(text: str) -> str:
    return hmac.new(b"", text.encode(), "sha256").hexdigest()


@pytest.mark.parametrize("noted", [plainly, without_a_key])
@pytest.mark.parametrize("name", [PLAIN, SIGNED])
def test_cache_and_lock_together_install_nothing_that_is_not_attested(
    registry: AttackedRegistry, client: Client, name: str, noted: Callable[[str], str]
) -> None:
    """The cache has the forged bytes, and notes that say that all of it was verified."""
    made = forgery(registry.version(name, "1.0.0"), "1.0.0")
    name_in_lock(client, made.row, name)
    cache = client.tank_home / "cache"
    Cache(cache).add_blob(made.row.digest, made.archive)
    (cache / "verified" / noted("\n".join(facts_of(client, registry, name)))).touch()
    before = client.installed()
    assert client.run("ci").refusal == (6, "attestation-refused")
    assert client.run("install").refusal == (6, "attestation-refused")
    assert client.installed() == before


def test_the_facts_above_are_those_that_the_client_notes(registry: AttackedRegistry, client: Client) -> None:
    """Else the forged notes would have been for something that nobody asks about."""
    cache = Cache(client.tank_home / "cache", client.tank_home / "config" / "cache.key")
    for name in (PLAIN, SIGNED):
        assert cache.is_verified(facts_of(client, registry, name))


def test_a_cache_from_elsewhere_is_used_and_not_believed(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    """As a build restores one: bytes by digest are good wherever they come from, notes are not."""
    (client.tank_home / "cache").rename(newcomer.tank_home / "cache")
    for name in ("skills.json", "skills.lock"):
        (newcomer.project / name).write_bytes((client.project / name).read_bytes())
    notes = newcomer.tank_home / "cache" / "verified"
    before = set(notes.iterdir())
    assert newcomer.run("ci").exit_code == 0
    assert len(set(notes.iterdir()) - before) == len(before) == 2


def test_who_changes_a_lock_may_choose_among_honest_versions_only(
    registry: AttackedRegistry, client: Client
) -> None:
    """The limit: an older version is honest too. `tank audit` knows of its advisories, a review of the change."""
    registry.publish(PLAIN, "1.0.1")
    old = (client.project / "skills.lock").read_bytes()
    assert client.run("update").exit_code == 0
    (client.project / "skills.lock").write_bytes(old)
    assert client.run("ci").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.0"


def test_who_changes_the_manifest_decides_what_is_wanted_and_allowed(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    """The limit: the manifest is the project's word. It names no registry, no key and no consent."""
    wanted = {"permissions": {"subprocess": True}, "skills": {PLAIN: "*"}}
    (newcomer.project / "skills.json").write_text(json.dumps(wanted))
    assert newcomer.run("install").exit_code == 0
    for key in ("registry", "keys", "accept_publisher"):
        (newcomer.project / "skills.json").write_text(json.dumps({**wanted, key: "x"}))
        assert newcomer.run("install").refusal == (2, "invalid-manifest")


def test_a_note_says_nothing_about_a_line_that_was_changed(
    registry: AttackedRegistry, client: Client
) -> None:
    client.edit_lock(PLAIN, publisher="mallory")
    ran = client.run("install")
    assert ran.refusal == (6, "lock-mismatch")
    assert ran.places == {"publisher"}


def test_the_pinned_root_and_the_key_of_the_notes_lie_outside_the_cache(client: Client) -> None:
    config = client.tank_home / "config"
    kept = {path.name for path in config.rglob("*") if path.is_file()}
    assert {"root.json", "cache.key"} <= kept
    cached = {path.name for path in Path(client.tank_home / "cache").rglob("*")}
    assert not {"root.json", "timestamp.json", "cache.key"} & cached
