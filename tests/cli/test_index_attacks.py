"""An attacker who owns the object store, or has stolen the online key: what is refused, and by which name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tank_cli.client.index_refusals import IndexEndlessError
from tank_cli.client.metadata_fetcher import MetadataFetcher
from tank_cli.client.transport import Transport
from tank_cli.registry_targets import RegistryDocumentRefusedError
from tank_core import tuf_layout
from tank_core.absence import SkillNotFoundError
from tests.support.client_machine import NOTES, Machine
from tests.support.registry_double import RegistryDouble
from tests.support.tuf_repository import Keys, signed_bytes

BIN = tuf_layout.bin_of(tuf_layout.index_target(NOTES))
TIMESTAMP = "/tuf/timestamp.json"
Attack = Callable[[RegistryDouble, dict[str, bytes]], None]


def replay_everything(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects.update(old)


def replay_timestamp(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[TIMESTAMP] = old[TIMESTAMP]


def replay_snapshot(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[registry.tuf.path("snapshot")] = old["snapshot"]


def replay_bin(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[registry.tuf.path(BIN)] = old["bin"]


def replay_document(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[registry.tuf.document_path(NOTES)] = old["document"]


def swap_two_bins(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[registry.tuf.path(BIN)] = registry.objects["/tuf/1.index-00.json"]


def timestamp_as_snapshot(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[registry.tuf.path("snapshot")] = registry.objects[TIMESTAMP]


def bin_as_timestamp(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[TIMESTAMP] = registry.objects[registry.tuf.path(BIN)]


def remove_snapshot(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    del registry.objects[registry.tuf.path("snapshot")]


def remove_bin(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    del registry.objects[registry.tuf.path(BIN)]


def remove_document(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    del registry.objects[registry.tuf.document_path(NOTES)]


def remove_timestamp(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    del registry.objects[TIMESTAMP]


def strip(path: str) -> Attack:
    def attack(registry: RegistryDouble, old: dict[str, bytes]) -> None:
        where = TIMESTAMP if path == "timestamp" else registry.tuf.path(path)
        document = json.loads(registry.objects[where])
        document["signatures"] = []
        registry.objects[where] = json.dumps(document).encode()

    return attack


def sign_as_a_stranger(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[TIMESTAMP] = signed_bytes(registry.tuf.timestamp, Keys.fresh().online)


def sign_timestamp_with_the_offline_key(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects[TIMESTAMP] = signed_bytes(registry.tuf.timestamp, registry.tuf.keys.targets)


def endless(path: str) -> Attack:
    def attack(registry: RegistryDouble, old: dict[str, bytes]) -> None:
        where = {"document": registry.tuf.document_path(NOTES), "root": "/tuf/2.root.json"}.get(path)
        registry.objects[where or registry.tuf.path(path)] = bytes(5 * 1024 * 1024)

    return attack


def malformed(data: bytes) -> Attack:
    def attack(registry: RegistryDouble, old: dict[str, bytes]) -> None:
        registry.objects[TIMESTAMP] = data

    return attack


def root_of_a_stranger(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    thief = Keys.fresh()
    registry.tuf.rotate_root(thief, signers=(thief.root,))


def root_that_its_own_keys_did_not_sign(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.tuf.rotate_root(Keys.fresh(), signers=(registry.tuf.keys.root,))


def first_root_again(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects["/tuf/2.root.json"] = registry.objects["/tuf/1.root.json"]


def skip_a_root(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.tuf.rotate_root(registry.tuf.keys)
    registry.tuf.rotate_root(registry.tuf.keys)
    registry.objects["/tuf/2.root.json"] = registry.objects["/tuf/3.root.json"]


def hide_a_new_root(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.tuf.rotate_root(Keys(registry.tuf.keys.root, registry.tuf.keys.targets, Keys.fresh().online))
    registry.tuf.sign_again()
    del registry.objects["/tuf/2.root.json"]


def announced(attack: Attack) -> Attack:
    """The attacker holds the online key as well, and lets the timestamp say that there is a newer root."""

    def attack_and_announce(registry: RegistryDouble, old: dict[str, bytes]) -> None:
        registry.tuf.announced_root = 9
        registry.tuf.publish_timestamp()
        attack(registry, old)

    return attack_and_announce


def rubbish_as_root(registry: RegistryDouble, old: dict[str, bytes]) -> None:
    registry.objects["/tuf/2.root.json"] = b"{"


ROLLED_BACK, MIXED, UNSIGNED = "index-rolled-back", "index-mixed", "index-unsigned"
ENDLESS, UNTRUSTED, ROOT_REFUSED = "index-endless", "untrusted-metadata", "registry-root-refused"
ATTACKS: list[tuple[str, Attack, str, str]] = [
    ("everything old", replay_everything, ROLLED_BACK, "timestamp.json"),
    ("timestamp old", replay_timestamp, ROLLED_BACK, "timestamp.json"),
    ("snapshot old", replay_snapshot, MIXED, "snapshot.json"),
    ("bin old", replay_bin, MIXED, f"{BIN}.json"),
    ("document old", replay_document, MIXED, "index/acme/notes.json"),
    ("bin of others", swap_two_bins, MIXED, f"{BIN}.json"),
    ("timestamp as snapshot", timestamp_as_snapshot, MIXED, "snapshot.json"),
    ("bin as timestamp", bin_as_timestamp, UNTRUSTED, "timestamp.json"),
    ("snapshot gone", remove_snapshot, MIXED, "snapshot.json"),
    ("bin gone", remove_bin, MIXED, f"{BIN}.json"),
    ("document gone", remove_document, MIXED, "index/acme/notes.json"),
    ("timestamp gone", remove_timestamp, UNTRUSTED, "timestamp.json"),
    ("timestamp unsigned", strip("timestamp"), UNSIGNED, "timestamp.json"),
    ("snapshot unsigned", strip("snapshot"), MIXED, "snapshot.json"),
    ("bin unsigned", strip(BIN), MIXED, f"{BIN}.json"),
    ("timestamp by a stranger", sign_as_a_stranger, UNSIGNED, "timestamp.json"),
    ("timestamp by the targets key", sign_timestamp_with_the_offline_key, UNSIGNED, "timestamp.json"),
    ("timestamp endless", endless("timestamp"), ENDLESS, "timestamp.json"),
    ("snapshot endless", endless("snapshot"), ENDLESS, "snapshot.json"),
    ("bin endless", endless(BIN), ENDLESS, f"{BIN}.json"),
    ("document endless", endless("document"), ENDLESS, "index/acme/notes.json"),
    ("root endless", announced(endless("root")), ENDLESS, "2.root.json"),
    ("timestamp empty", malformed(b""), UNTRUSTED, "timestamp.json"),
    ("timestamp deep", malformed(b"[" * 10_000), UNTRUSTED, "timestamp.json"),
    ("timestamp wrong types", malformed(b'{"signed": 7, "signatures": {}}'), UNTRUSTED, "timestamp.json"),
    ("root of a stranger", announced(root_of_a_stranger), ROOT_REFUSED, "2.root.json"),
    ("root not by its own keys", announced(root_that_its_own_keys_did_not_sign), ROOT_REFUSED, "2.root.json"),
    ("first root as second", announced(first_root_again), ROLLED_BACK, "2.root.json"),
    ("a root skipped", announced(skip_a_root), ROOT_REFUSED, "2.root.json"),
    ("root malformed", announced(rubbish_as_root), ROOT_REFUSED, "2.root.json"),
    ("new root hidden", hide_a_new_root, UNSIGNED, "timestamp.json"),
]


@pytest.mark.parametrize(
    ("attack", "code", "file"), [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS]
)
def test_the_owner_of_the_store_is_refused_by_name(
    machine: Machine, used: RegistryDouble, attack: Attack, code: str, file: str
) -> None:
    old = {
        TIMESTAMP: used.objects[TIMESTAMP],
        "snapshot": used.objects[used.tuf.path("snapshot")],
        "bin": used.objects[used.tuf.path(BIN)],
        "document": used.objects[used.tuf.document_path(NOTES)],
    }
    used.publish(NOTES, "1.1.0")
    assert machine.versions() == ["1.0.0", "1.1.0"]  # seen by this machine, and so no longer deniable
    used.publish(NOTES, "1.2.0")
    attack(used, old)
    error = machine.refused()
    assert (error.code, file in error.what) == (code, True), error.what
    assert "operator" in error.fix


def test_a_root_that_no_timestamp_tells_of_is_not_even_read(machine: Machine, used: RegistryDouble) -> None:
    root_of_a_stranger(used, {})
    used.requests.clear()
    assert machine.versions() == ["1.0.0"]
    assert not any("root" in request for request in used.requests)


def test_where_the_timestamp_does_not_verify_the_next_root_is_asked_for_whatever_it_says(
    machine: Machine, used: RegistryDouble
) -> None:
    """A thief of the replaced online key says that nothing changed; the new root has its say."""
    used.tuf.rotate_root(Keys(used.tuf.keys.root, used.tuf.keys.targets, Keys.fresh().online))
    used.tuf.announced_root = 1
    used.tuf.sign_again()
    assert machine.versions() == ["1.0.0"]


@pytest.mark.parametrize("said", [None, "2", 1.5, True, -1, [1]])
def test_a_timestamp_that_does_not_say_which_root_is_the_newest_spares_no_question(
    machine: Machine, used: RegistryDouble, said: object
) -> None:
    document = json.loads(used.objects[TIMESTAMP])
    document["signed"][tuf_layout.ROOT_VERSION] = said
    if said == -1:
        del document["signed"][tuf_layout.ROOT_VERSION]
    used.objects[TIMESTAMP] = json.dumps(document).encode()
    used.requests.clear()
    assert machine.refused().code in (UNSIGNED, UNTRUSTED)
    assert "GET /tuf/2.root.json" in used.requests


@pytest.mark.parametrize("command", ["update", "audit", "outdated"])
def test_every_command_that_reads_the_index_refuses_an_old_one(
    tank: Any, trusted: RegistryDouble, project: Path, command: str
) -> None:
    trusted.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    old = dict(trusted.objects)
    trusted.publish(NOTES, "1.1.0")
    assert tank("update").exit_code == 0
    lock = (project / "skills.lock").read_bytes()
    trusted.objects.update(old)
    result = tank(command, "--json")
    assert (result.exit_code, result.error_code) == (6, "index-rolled-back")
    assert (project / "skills.lock").read_bytes() == lock


# What only the thief of the online key can do


def bin_goes_back(registry: RegistryDouble) -> None:
    registry.tuf.snapshot.meta[f"{BIN}.json"].version -= 1
    registry.tuf.publish_snapshot()


def snapshot_goes_back(registry: RegistryDouble) -> None:
    registry.tuf.versions["snapshot"] -= 2
    registry.tuf.publish_snapshot()


def bin_left_out(registry: RegistryDouble) -> None:
    del registry.tuf.snapshot.meta[f"{BIN}.json"]
    registry.tuf.publish_snapshot()


@pytest.mark.parametrize(
    ("theft", "file"),
    [
        (bin_goes_back, "snapshot.json"),
        (snapshot_goes_back, "timestamp.json"),
        (bin_left_out, "snapshot.json"),
    ],
)
def test_even_signed_nothing_goes_back(
    machine: Machine, used: RegistryDouble, theft: Callable[[RegistryDouble], None], file: str
) -> None:
    used.publish(NOTES, "1.1.0")
    machine.versions()
    theft(used)
    error = machine.refused()
    assert (error.code, file in error.what) == ("index-rolled-back", True), error.what


def test_a_machine_without_a_past_misses_a_bin_that_was_left_out(
    machine: Machine, registry: RegistryDouble
) -> None:
    bin_left_out(registry)
    error = machine.refused()
    assert (error.code, BIN in error.why) == ("index-mixed", True)


def test_a_bin_cannot_add_what_only_the_offline_key_may_say(
    machine: Machine, registry: RegistryDouble
) -> None:
    registry.tuf.put_targets(
        {"sigstore/trusted_root.json": b"{}", "sigstore/signing_config.json": b"{}", "registry.json": b"{}"}
    )
    assert machine.refresh().sigstore is None
    registry.sign_registry(sigstore="local")  # says so, and signs no root for it
    with pytest.raises(RegistryDocumentRefusedError) as caught:
        machine.refresh()
    assert "sigstore/trusted_root.json" in caught.value.problems[0].what


def test_a_bin_counts_only_for_its_own_targets(machine: Machine, used: RegistryDouble) -> None:
    other = next(role for role in tuf_layout.every_bin() if role != BIN)
    target = used.tuf.bins[BIN].targets.pop("index/acme/notes.json")
    used.tuf.bin(other).targets["index/acme/notes.json"] = target
    used.tuf.publish_bins([BIN, other])
    with pytest.raises(SkillNotFoundError):
        machine.versions()


@pytest.mark.parametrize(
    "hashes",
    [{"sha512": "0" * 128}, {"sha256": "../../blobs"}, {"sha256": "A" * 64}, {"sha256": "\u0661" * 64}],
)
def test_a_document_without_a_digest_that_is_one_is_not_asked_for(
    machine: Machine, used: RegistryDouble, hashes: dict[str, str]
) -> None:
    used.tuf.bin(BIN).targets["index/acme/notes.json"].hashes = hashes
    used.tuf.publish_bins([BIN])
    used.requests.clear()
    error = machine.refused()
    assert (error.code, "Its SHA-256 is" in error.why) == ("untrusted-metadata", True)
    assert not any("/targets/" in request for request in used.requests)


def test_a_size_above_any_document_is_refused_before_it_is_asked_for(
    machine: Machine, used: RegistryDouble
) -> None:
    used.tuf.bins[BIN].targets["index/acme/notes.json"].length = 10 * 1024**3
    used.tuf.publish_bins([BIN])
    used.requests.clear()
    assert machine.refused().code == "index-endless"
    assert not any("/targets/" in request for request in used.requests)


def test_a_refusal_longer_than_a_document_is_told_as_one(machine: Machine, used: RegistryDouble) -> None:
    used.publish(NOTES, "1.1.0")
    path = used.tuf.document_path(NOTES)
    used.overrides[path] = [(403, bytes(len(used.objects[path]) + 1))]
    error = machine.refused()
    assert (error.code, "not there" in error.why) == ("index-mixed", True)


def test_a_file_that_drips_for_ever_is_given_up(registry: RegistryDouble, transport: Transport) -> None:
    times = iter([0.0, 1.0, 1000.0])
    slow = SimpleNamespace(send=_in_drops)
    with pytest.raises(IndexEndlessError) as caught:
        MetadataFetcher(slow, clock=lambda: next(times)).download_bytes("https://t.example/timestamp.json", 9)
    assert "120 seconds" in caught.value.why


def _in_drops(_: object, on_chunk: Callable[[], Callable[[bytes], None]]) -> None:
    see = on_chunk()
    for _ in range(9):
        see(b"x")
