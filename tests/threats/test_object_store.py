"""An attacker who owns the object store: writes any bytes under any key, and has no key and no database."""

from __future__ import annotations

import json

import pytest

from chalicelib.adapters.tuf.metadata import IndexTamperedError
from chalicelib.services import keys
from infra.local.folder import DataFolder
from pipeline.execution import SCORE
from tank_core import tuf_layout
from tank_core.archive import pack
from tank_core.canonical import compact
from tests.support.attacked_registry import PLAIN, SIGNED, AttackedRegistry, Served
from tests.support.attackers import StoreOwner
from tests.support.consumer import Client
from tests.support.forgeries import evil_archive
from tests.support.local_sigstore import BUILD
from tests.support.packages import package

ROOT, TIMESTAMP = tuf_layout.NEWEST_ROOT, tuf_layout.TIMESTAMP


@pytest.mark.parametrize("what", ["digest", "attestation_digest", "bundle_digest"])
def test_other_bytes_in_place_of_any_part_of_a_version_are_refused(
    registry: AttackedRegistry, newcomer: Client, what: str
) -> None:
    digest = getattr(registry.version(SIGNED, "1.0.0"), what)
    owner = StoreOwner(registry)
    honest = owner.read(keys.blob(digest).removeprefix(keys.PUBLIC))
    owner.overwrite(digest, bytes(len(honest)))
    before = newcomer.installed()
    assert newcomer.run("add", SIGNED).refusal == (6, "blob-mismatch")
    assert newcomer.installed() == before


def test_an_honest_version_of_another_skill_is_not_taken_for_this_one(
    registry: AttackedRegistry, newcomer: Client
) -> None:
    """Swaps everything that belongs to one skill for what the registry itself made of another."""
    owner = StoreOwner(registry)
    ours, other = registry.version(SIGNED, "1.0.0"), registry.version(PLAIN, "1.0.0")
    for what in ("digest", "attestation_digest"):
        source = keys.blob(getattr(other, what)).removeprefix(keys.PUBLIC)
        owner.serve(keys.blob(getattr(ours, what)).removeprefix(keys.PUBLIC), owner.read(source))
    assert newcomer.run("add", SIGNED).refusal == (6, "blob-mismatch")


def test_a_root_that_the_pinned_one_did_not_sign_is_not_followed(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    """With a timestamp that announces it, or nobody would ask for it."""
    owner = StoreOwner(registry)
    timestamp = json.loads(owner.read(TIMESTAMP))
    timestamp["signed"][tuf_layout.ROOT_VERSION] = 2
    owner.serve(TIMESTAMP, json.dumps(timestamp).encode())
    owner.serve("tuf/2.root.json", owner.read(ROOT))
    assert client.run("update").refusal == (6, "index-rolled-back")
    root = json.loads(owner.read(ROOT))
    root["signed"]["version"] = 2
    owner.serve("tuf/2.root.json", json.dumps(root).encode())
    assert newcomer.run("add", PLAIN).refusal == (6, "registry-root-refused")


def test_the_copy_of_the_registry_document_for_people_is_believed_by_nobody(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    StoreOwner(registry).serve("registry.json", b'{"api": "https://evil.example", "keys": []}')
    assert client.run("update").exit_code == 0
    assert newcomer.run("add", SIGNED).exit_code == 0


def test_who_has_not_seen_the_newest_can_be_shown_an_older_index_while_it_is_fresh(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    """The limit of every index that is served: an honest state, whole, until its timestamp expires."""
    owner = StoreOwner(registry)
    before = owner.copy()
    registry.publish(PLAIN, "1.0.1")
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.1"
    owner.restore(before)
    assert newcomer.run("add", PLAIN).exit_code == 0
    assert newcomer.locked(PLAIN)["version"] == "1.0.0"
    assert client.run("update").refusal == (6, "index-rolled-back")


def test_an_emptied_store_stops_nobody_who_has_it_all_in_the_cache(
    registry: AttackedRegistry, client: Client, newcomer: Client
) -> None:
    StoreOwner(registry).restore({})
    assert client.run("ci").exit_code == 0
    assert newcomer.run("add", PLAIN).exit_code == 6
    assert not (newcomer.project / "skills.lock").exists()


def test_a_verdict_that_was_rewritten_on_its_way_is_never_published(registry: AttackedRegistry) -> None:
    """The working document of Score, between Score and Store."""
    publish_id = registry.begin(pack(package({"name": PLAIN, "version": "1.0.1"})))
    registry.run(steps=4)
    at = registry.embedded.checkpoints.get(publish_id)
    assert at is not None
    assert (at.state, at.data["score"]["outcome"]) == ("Store", "passed")
    forged = {"value": 10.0, "verdict": "pass", "items": [], "findings": []}
    registry.ports.blobs.put(keys.work(publish_id, SCORE), compact(forged))
    registry.run()
    assert registry.attempt(publish_id).state != "published"
    assert registry.ports.catalog.version(PLAIN, "1.0.1") is None
    history = registry.embedded.checkpoints.history(publish_id)
    assert "is not what its stage wrote" in history[-1].detail


def test_of_an_exchanged_upload_the_analysed_bytes_are_published_or_nothing(
    registry: AttackedRegistry,
) -> None:
    publish_id = registry.begin(pack(package({"name": PLAIN, "version": "1.0.1"})))
    registry.run(steps=4)
    registry.ports.blobs.put(keys.incoming_archive(publish_id), evil_archive(PLAIN, "1.0.1"))
    registry.run()
    digest = registry.version(PLAIN, "1.0.1").digest
    blob = registry.ports.blobs.get(keys.blob(digest), max_bytes=10**6)
    assert blob == pack(package({"name": PLAIN, "version": "1.0.1"}))


def test_an_exchanged_bundle_ends_the_publish(registry: AttackedRegistry) -> None:
    archive = pack(package({"name": SIGNED, "version": "1.0.1"}))
    publish_id = registry.begin(archive, bundle=registry.bundle(archive, BUILD))
    other = pack(package({"name": SIGNED, "version": "1.0.2"}))
    registry.ports.blobs.put(keys.incoming_bundle(publish_id), registry.bundle(other, BUILD))
    registry.run()
    ended = registry.attempt(publish_id)
    assert ended.state == "rejected"
    assert ended.rejection is not None
    assert ended.rejection.code == "bundle-mismatch"


def test_the_registry_signs_nothing_on_top_of_what_it_did_not_write(
    registry: AttackedRegistry, client: Client
) -> None:
    owner = StoreOwner(registry)
    before = owner.copy()
    registry.publish(PLAIN, "1.0.1")
    owner.restore(before)
    with pytest.raises(IndexTamperedError):
        registry.ports.index.write([SIGNED])
    assert client.run("update").exit_code == 0  # and has seen nothing but what was signed
    assert client.locked(PLAIN)["version"] == "1.0.0"


@pytest.mark.parametrize("size", [1, 100_000])
def test_what_lies_where_the_next_round_will_write_is_not_made_part_of_it(
    registry: AttackedRegistry, client: Client, size: int
) -> None:
    standing = registry.embedded.index._state.read()
    assert standing is not None
    for version in range(standing.revision, standing.revision + 5):
        StoreOwner(registry).serve(tuf_layout.metadata_path("snapshot", version), bytes(size))
    with pytest.raises(IndexTamperedError):
        registry.ports.index.write([SIGNED])
    assert client.run("update").exit_code == 0  # of the round before


def test_no_key_lies_in_the_object_store(registry: AttackedRegistry) -> None:
    folder, owner = DataFolder(registry.data), StoreOwner(registry)
    secrets = [
        folder.signing_key,
        folder.index_key,
        folder.upload_secret,
        folder.execution_secret,
        *folder.offline_keys.glob("*.pem"),
    ]
    stored = b"".join(owner.copy().values())
    assert len(secrets) == 6
    for secret in secrets:
        assert secret.read_bytes().strip() not in stored
        assert not secret.is_relative_to(folder.blobs)


def test_who_serves_the_index_sees_what_is_asked_for(
    registry: AttackedRegistry, newcomer: Client, served: Served
) -> None:
    served.asked.clear()
    assert newcomer.run("add", PLAIN).exit_code == 0
    assert any(
        path.startswith("/targets/index/acme/") and path.endswith(".plain.json") for path in served.asked
    )
