"""Signed skills, verified beside the install: when that begins, and what it changes about nothing."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tank_cli.installer import carry_out
from tank_cli.installer.bundle_process import BundleProcess
from tank_core.entities import Availability, SkillVersion
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signing_publisher import Sign


@pytest.fixture
def published(tank: Any, signed: RegistryDouble, project: Path, home: Path, sign: Sign) -> SkillVersion:
    """A signed version in the project's lock, of which this machine has nothing."""
    made = signed.publish("@acme/notes", "1.0.0", sign=sign)
    assert tank("add", "@acme/notes").exit_code == 0
    shutil.rmtree(home / ".cache")
    shutil.rmtree(project / ".tank")
    signed.requests.clear()
    return made


def test_bundles_arrive_and_are_verified_while_the_index_is_read_and_nothing_is_fetched_twice(
    tank: Any, signed: RegistryDouble, published: SkillVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted, warn, submit = threading.Event(), carry_out._warn, BundleProcess.submit

    def warns_late(*arguments: Any) -> None:
        assert submitted.wait(20)
        assert not {f"GET {blob_path(d)}" for d in (published.digest, published.attestation_digest)} & set(
            signed.requests
        )
        warn(*arguments)

    def noticed(self: BundleProcess, bundle: bytes) -> None:
        submit(self, bundle)
        submitted.set()

    monkeypatch.setattr(carry_out, "_warn", warns_late)
    monkeypatch.setattr(BundleProcess, "submit", noticed)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert tank("ci").exit_code == 0
    for digest in (published.digest, published.attestation_digest, published.bundle_digest):
        assert signed.requests.count(f"GET {blob_path(digest)}") == 1


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each process that was started beside: whether most of the install was loaded by then."""
    seen: list[bool] = []
    enter = BundleProcess.__enter__

    def noted(self: BundleProcess) -> BundleProcess:
        seen.append("tank_cli.installer.flow" in sys.modules)
        return enter(self)

    monkeypatch.setattr(BundleProcess, "__enter__", noted)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    return seen


def test_from_a_lock_it_is_started_before_the_install_is_loaded(
    tank: Any, published: SkillVersion, started: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "tank_cli.installer.flow")
    monkeypatch.delattr("tank_cli.installer.flow")  # a second copy is loaded, for this test alone
    assert tank("ci").exit_code == 0
    assert started == [False]


def test_it_is_started_for_what_is_new_and_not_for_what_is_cached_removed_or_only_planned(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign, started: list[bool]
) -> None:
    for name in ("@acme/notes", "@acme/text"):
        signed.publish(name, "1.0.0", sign=sign)
    for words in (("add", "@acme/notes", "--dry-run"), ("add", "@acme/notes", "--lock-only")):
        assert tank(*words).exit_code == 0
        assert started == []
    assert tank("add", "@acme/text").exit_code == 0
    assert len(started) == 1
    shutil.rmtree(project / ".tank")
    for words in (("ci",), ("install",), ("remove", "@acme/text")):
        assert tank(*words).exit_code == 0
    assert len(started) == 1


def test_a_withdrawn_version_is_refused_although_its_bundle_came(
    tank: Any, signed: RegistryDouble, project: Path, published: SkillVersion
) -> None:
    signed.change("@acme/notes", "1.0.0", availability=Availability.WITHDRAWN)
    assert tank("ci", "--json").error_code == "version-withdrawn"
    assert not (project / ".tank/skills").exists()
    assert f"GET {blob_path(published.digest)}" not in signed.requests


def test_a_bundle_that_is_not_given_out_is_told_as_before(
    tank: Any, signed: RegistryDouble, published: SkillVersion
) -> None:
    del signed.objects[blob_path(published.bundle_digest)]
    assert tank("ci", "--json").error_code == "blob-unavailable"
