"""Bundles verified beside the install: what comes back is what would be found here, or nothing."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tank_cli.installer import bundle_process
from tank_cli.installer.bundle_process import BundleProcess, verifying_beside
from tank_core import bundle as bundles
from tank_core.bundle import BundleRefusedError, verify_bundle
from tank_core.lockfile import LockedSkill
from tests.support.registry_double import blob_path
from tests.support.verifying import VerifyingScene


def bundle_of(scene: VerifyingScene, skill: LockedSkill) -> bytes:
    return scene.registry.objects[blob_path(skill.attestations["bundle"])]


def test_a_good_bundle_proves_there_what_it_proves_here(scene: VerifyingScene) -> None:
    root = scene.sigstore.trusted_root
    good = [bundle_of(scene, scene.signed(f"1.0.{number}")) for number in range(3)]
    with BundleProcess(root) as process:
        for bundle in good:
            process.submit(bundle)
        for bundle in reversed(good):
            assert process.result(bundle, root) == verify_bundle(bundle, trusted_root=root)


def test_a_bad_bundle_another_root_and_one_that_nobody_sent_are_not_known(scene: VerifyingScene) -> None:
    root = scene.sigstore.trusted_root
    good = bundle_of(scene, scene.signed())
    bad = good.replace(b'"payload": "', b'"payload": "AAAA')
    with BundleProcess(root) as process:
        for bundle in (bad, b"no bundle", good):
            process.submit(bundle)
        assert process.result(bad, root) is None
        assert process.result(b"no bundle", root) is None
        assert process.result(good, root + b" ") is None
        assert process.result(good + b" ", root) is None
        assert process.result(good, root) is not None


def test_a_root_that_is_none_makes_no_bundle_known(scene: VerifyingScene) -> None:
    good = bundle_of(scene, scene.signed())
    with BundleProcess(b"{}") as process:
        process.submit(good)
        assert process.result(good, b"{}") is None


def test_a_process_that_dies_leaves_the_work_to_the_install(scene: VerifyingScene) -> None:
    root = scene.sigstore.trusted_root
    good = bundle_of(scene, scene.signed())
    with BundleProcess(root) as process:
        assert process._process is not None
        process._process.kill()
        process.submit(good)
        assert process.result(good, root) is None
        process.submit(good + b" ")
        assert process.result(good + b" ", root) is None


def test_where_no_process_can_be_started_nothing_is_known(
    scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_process.sys, "executable", "/nonexistent")
    root, good = scene.sigstore.trusted_root, bundle_of(scene, scene.signed())
    with BundleProcess(root) as process:
        process.submit(good)
        assert process.result(good, root) is None


def test_it_ends_with_its_block_whatever_it_is_doing(scene: VerifyingScene) -> None:
    with BundleProcess(scene.sigstore.trusted_root) as process:
        assert process._process is not None
        os.kill(process._process.pid, signal.SIGSTOP)
        process.submit(b"x" * 10_000_000)  # more than a pipe holds
    assert process._process.returncode == -signal.SIGKILL
    assert not any(thread.is_alive() for thread in process._threads)


def test_neither_the_working_directory_nor_a_variable_says_what_it_loads(
    scene: VerifyingScene, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tank_core").mkdir()
    (tmp_path / "json.py").write_text("raise SystemExit('mine')")
    (tmp_path / "tank_core/__init__.py").write_text("raise SystemExit('mine')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend("")
    root, good = scene.sigstore.trusted_root, bundle_of(scene, scene.signed())
    with BundleProcess(root) as process:
        process.submit(good)
        assert process.result(good, root) is not None


def test_what_was_verified_beside_is_not_verified_again(
    scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BundleRefusedError("It was verified here.", why="", fix="")

    skill = scene.signed()
    with verifying_beside(scene.sigstore.trusted_root) as process:
        monkeypatch.setattr(bundles, "verify_bundle", refuse)
        if process is None:
            pytest.skip("one processor")
        assert "SKILL.md" in scene.verify(skill, beside=process).facts
        with pytest.raises(BundleRefusedError):
            scene.verify(scene.signed("2.0.0"))


@pytest.mark.parametrize("processors", [1, None])
def test_without_a_second_processor_there_is_no_second_process(
    processors: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    with verifying_beside(b"{}") as process:
        assert process is None
