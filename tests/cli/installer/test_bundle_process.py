"""Bundles verified beside the install: what comes back is what would be found here, or nothing."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tank_cli.installer import bundle_process
from tank_cli.installer.beside import Beside
from tank_cli.installer.bundle_process import BundleProcess
from tank_core import bundle as bundles
from tank_core.bundle import BundleRefusedError, verify_bundle
from tank_core.lockfile import LockedSkill
from tests.support.bad_bundles import BAD_BUNDLES
from tests.support.local_bundles import STATEMENT
from tests.support.local_sigstore import SigstoreScene, parts
from tests.support.registry_double import blob_path
from tests.support.verifying import VerifyingScene


def bundle_of(scene: VerifyingScene, skill: LockedSkill) -> bytes:
    return scene.registry.objects[blob_path(skill.attestations["bundle"])]


@contextmanager
def trusting(trusted_root: bytes) -> Iterator[BundleProcess]:
    with BundleProcess() as process:
        process.trust(trusted_root)
        yield process


def test_a_good_bundle_proves_there_what_it_proves_here(scene: VerifyingScene) -> None:
    root = scene.sigstore.trusted_root
    good = [bundle_of(scene, scene.signed(f"1.0.{number}")) for number in range(3)]
    with trusting(root) as process:
        for bundle in good:
            process.submit(bundle)
        for bundle in reversed(good):
            assert process.result(bundle, root) == verify_bundle(bundle, trusted_root=root)


def test_a_bad_bundle_another_root_and_one_that_nobody_sent_are_not_known(scene: VerifyingScene) -> None:
    root = scene.sigstore.trusted_root
    good = bundle_of(scene, scene.signed())
    bad = good.replace(b'"payload": "', b'"payload": "AAAA')
    with trusting(root) as process:
        for bundle in (bad, b"no bundle", good):
            process.submit(bundle)
        assert process.result(bad, root) is None
        assert process.result(b"no bundle", root) is None
        assert process.result(good, root + b" ") is None
        assert process.result(good + b" ", root) is None
        assert process.result(good, root) is not None


def test_every_bundle_that_is_refused_here_is_refused_there(sigstore: SigstoreScene) -> None:
    root = sigstore.trusted_root
    bad = {name: make(sigstore, STATEMENT) for name, make in BAD_BUNDLES.items()}
    good = parts(sigstore, STATEMENT).to_bundle()
    with trusting(root) as process:
        for bundle in (*bad.values(), good):
            process.submit(bundle)
        assert {name for name, bundle in bad.items() if process.result(bundle, root) is not None} == set()
        assert process.result(good, root) is not None  # the process lives: it did refuse


def test_it_loads_none_of_the_clients_that_the_library_brings(sigstore: SigstoreScene) -> None:
    good = parts(sigstore, STATEMENT).to_bundle()
    asked = b"".join(len(data).to_bytes(4, "big") + data for data in (sigstore.trusted_root, good))
    start = f"{bundle_process._START}; print(*sys.modules)"
    command = [sys.executable, "-I", "-c", start, *filter(os.path.isabs, sys.path)]
    answer, loaded = subprocess.run(
        command, input=asked, capture_output=True, check=True, timeout=60
    ).stdout.splitlines()
    assert bundle_process._parsed(answer, hashlib.sha256(good).hexdigest()) is not None
    assert not {b"urllib3", b"jwt", b"id", b"http.client"} & set(loaded.split())


def test_a_root_that_is_none_makes_no_bundle_known(scene: VerifyingScene) -> None:
    good = bundle_of(scene, scene.signed())
    with trusting(b"{}") as process:
        process.submit(good)
        assert process.result(good, b"{}") is None


def test_a_process_that_dies_leaves_the_work_to_the_install(scene: VerifyingScene) -> None:
    root = scene.sigstore.trusted_root
    good = bundle_of(scene, scene.signed())
    with trusting(root) as process:
        assert process._process is not None
        process._process.kill()
        process.submit(good)
        assert process.result(good, root) is None
        process.submit(good + b" ")
        assert process.result(good + b" ", root) is None


def test_a_process_that_hangs_is_waited_for_once(
    scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = scene.sigstore.trusted_root
    good = bundle_of(scene, scene.signed())
    with trusting(root) as process:
        assert process._process is not None
        os.kill(process._process.pid, signal.SIGSTOP)
        process.submit(good)
        process.submit(good + b" ")
        with monkeypatch.context() as patched:
            patched.setattr(bundle_process, "_PATIENCE_SECONDS", 0.0)
            assert process.result(good, root) is None
        assert process._process.wait(20) == -signal.SIGKILL
        assert process.result(good + b" ", root) is None


_BABBLING = """
import sys
print("a library says something", flush=True)
from tank_cli.installer.bundle_answers import main
main()
print("null", flush=True)
"""


def test_lines_that_nobody_asked_for_move_no_answer_to_another_bundle(
    scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = f"import sys; sys.path[:] = sys.argv[1:]; exec({_BABBLING!r})"
    monkeypatch.setattr(bundle_process, "_START", start)
    root = scene.sigstore.trusted_root
    good = [bundle_of(scene, scene.signed(f"1.0.{number}")) for number in range(3)]
    with trusting(root) as process:
        for bundle in good:
            process.submit(bundle)
        assert [process.result(bundle, root) for bundle in good] == [None, None, None]
        for thread in process._threads[1:]:  # that reads: one line is left for which nobody waits
            thread.join(20)
            assert not thread.is_alive()


def test_where_no_process_can_be_started_nothing_is_known(
    scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_process.sys, "executable", "/nonexistent")
    root, good = scene.sigstore.trusted_root, bundle_of(scene, scene.signed())
    with trusting(root) as process:
        process.submit(good)
        assert process.result(good, root) is None


def test_it_ends_with_its_block_whatever_it_is_doing(scene: VerifyingScene) -> None:
    with trusting(scene.sigstore.trusted_root) as process:
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
    with trusting(root) as process:
        process.submit(good)
        assert process.result(good, root) is not None


def test_what_was_verified_beside_is_not_verified_again(
    scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BundleRefusedError("It was verified here.", why="", fix="")

    skill = scene.signed()
    with Beside() as beside:
        process = beside.verifying(scene.sigstore.trusted_root)
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
    with Beside() as beside:
        assert beside.verifying(b"{}") is None
