"""A file of `tank vendor` that somebody made or changed: it vouches for nothing, and each part is verified."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tank_cli.vendoring.vendor_file import InvalidVendorFileError, VendorFile, write
from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot
from tests.support.tuf_repository import Keys
from tests.support.vendor_files import pin, rewritten

NAME = "@acme/notes"
GIT = {"subprocess": ["git"]}


def test_without_a_pinned_root_the_file_is_worth_nothing(
    tank: Any, trusted: RegistryDouble, project: Path, vendored: Path, far: Callable[[], None]
) -> None:
    far()
    before = snapshot(project)
    result = tank("ci", "--from", vendored, "--json")
    assert (result.exit_code, result.error_code) == (6, "untrusted-registry")
    assert pin(tank, trusted, vendored, f"sha256:{'0' * 64}").error_code == "unknown-fingerprint"
    assert tank("trust", trusted.url, "--from", vendored, "--json").error_code == "fingerprint-needed"
    assert snapshot(project) == before


def test_a_file_replaces_no_root_that_is_pinned(
    tank: Any, trusted: RegistryDouble, vendored: Path, home: Path
) -> None:
    other = RegistryDouble()
    other.tuf.keys = Keys.fresh()
    other.tuf._name_keys(other.tuf.root)
    other.tuf._write_root(other.tuf.keys.root)
    mine = other.objects["/tuf/root.json"]
    before = snapshot(home / ".config")
    rewritten(vendored, lambda name, data: mine if name == "tuf/1.root.json" else data)
    assert pin(tank, trusted, vendored, other.fingerprint).error_code == "another-root-pinned"
    assert snapshot(home / ".config") == before


def blob_of(name: str, registry: RegistryDouble) -> str:
    published = registry.versions[NAME][0]
    return {"archive": published.digest, "attestation": published.attestation_digest}[name].removeprefix(
        "sha256:"
    )


@pytest.mark.parametrize("part", ["archive", "attestation"])
@pytest.mark.parametrize(
    ("how", "code", "exit_code"), [("changed", "blob-mismatch", 6), ("gone", "not-vendored", 3)]
)
def test_each_part_is_verified_or_missed(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    vendored: Path,
    far: Callable[[], None],
    part: str,
    how: str,
    code: str,
    exit_code: int,
) -> None:
    name, fingerprint = f"blobs/sha256/{blob_of(part, trusted)}", trusted.fingerprint
    rewritten(vendored, lambda n, data: data if n != name else None if how == "gone" else data[:-1] + b"x")
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    before = snapshot(project)
    result = tank("ci", "--from", vendored, "--json")
    assert (result.exit_code, result.error_code) == (exit_code, code)
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [('"publisher": "jo"', '"publisher": "mallory"'), ('"verdict": "pass"', '"verdict": "pass_with_notes"')],
)
def test_a_lock_in_the_file_that_says_other_than_was_attested_is_refused(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    vendored: Path,
    far: Callable[[], None],
    old: str,
    new: str,
) -> None:
    fingerprint = trusted.fingerprint
    rewritten(
        vendored, lambda n, data: data.replace(old.encode(), new.encode()) if n == "skills.lock" else data
    )
    (project / "skills.lock").unlink()
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    before = snapshot(project)
    result = tank("install", "--from", vendored, "--json")
    assert (result.exit_code, result.error_code) == (6, "lock-mismatch")
    assert snapshot(project) == before


def test_keys_in_the_file_that_nobody_signed_attest_nothing(
    tank: Any, trusted: RegistryDouble, vendored: Path, far: Callable[[], None]
) -> None:
    fingerprint = trusted.fingerprint
    rewritten(
        vendored, lambda n, data: data.replace(b"BEGIN", b"BEGUN") if n == "targets/registry.json" else data
    )
    far()
    assert pin(tank, trusted, vendored, fingerprint).error_code == "index-mixed"


def test_targets_that_the_root_did_not_sign_are_refused(
    tank: Any, trusted: RegistryDouble, vendored: Path, far: Callable[[], None]
) -> None:
    fingerprint = trusted.fingerprint
    evil = RegistryDouble()
    evil.tuf.keys = Keys.fresh()
    evil.start(trusted.url)
    files = {
        "tuf/targets.json": evil.objects[evil.tuf.path("targets")],
        "targets/registry.json": evil.objects["/registry.json"],
    }
    rewritten(vendored, lambda n, data: files.get(n, data))
    far()
    assert pin(tank, trusted, vendored, fingerprint).error_code == "index-unsigned"


def test_expired_targets_are_refused(
    tank: Any, trusted: RegistryDouble, vendored: Path, far: Callable[[], None]
) -> None:
    fingerprint = trusted.fingerprint
    trusted.tuf.targets.expires = trusted.tuf.now - timedelta(days=1)
    trusted.sign_registry()
    old = trusted.objects[trusted.tuf.path("targets")]
    rewritten(vendored, lambda n, data: old if n == "tuf/targets.json" else data)
    far()
    assert pin(tank, trusted, vendored, fingerprint).error_code == "index-frozen"


def test_an_old_file_takes_back_no_key_that_this_machine_knows_to_be_revoked(
    tank: Any, trusted: RegistryDouble, project: Path, vendored: Path, home: Path
) -> None:
    trusted.key = RegistryDouble().key  # the old one was stolen, and is named no more
    trusted.sign_registry()
    for published in trusted.versions.values():
        trusted.change(published[0].name, published[0].version)
    shutil.rmtree(home / ".cache")
    assert tank("outdated").exit_code == 0  # which brings word of it
    shutil.rmtree(project / ".tank")
    result = tank("ci", "--from", vendored, "--json")
    assert (result.exit_code, result.error_code) == (6, "attestation-refused")


def test_a_newer_file_brings_word_of_new_keys_and_roots(
    tank: Any, trusted: RegistryDouble, project: Path, vendored: Path, home: Path, far: Callable[[], None]
) -> None:
    fingerprint, old = trusted.fingerprint, vendored.read_bytes()
    trusted.tuf.rotate_root(Keys.fresh())
    trusted.tuf.sign_again()
    trusted.key = RegistryDouble().key
    trusted.sign_registry()
    trusted.publish(NAME, "1.1.0", capabilities=GIT)
    assert tank("update").exit_code == 0
    assert tank("vendor", "--output", "new.tar").exit_code == 0
    far()
    (project / "old.tar").write_bytes(old)
    assert pin(tank, trusted, project / "old.tar", fingerprint).exit_code == 0
    assert tank("ci", "--from", "new.tar").exit_code == 0
    assert (project / ".agents/skills/notes/SKILL.md").read_text().endswith("1.1.0\n")


def test_a_root_in_the_file_that_does_not_follow_is_refused(
    tank: Any, trusted: RegistryDouble, vendored: Path, far: Callable[[], None]
) -> None:
    fingerprint = trusted.fingerprint
    mine = Keys.fresh()
    trusted.tuf.rotate_root(mine, signers=(mine.root,))
    evil = trusted.objects["/tuf/2.root.json"]
    opened = VendorFile.open(vendored)
    parts = {name: opened.read(name, 1 << 26) or b"" for name in opened.places} | {"tuf/2.root.json": evil}
    write(vendored, sorted(parts.items()))
    far()
    assert pin(tank, trusted, vendored, fingerprint).error_code == "registry-root-refused"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data + b"more",
        lambda data: b"",
        lambda data: b"not a tar at all" * 64,
        lambda data: data.replace(b"skills.lock", b"skills.l0ck", 1),
        lambda data: data.replace(b'"format": 1', b'"format": 2', 1),
        lambda data: data.replace(b"0000644", b"0000755", 1),
    ],
    ids=["cut off", "longer", "empty", "no tar", "strange name", "other format", "other mode"],
)
def test_a_file_that_tank_did_not_write_is_refused(
    tank: Any, vendored: Path, project: Path, damage: Callable[[bytes], bytes]
) -> None:
    vendored.write_bytes(damage(vendored.read_bytes()))
    before = snapshot(project)
    result = tank("ci", "--from", vendored, "--json")
    assert (result.exit_code, result.error_code) == (6, "invalid-vendor-file")
    assert snapshot(project) == before


def test_what_follows_the_end_of_a_file_is_not_read_into_memory(vendored: Path) -> None:
    with vendored.open("r+b") as file:
        file.truncate(64 << 20)  # a hole; it could be one of terabytes
    tracemalloc.start()
    try:
        with pytest.raises(InvalidVendorFileError):
            VendorFile.open(vendored)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
