"""`tank vendor` and `--from`: what travels is verified as over the network, and vouches for nothing."""

from __future__ import annotations

import json
import shutil
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tank_cli.vendoring.vendor_file import InvalidVendorFileError, VendorFile, write
from tank_core.entities import Availability
from tank_core.findings import Verdict
from tests.support.local_sigstore import SigstoreScene
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signing_publisher import signing
from tests.support.snapshot import snapshot
from tests.support.tuf_repository import Keys

NAME = "@acme/notes"
GIT = {"subprocess": ["git"]}


@pytest.fixture
def vendored(tank: Any, trusted: RegistryDouble, project: Path) -> Path:
    """A project with two skills, and its vendor file."""
    trusted.publish(NAME, "1.0.0", capabilities=GIT, skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.1.0")
    assert tank("add", NAME).exit_code == 0
    assert tank("vendor").exit_code == 0
    return project / "skills.vendor.tar"


@pytest.fixture
def far(
    trusted: RegistryDouble, home: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Moves the project to a machine that knows nothing, and where the registry answers nothing."""

    def move() -> None:
        for path in (
            home / ".cache",
            home / ".config",
            home / ".local",
            project / ".tank",
            project / ".agents",
        ):
            shutil.rmtree(path, ignore_errors=True)
        monkeypatch.setenv("TANK_REGISTRY", trusted.url)
        trusted.requests.clear()
        trusted.routes.clear()
        trusted.objects.clear()

    return move


def pin(tank: Any, registry: RegistryDouble, file: Path, fingerprint: str) -> Any:
    return tank("trust", registry.url, "--fingerprint", fingerprint, "--from", file, "--json")


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Writes the file again with other contents."""
    opened = VendorFile.open(file)
    parts = [(name, change(name, opened.read(name, 1 << 26) or b"")) for name in sorted(opened.places)]
    write(file, [(name, data) for name, data in parts if data is not None])
    return file


@pytest.mark.parametrize("command", ["install", "ci"])
def test_a_machine_without_a_network_ends_where_the_first_one_did(
    tank: Any, trusted: RegistryDouble, project: Path, vendored: Path, far: Callable[[], None], command: str
) -> None:
    before, fingerprint = snapshot(project), trusted.fingerprint
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    result = tank(command, "--from", vendored)
    assert result.exit_code == 0, result.err
    assert "not known whether anything was withdrawn" in result.told
    assert snapshot(project) == before
    assert tank("verify").exit_code == 0
    assert trusted.requests == []


@pytest.mark.parametrize(
    "command",
    [("update",), ("add", "@acme/other"), ("diff", NAME), ("audit",)],
    ids=lambda command: command[0],
)
def test_what_a_file_brought_stays_and_what_it_cannot_know_is_told_with_the_file_that_would(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    vendored: Path,
    far: Callable[[], None],
    command: tuple[str, ...],
) -> None:
    fingerprint = trusted.fingerprint
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    assert tank("ci", "--from", vendored).exit_code == 0
    vendored.unlink()
    shutil.rmtree(project / ".tank")
    assert tank("ci", "--offline").exit_code == 0  # from what the file left in the cache
    assert tank("verify").exit_code == 0
    before = snapshot(project)
    told = tank(*command, "--offline", "--json")
    assert (told.exit_code, told.error_code) == (5, "not-kept")
    assert "`tank vendor` where there is a network" in told.out
    assert "tank install --from FILE" in told.out
    assert snapshot(project) == before
    assert trusted.requests == []


def test_a_project_without_a_lock_gets_the_one_in_the_file(
    tank: Any, trusted: RegistryDouble, project: Path, vendored: Path, far: Callable[[], None]
) -> None:
    lock, fingerprint = (project / "skills.lock").read_bytes(), trusted.fingerprint
    (project / "skills.lock").unlink()
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    assert tank("ci", "--from", vendored, "--json").error_code == "no-lock"
    assert tank("install", "--from", vendored).exit_code == 0
    assert (project / "skills.lock").read_bytes() == lock


def test_the_same_lock_gives_the_same_bytes_from_a_full_and_an_empty_cache(
    tank: Any, vendored: Path, home: Path, project: Path
) -> None:
    first = vendored.read_bytes()
    shutil.rmtree(home / ".cache")
    assert tank("vendor", "--output", "again.tar", "--json").document["size_bytes"] == len(first)
    assert (project / "again.tar").read_bytes() == first
    with tarfile.open(vendored) as tar:
        assert {(m.mtime, m.uid, m.mode) for m in tar.getmembers()} == {(0, 0, 0o644)}
        assert tar.getnames() == sorted(tar.getnames())


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


def test_budget_and_consent_hold_as_ever(
    tank: Any, trusted: RegistryDouble, project: Path, far: Callable[[], None]
) -> None:
    trusted.publish(NAME, "1.0.0", verdict=Verdict.FLAGGED, score=4.0, capabilities=GIT)
    manifest = json.loads((project / "skills.json").read_text()) | {"skills": {NAME: "1.0.0"}}
    (project / "skills.json").write_text(json.dumps(manifest))
    assert tank("install", "--accept-flagged").exit_code == 0
    assert tank("vendor").exit_code == 0
    fingerprint = trusted.fingerprint
    (project / "skills.lock").unlink()
    far()
    file = project / "skills.vendor.tar"
    assert pin(tank, trusted, file, fingerprint).exit_code == 0
    assert tank("install", "--from", file, "--json").error_code == "flagged-version"
    (project / "skills.json").write_text(json.dumps({"skills": {NAME: "1.0.0"}}))
    result = tank("install", "--from", file, "--accept-flagged", "--json")
    assert (result.exit_code, result.error_code) == (7, "permission-budget")


def test_a_lock_that_does_not_fit_is_not_resolved_anew(
    tank: Any, project: Path, vendored: Path, trusted: RegistryDouble
) -> None:
    (project / "skills.json").write_text(json.dumps({"permissions": GIT, "skills": {NAME: "^2.0.0"}}))
    trusted.requests.clear()
    assert tank("install", "--from", vendored, "--json").error_code == "lock-out-of-date"
    assert trusted.requests == []


def test_a_machine_that_learnt_from_a_file_makes_none_without_a_network(
    tank: Any, trusted: RegistryDouble, project: Path, vendored: Path, far: Callable[[], None]
) -> None:
    fingerprint = trusted.fingerprint
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    assert tank("ci", "--from", vendored).exit_code == 0
    result = tank("vendor", "--output", "second.tar", "--json")
    assert result.exit_code != 0
    assert result.error_code != "unexpected-error"
    assert not (project / "second.tar").exists()


def test_names_do_not_go_with_a_file(tank: Any, vendored: Path) -> None:
    assert tank("install", NAME, "--from", vendored).exit_code == 2


def test_what_was_withdrawn_is_not_vendored(tank: Any, trusted: RegistryDouble, vendored: Path) -> None:
    trusted.change(NAME, "1.0.0", availability=Availability.WITHDRAWN)
    before = vendored.read_bytes()
    result = tank("vendor", "--json")
    assert (result.exit_code, result.error_code) == (8, "version-withdrawn")
    assert vendored.read_bytes() == before


def test_what_cannot_be_verified_is_not_vendored(
    tank: Any, trusted: RegistryDouble, vendored: Path, home: Path
) -> None:
    trusted.objects[blob_path(trusted.versions[NAME][0].digest)] = b"other"
    shutil.rmtree(home / ".cache")
    before = snapshot(vendored.parent)
    assert tank("vendor", "--json").error_code == "blob-mismatch"
    assert snapshot(vendored.parent) == before  # no half-written file either


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


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("sigstore"))
    yield scene
    scene.close()


def test_a_publishers_signature_travels_and_is_verified(
    tank: Any, registry: RegistryDouble, sigstore: SigstoreScene, project: Path, home: Path
) -> None:
    config = sigstore.sigstore.signing_config_bytes()
    registry.sign_registry(
        {"sigstore/trusted_root.json": sigstore.trusted_root, "sigstore/signing_config.json": config}
    )
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    (project / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    registry.publish(
        NAME, "1.0.0", sign=signing(sigstore, "jo"), attested=lambda summary: replace(summary, score=9.5)
    )
    assert tank("add", NAME).exit_code == 0
    assert tank("vendor").exit_code == 0
    for path in (home / ".cache", home / ".config", project / ".tank", project / ".agents"):
        shutil.rmtree(path)
    registry.requests.clear()
    assert pin(tank, registry, project / "skills.vendor.tar", registry.fingerprint).exit_code == 0
    assert tank("ci", "--from", "skills.vendor.tar").exit_code == 0
    assert tank("verify", "--json").document["signed"] == 1
    assert registry.requests == []


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
