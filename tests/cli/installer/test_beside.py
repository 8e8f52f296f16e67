"""When the process that verifies bundles is started: before it is needed, and not where it will not be."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tank_cli.cache import Cache
from tank_cli.installer import bundle_process
from tank_cli.installer.beside import Beside

BUNDLES = [b"one", b"two"]
DIGESTS = [f"sha256:{hashlib.sha256(bundle).hexdigest()}" for bundle in BUNDLES]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started and ended, in order."""
    seen: list[str] = []

    class Noting:
        def __init__(self) -> None:
            self.trusted_root: bytes | None = None

        def __enter__(self) -> Noting:
            seen.append("started")
            return self

        def __exit__(self, *_: object) -> None:
            seen.append("ended")

        def trust(self, root: bytes) -> None:
            self.trusted_root = root

    monkeypatch.setattr(bundle_process, "BundleProcess", Noting)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    return seen


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "skills.lock"
    path.write_text("".join(f'"attestations": {{"bundle": "{digest}"}}\n' for digest in DIGESTS))
    return path


@pytest.mark.parametrize(("cached", "starts"), [([], True), (BUNDLES[:1], True), (BUNDLES, False)])
def test_it_starts_for_a_lock_that_names_a_bundle_that_is_not_cached(
    tmp_path: Path, lock: Path, started: list[str], cached: list[bytes], starts: bool
) -> None:
    cache = Cache(tmp_path / "cache")
    for bundle in cached:
        cache.add_blob(f"sha256:{hashlib.sha256(bundle).hexdigest()}", bundle)
    with Beside() as beside:
        beside.start_for(lock, cache)
    assert started == ["started", "ended"] * starts


def test_a_lock_that_names_none_or_is_none_starts_nothing(tmp_path: Path, started: list[str]) -> None:
    plain = tmp_path / "plain"
    plain.write_text('{"attestations": {"registry": "sha256:0"}}')
    (tmp_path / "folder").mkdir()
    with Beside() as beside:
        for path in (plain, tmp_path / "absent", tmp_path / "folder"):
            beside.start_for(path, Cache(tmp_path / "cache"))
    assert started == []


def test_there_is_one_process_and_it_trusts_what_it_is_told(started: list[str]) -> None:
    with Beside() as beside:
        beside.start()
        first, again = beside.verifying(b"root"), beside.verifying(b"root")
        assert first is not None
        assert first is again
        assert first.trusted_root == b"root"
        assert beside.verifying(None) is None
    assert started == ["started", "ended"]


def test_whom_to_trust_is_never_changed() -> None:
    process = bundle_process.BundleProcess()
    process.trust(b"root")
    process.trust(b"another")
    assert process.trusted_root == b"root"
    assert process._sending.qsize() == 1
    assert process.result(b"bundle", b"another") is None
