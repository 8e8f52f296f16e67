"""`tank vendor` and `--from`: what is made, what travels, and what is known where it arrives."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tank_core.entities import Availability
from tank_core.findings import Verdict
from tests.support.local_sigstore import SigstoreScene, targets_of
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signing_publisher import signing
from tests.support.snapshot import snapshot
from tests.support.vendor_files import pin

NAME = "@acme/notes"
GIT = {"subprocess": ["git"]}


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
    [("update",), ("add", "@acme/other"), ("diff", NAME), ("audit",), ("outdated",)],
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
    assert "run `tank add` or `tank update`, then `tank vendor` where there is a network" in told.out
    assert "tank install --from FILE" in told.out
    assert snapshot(project) == before
    assert trusted.requests == []


@pytest.mark.parametrize("options", [[], ["--offline"]])
def test_what_a_file_brought_can_be_removed_without_a_network(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    vendored: Path,
    far: Callable[[], None],
    options: list[str],
) -> None:
    fingerprint = trusted.fingerprint
    far()
    assert pin(tank, trusted, vendored, fingerprint).exit_code == 0
    assert tank("ci", "--from", vendored).exit_code == 0
    result = tank("remove", NAME, *options)
    assert (result.exit_code, result.out.splitlines()[-1]) == (0, "2 skills removed, 0 left.")
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


def test_a_publishers_signature_travels_and_is_verified(
    tank: Any, registry: RegistryDouble, sigstore: SigstoreScene, project: Path, home: Path
) -> None:
    registry.sign_registry(targets_of(sigstore))
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
