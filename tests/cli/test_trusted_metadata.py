"""Roots and keys that change, what the operator says, and what happens to the files on this machine."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Snapshot, Targets

from tank_cli.client.trusted_metadata import TrustNotWritableError
from tank_cli.registry_targets import RegistryDocumentRefusedError
from tank_core import tuf_layout
from tests.support.client_machine import NOTES, Machine
from tests.support.registry_double import RegistryDouble
from tests.support.tuf_repository import Keys, TufRepository, signed_bytes

BIN = tuf_layout.bin_of(tuf_layout.index_target(NOTES))
TIMESTAMP = "/tuf/timestamp.json"


# Roots and keys that change


def test_a_chain_of_roots_is_followed(machine: Machine, used: RegistryDouble) -> None:
    for _ in range(3):
        fresh = Keys.fresh()
        used.tuf.rotate_root(Keys(fresh.root, used.tuf.keys.targets, used.tuf.keys.online))
    used.publish(NOTES, "1.1.0")
    assert machine.versions() == ["1.0.0", "1.1.0"]
    used.requests.clear()
    machine.refresh()
    assert used.requests == ["GET /tuf/timestamp.json"]  # the roots are kept, and it tells of no newer one


def test_a_replaced_online_key_recovers_from_versions_that_a_thief_made_huge(
    machine: Machine, used: RegistryDouble
) -> None:
    used.tuf.versions["timestamp"] = used.tuf.versions["snapshot"] = 2**31
    used.tuf.publish_snapshot()
    machine.versions()
    used.tuf.rotate_root(Keys(used.tuf.keys.root, used.tuf.keys.targets, Keys.fresh().online))
    used.tuf.sign_again()
    assert machine.versions() == ["1.0.0"]
    assert used.tuf.timestamp.version == 1


def test_the_stolen_key_is_worth_nothing_once_it_was_replaced(machine: Machine, used: RegistryDouble) -> None:
    stolen = used.tuf.keys.online
    used.tuf.rotate_root(Keys(used.tuf.keys.root, used.tuf.keys.targets, Keys.fresh().online))
    used.tuf.sign_again()
    machine.versions()
    used.tuf.timestamp.version = 99
    used.objects[TIMESTAMP] = signed_bytes(used.tuf.timestamp, stolen)
    assert machine.refused().code == "index-unsigned"


def test_new_attestation_keys_are_learned_from_the_offline_key(
    machine: Machine, registry: RegistryDouble
) -> None:
    assert list(machine.refresh().keys) == [registry.key_id]
    old, other = registry.key_id, RegistryDouble()
    keys = [{"key_id": double.key_id, "public_key": double.pem} for double in (registry, other)]
    registry.sign_registry(keys=keys)
    assert sorted(machine.refresh().keys) == sorted([old, other.key_id])
    kept = machine.trust.targets()
    assert kept is not None
    assert sorted(kept.keys) == sorted([old, other.key_id])


def test_the_sigstore_of_the_registry_is_kept_as_signed(machine: Machine, registry: RegistryDouble) -> None:
    registry.sign_registry(
        {"sigstore/trusted_root.json": b"root \xff", "sigstore/signing_config.json": b"config"}
    )
    machine.refresh()
    kept = machine.trust.targets()
    assert kept is not None
    assert kept.sigstore is not None
    assert (kept.sigstore.trusted_root, kept.sigstore.kind) == (b"root \xff", "local")


def test_what_the_operator_says_is_fetched_only_when_it_changes(
    machine: Machine, registry: RegistryDouble
) -> None:
    machine.refresh()
    registry.requests.clear()
    registry.publish(NOTES, "1.0.0")
    machine.refresh()
    assert not any("registry.json" in request for request in registry.requests)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"api": "http://tank.example/v1"}, "registry.json: api"),
        ({"api": ""}, "registry.json: api"),
        ({"keys": []}, "registry.json: keys"),
        ({"keys": [{}]}, "registry.json: keys.0.key_id"),
        ({"keys": [{"key_id": "sha256:x", "public_key": "no PEM"}]}, "registry.json: keys"),
        ({"sigstore": "mine"}, "registry.json: sigstore"),
        ({"sigstore": None}, "registry.json: sigstore"),
        ({"sigstore": []}, "registry.json: sigstore"),
    ],
)
def test_a_signed_document_that_makes_no_sense_is_not_kept(
    machine: Machine, registry: RegistryDouble, changes: dict[str, Any], problem: str
) -> None:
    before = machine.refresh()
    registry.sign_registry(**changes)
    with pytest.raises(RegistryDocumentRefusedError) as caught:
        machine.refresh()
    assert caught.value.problems[0].where == problem
    assert machine.trust.targets() == before


def test_a_key_under_the_id_of_another_is_refused(machine: Machine, registry: RegistryDouble) -> None:
    registry.sign_registry(keys=[{"key_id": registry.key_id, "public_key": RegistryDouble().pem}])
    with pytest.raises(RegistryDocumentRefusedError) as caught:
        machine.refresh()
    assert "is not this key's id" in caught.value.problems[0].what


# What happens to the files on this machine


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system, or a disk, on which nobody can make a symbolic link."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "symlink", refuse)


@pytest.mark.usefixtures("without_links")
def test_without_links_the_newest_root_is_a_copy_that_follows_each_rotation(
    machine: Machine, registry: RegistryDouble
) -> None:
    kept = machine.metadata_dir / "root.json"
    machine.refresh()
    assert kept.read_bytes() == registry.objects["/tuf/root.json"]
    registry.tuf.rotate_root(Keys(Keys.fresh().root, registry.tuf.keys.targets, registry.tuf.keys.online))
    registry.publish(NOTES, "1.0.0")
    assert machine.versions() == ["1.0.0"]
    assert kept.read_bytes() == registry.objects["/tuf/root.json"]
    assert not kept.is_symlink()


@pytest.mark.usefixtures("without_links")
def test_without_links_a_registry_is_trusted_once_more_by_its_old_and_its_new_fingerprint(
    tank: Any, registry: RegistryDouble, project: Path
) -> None:
    first = registry.fingerprint
    assert tank("trust", registry.url, "--fingerprint", first).exit_code == 0
    registry.tuf.rotate_root(Keys(Keys.fresh().root, registry.tuf.keys.targets, registry.tuf.keys.online))
    registry.tuf.publish_timestamp()
    for fingerprint in (first, registry.fingerprint, registry.fingerprint):
        assert tank("trust", registry.url, "--fingerprint", fingerprint).exit_code == 0
    registry.publish(NOTES, "1.0.0")
    (project / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    assert tank("add", NOTES).exit_code == 0
    assert tank("verify").exit_code == 0


@pytest.mark.usefixtures("without_links")
def test_without_links_a_root_that_does_not_follow_is_refused_still(
    tank: Any, registry: RegistryDouble
) -> None:
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    registry.objects.clear()
    registry.tuf = TufRepository(registry.objects, Keys.fresh())
    registry.sign_registry()
    told = tank("trust", registry.url, "--fingerprint", registry.fingerprint, "--json")
    assert (told.exit_code, told.error_code) == (6, "index-unsigned")


def poison_root(machine: Machine, used: RegistryDouble) -> None:
    thief = TufRepository({}, Keys.fresh())
    thief.root.version = 2
    data = signed_bytes(thief.root, thief.keys.root)
    (machine.metadata_dir / "root_history/2.root.json").write_bytes(data)
    (machine.metadata_dir / "root.json").unlink()
    (machine.metadata_dir / "root.json").write_bytes(data)


def poison_timestamp(machine: Machine, used: RegistryDouble) -> None:
    used.tuf.timestamp.version = 10**6
    (machine.metadata_dir / "timestamp.json").write_bytes(
        signed_bytes(used.tuf.timestamp, Keys.fresh().online)
    )


def poison_snapshot(machine: Machine, used: RegistryDouble) -> None:
    snapshot = Snapshot.from_dict(used.tuf.snapshot.to_dict())
    snapshot.meta[f"{BIN}.json"].version = 10**6
    (machine.metadata_dir / "snapshot.json").write_bytes(signed_bytes(snapshot, Keys.fresh().online))


def poison_bin(machine: Machine, used: RegistryDouble) -> None:
    empty = Targets(version=used.tuf.bins[BIN].version, expires=used.tuf.bins[BIN].expires)
    (machine.metadata_dir / f"{BIN}.json").write_bytes(signed_bytes(empty, Keys.fresh().online))


def truncate_all(machine: Machine, used: RegistryDouble) -> None:
    for path in [
        *machine.metadata_dir.glob("*.json"),
        *machine.metadata_dir.glob("root_history/*"),
        machine.trust.verified,
    ]:
        path.write_bytes(path.read_bytes()[:100])


def remove_all(machine: Machine, used: RegistryDouble) -> None:
    shutil.rmtree(machine.metadata_dir)
    machine.trust.verified.unlink()


def leave_rubbish(machine: Machine, used: RegistryDouble) -> None:
    (machine.metadata_dir / "tmpabcdefg").write_bytes(b"half")


@pytest.mark.parametrize(
    "harm",
    [poison_root, poison_timestamp, poison_snapshot, poison_bin, truncate_all, remove_all, leave_rubbish],
)
def test_what_lies_in_the_metadata_is_believed_only_as_far_as_it_is_signed(
    machine: Machine, used: RegistryDouble, harm: Callable[[Machine, RegistryDouble], None]
) -> None:
    known = machine.trust.targets()
    harm(machine, used)
    used.publish(NOTES, "1.1.0")
    assert machine.versions() == ["1.0.0", "1.1.0"]
    assert machine.trust.targets() == known
    assert not list(machine.metadata_dir.glob("tmp*"))


def test_a_damaged_pin_is_not_replaced_by_what_the_registry_offers(
    machine: Machine, used: RegistryDouble
) -> None:
    machine.trust.pin(b"{")
    error = machine.refused()
    assert (error.code, "pinned root" in error.what) == ("untrusted-metadata", True)


def test_a_registry_that_nobody_trusts_is_asked_for_nothing_and_leaves_no_trace(
    machine: Machine, registry: RegistryDouble
) -> None:
    machine.trust.forget()
    assert machine.refused().code == "untrusted-registry"
    assert registry.requests == []
    assert not list(machine.trust.place.parent.iterdir())


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(
    machine: Machine, registry: RegistryDouble
) -> None:
    machine.metadata_dir.write_bytes(b"a file where the folder belongs")
    with pytest.raises(TrustNotWritableError):
        machine.refresh()


def test_many_runs_at_once_leave_metadata_that_belongs_together(
    machine: Machine, registry: RegistryDouble
) -> None:
    registry.publish(NOTES, "1.0.0")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: machine.versions(), range(16)))
    assert found == [["1.0.0"]] * 16
    registry.requests.clear()
    assert machine.versions() == ["1.0.0"]
    assert registry.requests == ["GET /tuf/timestamp.json"]
