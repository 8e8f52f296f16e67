"""Root and targets of an embedded registry: made at the first start, refused once their keys are away."""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.adapters.tuf.authority import CeremonyRefusedError
from chalicelib.adapters.tuf.writer import TufIndexWriter
from infra.ceremony.folder import Ceremony
from infra.local.authority import OfflineKeyMissingError, offline_keys_here, settle_authority
from infra.local.durable import ExposedFileError
from infra.local.folder import DataFolder
from infra.local.signer import FileSigner
from tank_core import tuf_layout
from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.memory_state import IndexStateInMemory

SAID = {"registry.json": b"{}"}


@dataclass(slots=True)
class Machine:
    folder: DataFolder
    world: MemoryWorld
    state: IndexStateInMemory

    def writer(self) -> TufIndexWriter:
        return TufIndexWriter(
            blobs=self.world.blobs,
            catalog=self.world.catalog,
            state=self.state,
            signer=FileSigner(self.folder.index_key),
            clock=self.world.clock,
        )

    def start(self, said: dict[str, bytes] = SAID) -> str:
        return settle_authority(self.folder, self.writer(), said, now=self.world.clock.now())

    @property
    def files(self) -> list[str]:
        return sorted(name for name in Ceremony(self.folder.ceremony).files() if name.startswith("tuf/"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = DataFolder(tmp_path / "data")
    folder.make()
    folder.keys.mkdir(mode=0o700)
    return Machine(folder, memory_world(), IndexStateInMemory())


def test_the_first_start_makes_keys_that_only_their_owner_reads(machine: Machine) -> None:
    fingerprint = machine.start()
    for path in machine.folder.offline_keys.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    newest = machine.world.blobs.get("public/" + tuf_layout.NEWEST_ROOT, max_bytes=10**6)
    assert fingerprint == tuf_layout.root_fingerprint(newest)
    assert offline_keys_here(machine.folder)


def test_a_start_that_changes_nothing_signs_nothing_and_needs_no_key(machine: Machine) -> None:
    fingerprint = machine.start()
    shutil.rmtree(machine.folder.offline_keys)
    assert not offline_keys_here(machine.folder)
    written = machine.state.read()
    assert machine.start() == fingerprint
    assert machine.state.read() == written
    assert machine.files == ["tuf/1.root.json", "tuf/1.targets.json"]


def test_another_address_signs_new_targets_and_keeps_the_fingerprint(machine: Machine) -> None:
    fingerprint = machine.start()
    assert machine.start({"registry.json": b"[1]"}) == fingerprint
    assert machine.files == ["tuf/1.root.json", "tuf/1.targets.json", "tuf/2.targets.json"]


def test_another_address_without_the_key_is_refused_with_what_to_do(machine: Machine) -> None:
    machine.start()
    (machine.folder.offline_keys / "targets.pem").unlink()
    with pytest.raises(OfflineKeyMissingError, match=r"New targets must be signed") as caught:
        machine.start({"registry.json": b'{"registry": "http://two.example"}'})
    assert caught.value.why == "The registry's address changed from None to http://two.example."
    assert f"Put {machine.folder.offline_keys / 'targets.pem'} back" in caught.value.fix
    machine.start()


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"registry.json": b'{"keys": [1]}'}, "The attestation key changed."),
        ({"registry.json": b'{"sigstore": "public"}'}, "--sigstore changed from none to public."),
        (SAID | {"sigstore/trusted_root.json": b"{}"}, "Sigstore's trusted_root.json changed."),
    ],
    ids=["attestation key", "another Sigstore", "trusted root"],
)
def test_a_refused_start_names_the_one_thing_that_changed(
    machine: Machine, said: dict[str, bytes], cause: str
) -> None:
    machine.start()
    (machine.folder.offline_keys / "targets.pem").unlink()
    with pytest.raises(OfflineKeyMissingError) as caught:
        machine.start(said)
    assert caught.value.why == cause


def test_a_start_that_is_refused_for_its_age_names_the_day(machine: Machine) -> None:
    machine.start()
    (machine.folder.offline_keys / "targets.pem").unlink()
    machine.world.clock.move(tuf_layout.TARGETS_SECONDS // 2)
    with pytest.raises(OfflineKeyMissingError) as caught:
        machine.start()
    assert caught.value.why.startswith("The targets expire on 20")


def test_half_a_year_later_root_and_targets_are_signed_again(machine: Machine) -> None:
    machine.start()
    machine.world.clock.move(tuf_layout.ROOT_SECONDS // 2)
    machine.start()
    assert machine.files == [
        "tuf/1.root.json",
        "tuf/1.targets.json",
        "tuf/2.root.json",
        "tuf/2.targets.json",
    ]


def test_another_index_key_makes_a_new_root_and_new_targets(machine: Machine) -> None:
    machine.start()
    machine.folder.index_key.unlink()
    machine.start()
    assert machine.files[2:] == ["tuf/2.root.json", "tuf/2.targets.json"]
    machine.writer().write(["@acme/none"])


def test_another_index_key_without_the_root_key_is_refused(machine: Machine) -> None:
    machine.start()
    machine.folder.index_key.unlink()
    (machine.folder.offline_keys / "root.pem").unlink()
    with pytest.raises(OfflineKeyMissingError, match=r"A new root must be signed") as caught:
        machine.start()
    assert caught.value.why == "The index key changed."
    assert str(machine.folder.offline_keys / "root.pem") in caught.value.fix


def test_an_offline_key_that_others_may_read_signs_nothing(machine: Machine) -> None:
    machine.start()
    (machine.folder.offline_keys / "targets.pem").chmod(0o640)
    with pytest.raises(ExposedFileError, match=r"targets\.pem"):
        machine.start({"registry.json": b"[1]"})


def test_a_ceremony_that_was_exchanged_is_refused(machine: Machine) -> None:
    machine.start()
    shutil.rmtree(machine.folder.ceremony)
    machine.world.clock.move(1)  # the same keys at the same second would sign the same bytes
    with pytest.raises(CeremonyRefusedError) as refused:
        machine.start()
    assert refused.value.why == "Root version 1 is not the one that the registry accepted."


@pytest.mark.parametrize("half_made", ["root.pem", "tuf/1.root.json"])
def test_a_first_start_that_was_interrupted_goes_on(machine: Machine, half_made: str) -> None:
    machine.start()
    fresh = Machine(machine.folder, memory_world(), IndexStateInMemory())
    if half_made == "root.pem":  # died after the first key
        shutil.rmtree(machine.folder.ceremony)
        (machine.folder.offline_keys / "targets.pem").unlink()
        (machine.folder.offline_keys / "targets.pem.pub").unlink()
    else:  # died after the root
        (machine.folder.ceremony / "tuf" / "1.targets.json").unlink()
    fresh.start()
