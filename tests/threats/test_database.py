"""An attacker who owns the database: any SQL at any time, and neither the object store nor a key."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import availability
from chalicelib.services.authentication import authenticate
from chalicelib.services.publishers import bootstrap_admin
from chalicelib.services.waivers import Archive
from pipeline.execution import SCORE
from tank_core.archive import pack
from tank_core.canonical import compact
from tank_core.entities import Appeal, Availability, SkillVersion
from tank_core.findings import Verdict
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.publish import PublishState
from tests.pipeline.stages.test_analyze import PIPE_TO_SHELL
from tests.support.appeals import granted
from tests.support.attacked_registry import PLAIN, SIGNED, STRANGER, AttackedRegistry
from tests.support.attackers import DatabaseOwner
from tests.support.consumer import Client
from tests.support.forgeries import EVIL, forgery
from tests.support.local_sigstore import BUILD
from tests.support.packages import package
from tests.support.rescanning import rescan, with_rules
from tests.support.rule_sets import HIDDEN, later_rules

SECRET = "tank_" + "0" * 43


def give_token(owner: DatabaseOwner, publisher: str) -> str:
    """Writes a token for a publisher into the database; returns its secret."""
    now, hashed = int(time.time()), hashlib.sha256(SECRET.encode()).hexdigest()
    document = {
        "token_id": "forged",
        "secret_sha256": hashed,
        "publisher_id": publisher,
        "scopes": ["publish"],
        "skills": [],
        "description": "",
        "created_at": now,
        "expires_at": now + 3600,
    }
    owner.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", "forged", hashed, publisher, now, json.dumps(document)
    )
    return SECRET


LIES: dict[str, tuple[str, dict[str, Any], str]] = {
    "publisher": (PLAIN, {"publisher_id": "mallory"}, "publisher"),
    "verdict": (PLAIN, {"verdict": Verdict.PASS_WITH_NOTES}, "verdict"),
    "score": (PLAIN, {"audit_score": 1.0}, "audit_score"),
    "capabilities": (PLAIN, {"capabilities": {"subprocess": ["git"]}}, "capabilities"),
    "dependencies": (PLAIN, {"dependencies": {SIGNED: "^1.0.0"}}, "dependencies"),
    "signed by nobody": (SIGNED, {"bundle_digest": "", "signature": {}}, "attestations.bundle"),
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_a_lie_about_a_version_is_told_by_its_attestation(
    registry: AttackedRegistry, newcomer: Client, name: str
) -> None:
    skill, changes, place = LIES[name]
    (newcomer.project / "skills.json").write_text('{"permissions": {"subprocess": ["git"]}, "skills": {}}')
    DatabaseOwner(registry).change_version(skill, "1.0.0", **changes)
    ran = newcomer.run("add", skill)
    assert ran.refusal == (6, "lock-mismatch"), ran.document
    assert place in ran.places


def test_another_signer_in_the_database_is_not_the_one_in_the_certificate(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    signature = json.loads(json.dumps(registry.version(SIGNED, "1.0.0").signature))
    signature["claims"]["repository_id"] = "666"
    DatabaseOwner(registry).change_version(SIGNED, "1.0.0", signature=signature)
    ran = newcomer.run("add", SIGNED)
    assert ran.refusal == (6, "signature-mismatch")
    assert ran.places == {"signer"}


def test_a_version_that_no_pipeline_saw_is_not_attested(registry: AttackedRegistry, newcomer: Client) -> None:
    """The row borrows the attestation of an honest version, and its bytes too or it would not get this far."""
    honest = registry.version(PLAIN, "1.0.0")
    DatabaseOwner(registry).add_version(replace(honest, version="1.0.9"))
    assert newcomer.run("add", PLAIN).refusal == (6, "attestation-refused")


def newer_rules(registry: AttackedRegistry, folder: Path) -> RegistryPorts:
    """Returns the registry's ports after a restart with rules that flag the hidden character."""
    return with_rules(registry.ports, later_rules(folder, severity="high", confidence="medium"))


def test_a_rescan_attests_nothing_that_was_not_attested_before(
    registry: AttackedRegistry, newcomer: Client, tmp_path: Path
) -> None:
    """Other findings than the recorded ones are what makes a rescan sign."""
    honest, owner = registry.version(PLAIN, "1.0.0"), DatabaseOwner(registry)
    other = {"findings_digest": "sha256:" + "0" * 64}
    owner.add_version(replace(honest, version="1.0.9", **other))
    owner.change_version(PLAIN, "1.0.0", publisher_id="mallory", **other)
    assert rescan(newer_rules(registry, tmp_path / "rules")).state == "Incomplete"
    assert registry.version(PLAIN, "1.0.9").attestation_digest == honest.attestation_digest
    assert registry.version(PLAIN, "1.0.0").attestation_digest != honest.attestation_digest
    assert newcomer.run("add", f"{PLAIN}@1.0.9").refusal == (6, "attestation-refused")
    ran = newcomer.run("add", f"{PLAIN}@1.0.0")
    assert (ran.refusal, "publisher" in ran.places) == ((6, "lock-mismatch"), True)


def test_an_earlier_verdict_can_be_brought_back(
    registry: AttackedRegistry, newcomer: Client, tmp_path: Path
) -> None:
    registry.publish(PLAIN, "1.0.1", scripts__hello_dot_py=HIDDEN.encode())
    before = registry.version(PLAIN, "1.0.1")
    rescan(newer_rules(registry, tmp_path / "rules"))
    assert registry.version(PLAIN, "1.0.1").verdict is Verdict.FLAGGED
    assert newcomer.run("add", f"{PLAIN}@1.0.1").exit_code == 8
    judged = ("verdict", "audit_score", "findings_digest", "attestation_digest")
    DatabaseOwner(registry).change_version(PLAIN, "1.0.1", **{key: getattr(before, key) for key in judged})
    assert newcomer.run("add", f"{PLAIN}@1.0.1").exit_code == 0


def test_bytes_that_were_never_published_cannot_be_had(registry: AttackedRegistry, newcomer: Client) -> None:
    made = forgery(registry.version(PLAIN, "1.0.0"), "1.0.9")
    DatabaseOwner(registry).add_version(made.row)
    assert newcomer.run("add", PLAIN).refusal == (8, "blob-unavailable")


def test_a_stage_that_did_not_pass_cannot_be_written_as_passed(registry: AttackedRegistry) -> None:
    """The execution of a malicious upload, at the step before the one that would refuse it."""
    archive = pack(package({"name": PLAIN, "version": "1.0.1"}, scripts__run_dot_sh=EVIL))
    publish_id = registry.begin(archive)
    registry.run(steps=1)
    score = {"outcome": "passed", "documents": {SCORE: sha256_digest(compact({}))}}
    DatabaseOwner(registry).execute(
        "UPDATE executions SET state = 'Store', data = json_set(data, '$.score', json(?)) WHERE name = ?",
        json.dumps(score),
        publish_id,
    )
    registry.run()
    assert registry.embedded.checkpoints.get(publish_id) is None
    assert registry.ports.catalog.version(PLAIN, "1.0.1") is None
    registry.sweep()
    registry.run()
    at = registry.embedded.checkpoints.get(publish_id)
    assert at is not None
    assert {"sign", "analyze"} <= at.data.keys()  # from the beginning


def exchange_digest(owner: DatabaseOwner, publish_id: str) -> None:
    other = pack(package({"name": PLAIN, "version": "1.0.1"}, scripts__run_dot_sh=EVIL))
    change = "UPDATE publishes SET document = json_set(document, '$.digest', ?) WHERE publish_id = ?"
    owner.execute(change, sha256_digest(other), publish_id)


def exchange_object(owner: DatabaseOwner, publish_id: str) -> None:
    change = "UPDATE publishes SET document = json_set(document, '$.object_version', ?) WHERE publish_id = ?"
    owner.execute(change, "0" * 64, publish_id)


def exchange_publisher(owner: DatabaseOwner, publish_id: str) -> None:
    change = (
        "UPDATE publishes SET document = json_set(document, '$.publisher_id', 'mallory') WHERE publish_id = ?"
    )
    owner.execute(change, publish_id)


def exchange_name(owner: DatabaseOwner, publish_id: str) -> None:
    change = "UPDATE publishes SET document = json_set(document, '$.name', ?) WHERE publish_id = ?"
    owner.execute(change, SIGNED, publish_id)


@pytest.mark.parametrize("change", [exchange_digest, exchange_object, exchange_publisher, exchange_name])
def test_an_attempt_that_was_changed_between_the_stages_publishes_nothing(
    registry: AttackedRegistry, change: Callable[[DatabaseOwner, str], None]
) -> None:
    publish_id = registry.begin(pack(package({"name": PLAIN, "version": "1.0.1"})))
    registry.run(steps=4)
    change(DatabaseOwner(registry), publish_id)
    registry.run()
    assert registry.ports.catalog.version(PLAIN, "1.0.1") is None
    assert registry.ports.catalog.version(SIGNED, "1.0.1") is None


def test_a_forged_token_publishes_what_nobody_is_bound_to_sign(
    registry: AttackedRegistry, client: Client
) -> None:
    """The limit: who writes accounts is every publisher. What is published is analysed and attested all the same."""
    secret = give_token(DatabaseOwner(registry), "ada")
    assert registry.publish(PLAIN, "1.0.1", secret=secret).state == "published"
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.1"


def test_a_forged_token_does_not_publish_what_somebody_is_bound_to_sign(registry: AttackedRegistry) -> None:
    secret = give_token(DatabaseOwner(registry), "ada")
    ended = registry.publish(SIGNED, "1.0.1", secret=secret)
    assert ended.rejection is not None
    assert (ended.state, ended.rejection.code) == ("rejected", "missing-signature")


def bind_stranger(document: dict[str, Any]) -> None:
    document["bindings"][0]["binding"] |= {
        "repository": "https://github.com/mallory/skills",
        "workflow": "https://github.com/mallory/skills/.github/workflows/release.yml",
        "repository_id": STRANGER.repository_id,
        "owner_id": STRANGER.owner_id,
    }


def unbind(document: dict[str, Any]) -> None:
    document["bindings"] = []


@pytest.mark.parametrize(
    ("change", "build"), [(bind_stranger, STRANGER), (unbind, None)], ids=["another signer", "no signer"]
)
def test_changed_bindings_move_no_project_that_knows_the_signer_and_deceive_who_comes_anew(
    registry: AttackedRegistry,
    client: Client,
    newcomer: Client,
    change: Callable[[dict[str, Any]], None],
    build: Any,
) -> None:
    """The limit: bindings are rows. The lock remembers who signed, and the certificate names the stranger."""
    owner = DatabaseOwner(registry)
    owner.change_org("acme", change)
    published = registry.publish(SIGNED, "1.0.1", secret=give_token(owner, "ada"), build=build)
    assert published.state == "published", published.rejection
    before = client.installed()
    assert client.run("update").refusal == (7, "publisher-changed")
    assert client.installed() == before
    assert newcomer.run("add", SIGNED).exit_code == 0
    signer = newcomer.locked(SIGNED).get("signer", {})
    assert signer.get("repository_id") == (STRANGER.repository_id if build else None)


def test_a_version_can_be_hidden_from_who_has_not_locked_it(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    registry.publish(PLAIN, "1.0.1")
    assert client.run("update").exit_code == 0
    DatabaseOwner(registry).remove_version(PLAIN, "1.0.1")
    assert client.run("update").refusal == (6, "index-rolled-back")
    assert newcomer.run("add", PLAIN).exit_code == 0
    assert newcomer.locked(PLAIN)["version"] == "1.0.0"


def test_a_takedown_that_is_undone_in_the_database_brings_no_bytes_back(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    admin = authenticate(registry.ports, f"Bearer {bootstrap_admin(registry.ports)}")
    availability.take_down(registry.ports, admin, PLAIN, "1.0.0", "malicious")
    DatabaseOwner(registry).change_version(PLAIN, "1.0.0", availability=Availability.AVAILABLE)
    assert newcomer.run("add", PLAIN).refusal == (8, "blob-unavailable")


def test_a_yank_can_be_undone(registry: AttackedRegistry, newcomer: Client) -> None:
    """Availability is no part of what is attested: it changes after the version was."""
    owner = DatabaseOwner(registry)
    owner.change_version(PLAIN, "1.0.0", availability=Availability.YANKED)
    assert newcomer.run("add", PLAIN).refusal == (3, "version-not-found")
    owner.change_version(PLAIN, "1.0.0", availability=Availability.AVAILABLE)
    assert newcomer.run("add", PLAIN).exit_code == 0


WAIVED = package(
    {"name": PLAIN, "version": "1.0.1"}, SKILL_dot_md=PIPE_TO_SHELL.replace(b"greeter", b"plain")
)


def refused(registry: AttackedRegistry) -> set[tuple[str, str]]:
    """Publishes what analysis refuses; returns rule and file of each finding."""
    publish_id = registry.begin(pack(WAIVED))
    registry.run()
    rejection = registry.attempt(publish_id).rejection
    assert rejection is not None
    return {(p.what.partition(",")[0], p.where.partition(":")[0]) for p in rejection.problems}


def waived(registry: AttackedRegistry, findings: set[tuple[str, str]], **changes: Any) -> list[Appeal]:
    """Records a granted appeal for each finding."""
    data = pack(WAIVED)
    archive = Archive(PLAIN, "1.0.1", sha256_digest(data), sha512_integrity(data))
    return [
        granted(registry.ports, archive, rule_id=rule, file=file, **changes)
        for rule, file in sorted(findings)
    ]


def test_a_waiver_in_the_database_lets_nothing_pass(registry: AttackedRegistry) -> None:
    """The rows of a reviewer's grants, which differ from real ones in what they name as signed only."""
    findings = refused(registry)
    for appeal in waived(
        registry, findings, waiver_digest=registry.version(PLAIN, "1.0.0").attestation_digest
    ):
        owner_sees = registry.ports.appeals.get(appeal.appeal_id)
        assert owner_sees is not None
        assert owner_sees.is_waiver
    assert refused(registry) == findings


def test_a_revocation_can_be_undone_and_a_waiver_hidden(registry: AttackedRegistry, newcomer: Client) -> None:
    """What was revoked is no part of what is attested; the waiver still ends on its day."""
    waived(registry, refused(registry))
    publish_id = registry.begin(pack(WAIVED))
    registry.run()
    assert registry.attempt(publish_id).state is PublishState.PUBLISHED
    references = registry.version(PLAIN, "1.0.1").waivers
    revoked = tuple(replace(reference, revoked_at=1) for reference in references)
    owner = DatabaseOwner(registry)
    owner.change_version(PLAIN, "1.0.1", waivers=revoked)
    assert newcomer.run("add", PLAIN, "--accept-flagged").refusal == (8, "flagged-version")
    owner.change_version(PLAIN, "1.0.1", waivers=references)
    assert newcomer.run("add", PLAIN, "--accept-flagged").exit_code == 0
    owner.change_version(PLAIN, "1.0.1", waivers=(), unwaived_verdict=None)
    assert "waived" not in json.dumps(newcomer.run("audit").document)


def test_a_version_can_be_given_an_earlier_date(registry: AttackedRegistry, newcomer: Client) -> None:
    """So the demand for an age holds against a thief of tokens or of a build, and not against this one."""
    manifest = {"permissions": {}, "skills": {}, "audit": {"min_release_age": "72h"}}
    (newcomer.project / "skills.json").write_text(json.dumps(manifest))
    assert newcomer.run("add", PLAIN).refusal == (7, "young-version")
    DatabaseOwner(registry).change_version(PLAIN, "1.0.0", published_at=1_700_000_000)
    assert newcomer.run("add", PLAIN).exit_code == 0


def test_a_signature_of_another_time_than_its_publish_is_refused(registry: AttackedRegistry) -> None:
    """A bundle that leaked long ago, and an attempt that is said to have begun then."""
    archive = pack(package({"name": SIGNED, "version": "1.0.1"}))
    publish_id = registry.begin(archive, bundle=registry.bundle(archive, BUILD))
    moved = "UPDATE publishes SET document = json_set(document, '$.created_at', ?) WHERE publish_id = ?"
    DatabaseOwner(registry).execute(moved, int(time.time()) + 100_000, publish_id)
    registry.run()
    ended = registry.attempt(publish_id)
    assert ended.rejection is not None
    assert ended.rejection.code == "stale-signature"


def test_no_token_can_be_read_from_the_database(registry: AttackedRegistry) -> None:
    secret = registry.secret("ada")
    authenticate(registry.ports, f"Bearer {secret}")
    stored = b"".join(path.read_bytes() for path in registry.data.glob("registry.sqlite*"))
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in stored
    assert secret.encode() not in stored


def test_the_audit_trail_is_what_the_database_says(registry: AttackedRegistry) -> None:
    """The limit: nothing outside the database has a copy. The registry's own code can only add."""
    owner, subject = DatabaseOwner(registry), f"skill:{PLAIN}"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        owner.execute("DELETE FROM audit_events")
    assert registry.ports.audit_trail.events(subject, cursor="", limit=10).items
    owner.execute("DROP TRIGGER audit_events_never_go")
    owner.execute("DELETE FROM audit_events")
    assert not registry.ports.audit_trail.events(subject, cursor="", limit=10).items


def test_an_honest_row_is_installed(registry: AttackedRegistry, newcomer: Client) -> None:
    """The lies above are what is refused, and not the way in which they are told."""
    same: SkillVersion = registry.version(SIGNED, "1.0.0")
    DatabaseOwner(registry).change_version(SIGNED, "1.0.0", description=same.description)
    assert newcomer.run("add", SIGNED).exit_code == 0
