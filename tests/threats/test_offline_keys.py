"""Attackers who have a copy of an offline key: the targets key, or the root key."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from chalicelib.adapters.system import SystemClock
from chalicelib.adapters.tuf.metadata import p256_key
from chalicelib.adapters.tuf.writer import TufIndexWriter
from chalicelib.services.registry_document import listed_keys, registry_document
from infra.ceremony.folder import Ceremony
from infra.ceremony.keys import OfflineSigner, new_key, signer_of
from infra.ceremony.roles import RoleKeys, RootPlan, plan_of, with_online_key
from infra.local.durable import read_secret
from infra.local.folder import DataFolder
from infra.local.signer import FileSigner
from tank_cli.config import load
from tank_cli.trust import RegistryTrust
from tank_core import tuf_layout
from tests.support.attacked_registry import PLAIN, SIGNED, AttackedRegistry
from tests.support.attackers import AttestationKeyThief, IndexKeyThief, StoreOwner
from tests.support.consumer import Client
from tests.support.forgeries import evil_archive, forgery
from tests.support.local_sigstore import SigstoreScene
from tests.support.signing_publisher import signature_of


def evil_targets(
    registry: AttackedRegistry, folder: Path, sigstore: SigstoreScene | None = None
) -> tuple[Ceremony, FileSigner]:
    """Returns a ceremony in which the targets key vouches for an attestation key, and a Sigstore, of the thief's."""
    data = DataFolder(registry.data)
    ceremony, own = Ceremony(Path(shutil.copytree(data.ceremony, folder))), FileSigner(folder / "own.pem")
    targets = ceremony.targets()
    assert targets is not None
    contents = {target: ceremony.target(target) or b"" for target in targets.targets}
    contents[tuf_layout.REGISTRY_TARGET] = registry_document(
        registry.url, own, listed=listed_keys(ceremony.target(tuf_layout.REGISTRY_TARGET)), sigstore="local"
    )
    if sigstore is not None:
        contents[tuf_layout.TRUSTED_ROOT_TARGET] = sigstore.trusted_root
    signer = signer_of(read_secret(data.offline_keys / "targets.pem"))
    ceremony.sign_targets(contents, [signer], now=registry.ports.clock.now())
    return ceremony, own


def new_signer(folder: Path) -> OfflineSigner:
    """Returns a key of the thief's own."""
    new_key(folder / "own.pem")
    return signer_of(read_secret(folder / "own.pem"))


def test_the_targets_key_and_the_object_store_change_nothing_without_the_index_key(
    registry: AttackedRegistry, client: Client, tmp_path: Path
) -> None:
    """Which targets count stands in the snapshot, and the index key signs that."""
    ceremony, own = evil_targets(registry, tmp_path / "ceremony")
    for path, data in ceremony.files().items():
        StoreOwner(registry).serve(path, data)
    assert client.run("update").exit_code == 0
    believed = RegistryTrust.of(load({"TANK_HOME": str(client.tank_home)}), registry.url).targets()
    assert believed is not None
    assert list(believed.keys) == [registry.ports.signer.key_id()] != [own.key_id()]


def test_targets_key_index_key_and_object_store_replace_the_attestation_key(
    registry: AttackedRegistry, client: Client, tmp_path: Path
) -> None:
    """The limit: from here on it is the attacker's registry, until a root takes the targets key away."""
    ceremony, own = evil_targets(registry, tmp_path / "ceremony")
    honest = registry.version(PLAIN, "1.0.0")
    made = forgery(honest, "1.0.9")
    envelope, row = made.attested(AttestationKeyThief(own))
    for data in (made.archive, envelope):
        StoreOwner(registry).serve_blob(data)
    thief = IndexKeyThief(registry)
    thief.adopt(ceremony.files())
    thief.sign(honest, row)
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.9"


def test_targets_key_index_key_and_object_store_sign_as_any_publisher(
    registry: AttackedRegistry, client: Client, tmp_path: Path
) -> None:
    """The limit: the root of Sigstore is a target too. The signer in the lock is the same, and the forgery perfect."""
    sigstore = SigstoreScene(tmp_path / "sigstore", SystemClock())
    ceremony, own = evil_targets(registry, tmp_path / "ceremony", sigstore)
    honest, archive = registry.version(SIGNED, "1.0.0"), evil_archive(SIGNED, "1.0.9")
    bundle = replace(registry, sigstore=sigstore).bundle(archive)
    made = forgery(honest, "1.0.9", bundle=bundle, signature=signature_of(sigstore, bundle, "ada"))
    envelope, row = made.attested(AttestationKeyThief(own))
    for data in (archive, bundle, envelope):
        StoreOwner(registry).serve_blob(data)
    thief = IndexKeyThief(registry)
    thief.adopt(ceremony.files())
    thief.sign(honest, row)
    sigstore.close()
    assert client.run("update").exit_code == 0
    assert client.locked(SIGNED)["version"] == "1.0.9"


def replace_index_key(registry: AttackedRegistry, folder: Path) -> None:
    """Answers a stolen index key as the operator would: with a root and targets that name another."""
    data, now = DataFolder(registry.data), registry.ports.clock.now()
    ceremony, fresh = Ceremony(Path(shutil.copytree(data.ceremony, folder))), FileSigner(folder / "new.pem")
    root, targets = ceremony.root(), ceremony.targets()
    assert root is not None
    assert targets is not None
    contents = {target: ceremony.target(target) or b"" for target in targets.targets}
    signers = {
        name: signer_of(read_secret(data.offline_keys / f"{name}.pem")) for name in ("root", "targets")
    }
    plan = with_online_key(plan_of(root), p256_key(fresh.public_key_pem()))
    ceremony.sign_root(plan, [signers["root"]], now=now)
    ceremony.sign_targets(contents, [signers["targets"]], now=now)
    embedded = registry.embedded
    writer = TufIndexWriter(
        blobs=embedded.blobs,
        catalog=embedded.ports.catalog,
        state=embedded.index._state,
        signer=fresh,
        clock=SystemClock(),
    )
    writer.adopt(ceremony.files())


def what_the_thief_serves(registry: AttackedRegistry) -> Mapping[str, bytes]:
    """Returns an object store in which the thief signed the index last; the store itself is as it was."""
    owner = StoreOwner(registry)
    honest = owner.copy()
    IndexKeyThief(registry).sign(registry.version(PLAIN, "1.0.0"))
    served = owner.copy()
    owner.restore(honest)
    return served


def test_a_new_root_takes_a_stolen_index_key_away(
    registry: AttackedRegistry, client: Client, tmp_path: Path
) -> None:
    stolen = what_the_thief_serves(registry)
    replace_index_key(registry, tmp_path / "ceremony")
    assert client.run("update").exit_code == 0
    StoreOwner(registry).restore(stolen)
    assert client.run("update").refusal == (6, "index-unsigned")


def test_who_still_owns_the_object_store_hides_a_new_root_from_who_has_not_seen_it(
    registry: AttackedRegistry, client: Client, tmp_path: Path
) -> None:
    """The limit: a root has to arrive. So the store is taken back before the key is replaced."""
    stolen = what_the_thief_serves(registry)
    replace_index_key(registry, tmp_path / "ceremony")
    StoreOwner(registry).restore(stolen)
    assert client.run("update").exit_code == 0


def test_the_root_key_and_the_object_store_are_the_registry(
    registry: AttackedRegistry, client: Client, tmp_path: Path
) -> None:
    """The limit of all: who signs roots names every other key. A threshold of several people is the defence."""
    data, now = DataFolder(registry.data), registry.ports.clock.now()
    stolen = signer_of(read_secret(data.offline_keys / "root.pem"))
    ceremony, own = Ceremony(Path(shutil.copytree(data.ceremony, tmp_path / "c"))), new_signer(tmp_path)
    root, targets = ceremony.root(), ceremony.targets()
    assert root is not None
    assert targets is not None
    contents = {target: ceremony.target(target) or b"" for target in targets.targets}
    keys = (RoleKeys((own.public_key,)), RoleKeys((own.public_key,)))
    ceremony.sign_root(RootPlan(*keys, plan_of(root).online), [stolen, own], now=now)
    ceremony.sign_targets(contents, [own], now=now)
    IndexKeyThief(registry).adopt(ceremony.files())  # whichever online key: the new root could name any
    assert client.run("update").exit_code == 0
    pinned = max((client.tank_home / "config").rglob("*root*.json"), key=lambda path: path.stat().st_mtime)
    assert own.public_key.keyid in pinned.read_text()


def test_no_offline_key_is_needed_to_publish(registry: AttackedRegistry, client: Client) -> None:
    """So they can lie where no thief of the registry's machine finds them."""
    shutil.rmtree(DataFolder(registry.data).offline_keys)
    assert registry.publish(PLAIN, "1.0.1").state == "published"
    assert client.run("update").exit_code == 0
    assert client.locked(PLAIN)["version"] == "1.0.1"
