"""Attackers who have a copy of one of the registry's keys, alone and with what delivers what it signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.services import availability
from chalicelib.services.authentication import authenticate
from chalicelib.services.publishers import bootstrap_admin
from tank_core.entities import Availability
from tank_core.integrity import sha256_digest
from tank_core.signature import Signature
from tests.support.attacked_registry import BINDING, PLAIN, SIGNED, STRANGER, AttackedRegistry
from tests.support.attackers import AttestationKeyThief, DatabaseOwner, IndexKeyThief, StoreOwner
from tests.support.consumer import Client
from tests.support.forgeries import Forgery, evil_archive, forgery
from tests.support.local_sigstore import BUILD
from tests.support.signing_publisher import signature_of


def forged(registry: AttackedRegistry, name: str, version: str = "1.0.9") -> Forgery:
    return forgery(registry.version(name, "1.0.0"), version)


def deliver(registry: AttackedRegistry, made: Forgery, envelope: bytes = b"") -> None:
    """Puts a forgery's bytes where clients look for them."""
    owner = StoreOwner(registry)
    for data in (made.archive, made.bundle, envelope):
        if data:
            owner.serve_blob(data)


def signed_by_a_stranger(registry: AttackedRegistry) -> Forgery:
    """Returns a version that mallory's build really signed, with a binding made up for it."""
    archive = evil_archive(SIGNED, "1.0.9")
    bundle = registry.bundle(archive, STRANGER)
    signature = signature_of(registry.sigstore, bundle, "ada")
    return forgery(registry.version(SIGNED, "1.0.0"), "1.0.9", bundle=bundle, signature=signature)


def claimed_to_be_signed_by_ada(registry: AttackedRegistry) -> Forgery:
    """Returns a version that mallory's build signed, attested as if the bound build had."""
    made = signed_by_a_stranger(registry)
    honest = Signature.from_json(registry.version(SIGNED, "1.0.0").signature)
    row = replace(made.row, signature=honest.to_json())
    return replace(made, row=row, summary=replace(made.summary, signature=honest))


def with_the_signature_of_another_version(registry: AttackedRegistry) -> Forgery:
    """Returns malicious bytes with ada's own bundle of 1.0.0."""
    before = registry.version(SIGNED, "1.0.0")
    bundle = StoreOwner(registry).read(f"blobs/sha256/{before.bundle_digest.removeprefix('sha256:')}")
    signature = Signature.from_json(before.signature)
    return forgery(before, "1.0.9", bundle=bundle, signature=signature)


# The attestation key


def test_the_attestation_key_alone_reaches_nobody(registry: AttackedRegistry, client: Client) -> None:
    """Whatever it signs, the index names other digests; and a lock that names it finds no such bytes."""
    envelope, row = forged(registry, PLAIN).attested(AttestationKeyThief.of(registry))
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.0"
    attestations = {"registry": sha256_digest(envelope)}
    client.edit_lock(
        PLAIN,
        digest=row.digest,
        integrity=row.integrity,
        size_bytes=row.size_bytes,
        tree_hash=row.tree_hash,
        attestations=attestations,
    )
    assert client.run("ci").refusal == (8, "blob-unavailable")


def test_attestation_key_and_object_store_change_no_version_that_is_indexed(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    made = forged(registry, PLAIN, "1.0.0")
    envelope, _ = made.attested(AttestationKeyThief.of(registry))
    deliver(registry, made, envelope)
    owner, honest = StoreOwner(registry), registry.version(PLAIN, "1.0.0")
    owner.serve(f"blobs/sha256/{honest.attestation_digest.removeprefix('sha256:')}", envelope)
    assert newcomer.run("add", PLAIN).refusal == (6, "blob-mismatch")


def test_attestation_key_and_object_store_install_what_a_changed_lock_names(
    registry: AttackedRegistry, client: Client
) -> None:
    """The limit, for skills that nobody signs: whoever may change the project as well names the forgery there."""
    made = forged(registry, PLAIN, "1.0.0")
    envelope, row = made.attested(AttestationKeyThief.of(registry))
    deliver(registry, made, envelope)
    client.edit_lock(
        PLAIN,
        digest=row.digest,
        integrity=row.integrity,
        size_bytes=row.size_bytes,
        tree_hash=row.tree_hash,
        audit_score=10.0,
        attestations={"registry": sha256_digest(envelope)},
    )
    assert client.run("ci").exit_code == 0


# The index key, with the object store that delivers what it signs


def test_index_key_and_object_store_list_what_is_not_attested(
    registry: AttackedRegistry, client: Client
) -> None:
    made = forged(registry, PLAIN)
    deliver(registry, made)
    IndexKeyThief(registry).sign(registry.version(PLAIN, "1.0.0"), made.row)
    before = client.installed()
    assert client.run("update").refusal == (6, "attestation-refused")
    assert client.installed() == before


def test_index_key_and_object_store_hide_a_version_from_who_has_not_locked_it(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    registry.publish(PLAIN, "1.0.1")
    assert client.run("update").exit_code == 0
    IndexKeyThief(registry).sign(registry.version(PLAIN, "1.0.0"))
    assert client.run("update").refusal == (6, "index-rolled-back")
    assert newcomer.run("add", PLAIN).exit_code == 0
    assert newcomer.locked(PLAIN)["version"] == "1.0.0"


# Attestation key and object store, with the database or the index key to name what they deliver


def listed(registry: AttackedRegistry, made: Forgery, by: str) -> None:
    envelope, row = made.attested(AttestationKeyThief.of(registry))
    deliver(registry, made, envelope)
    if by == "database":
        DatabaseOwner(registry).add_version(row)
    else:
        IndexKeyThief(registry).sign(registry.version(made.row.name, "1.0.0"), row)


ALL_OF_IT = pytest.mark.parametrize("by", ["database", "index key"])


@ALL_OF_IT
def test_with_everything_an_unsigned_skill_is_lost(
    registry: AttackedRegistry, client: Client, by: str
) -> None:
    """The limit: where nobody signs, the registry's word is all there is."""
    listed(registry, forged(registry, PLAIN), by)
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.9"


@ALL_OF_IT
@pytest.mark.parametrize("is_signed", [False, True], ids=["signed by nobody", "signed by a stranger"])
def test_with_everything_a_signed_skill_still_moves_no_project(
    registry: AttackedRegistry, client: Client, by: str, is_signed: bool
) -> None:
    listed(registry, signed_by_a_stranger(registry) if is_signed else forged(registry, SIGNED), by)
    before = client.installed()
    assert client.run("update").refusal == (7, "publisher-changed")
    assert client.installed() == before


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (claimed_to_be_signed_by_ada, "signature-mismatch"),
        (with_the_signature_of_another_version, "provenance-mismatch"),
    ],
)
def test_with_everything_nobody_signs_as_the_bound_build(
    registry: AttackedRegistry,
    client: Client,
    newcomer: Client,
    make: Callable[[AttackedRegistry], Forgery],
    code: str,
) -> None:
    listed(registry, make(registry), "index key")
    assert client.run("update").refusal == (6, code)
    assert newcomer.run("add", SIGNED).refusal == (6, code)


def test_with_everything_a_newcomer_is_deceived_and_can_see_by_whom(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    """The limit: who never saw the skill has only the registry's word on whose signature counts."""
    listed(registry, signed_by_a_stranger(registry), "index key")
    assert newcomer.run("add", SIGNED).exit_code == 0
    assert newcomer.locked(SIGNED)["signer"]["repository"] == "https://github.com/mallory/skills"


# Database and object store, database and attestation key


def test_database_and_object_store_attest_nothing(registry: AttackedRegistry, client: Client) -> None:
    made = forged(registry, PLAIN)
    deliver(registry, made)
    DatabaseOwner(registry).add_version(made.row)
    assert client.run("update").refusal == (6, "attestation-refused")


def test_database_and_object_store_bring_back_what_was_taken_down(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    """The limit: it was attested once, and no attestation says that it was taken back."""
    owner, version = StoreOwner(registry), registry.version(PLAIN, "1.0.0")
    archive = owner.read(f"blobs/sha256/{version.digest.removeprefix('sha256:')}")
    admin = authenticate(registry.ports, f"Bearer {bootstrap_admin(registry.ports)}")
    availability.take_down(registry.ports, admin, PLAIN, "1.0.0", "malicious")
    assert newcomer.run("add", PLAIN).exit_code != 0
    DatabaseOwner(registry).change_version(PLAIN, "1.0.0", availability=Availability.AVAILABLE)
    owner.serve_blob(archive)
    assert newcomer.run("add", PLAIN).exit_code == 0


def test_database_and_attestation_key_name_bytes_that_nobody_can_have(
    registry: AttackedRegistry, client: Client
) -> None:
    _, row = forged(registry, PLAIN).attested(AttestationKeyThief.of(registry))
    DatabaseOwner(registry).add_version(row)
    assert client.run("update").refusal == (8, "blob-unavailable")


def test_on_one_machine_the_database_names_the_objects_too(
    registry: AttackedRegistry, client: Client
) -> None:
    """There it takes the attestation key alone besides: any upload lies in the store already, under no name."""
    made = forged(registry, PLAIN)
    envelope, row = made.attested(AttestationKeyThief.of(registry))
    owner = DatabaseOwner(registry)
    for data in (made.archive, envelope):
        uploaded = registry.ports.blobs.put("incoming/never-published/archive.tgz", data)
        owner.execute(
            "INSERT INTO objects VALUES (?, ?, ?, '', '', 0, 1)",
            f"public/blobs/sha256/{uploaded.version_id}",
            uploaded.version_id,
            uploaded.size_bytes,
        )
    owner.add_version(row)
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.9"


def test_the_honest_parts_of_the_forgeries_are_accepted(registry: AttackedRegistry, client: Client) -> None:
    """What is refused above is the lie: the same bytes, really signed by the bound build, are installed."""
    archive = evil_archive(SIGNED, "1.0.9")
    bundle = registry.bundle(archive, BUILD)
    signature = signature_of(registry.sigstore, bundle, "ada")
    assert signature.binding.repository_id == BINDING.repository_id
    made = forgery(registry.version(SIGNED, "1.0.0"), "1.0.9", bundle=bundle, signature=signature)
    listed(registry, made, "index key")
    assert client.run("update").exit_code == 0
