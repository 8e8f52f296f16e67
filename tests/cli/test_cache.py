"""The cache believes nothing that it did not just hash."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tank_cli.cache import Cache

DATA = b"some bytes"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def only_file(root: Path) -> Path:
    (path,) = (path for path in root.rglob("*") if path.is_file())
    return path


def test_blob_comes_back(cache: Cache) -> None:
    assert cache.blob(DIGEST) is None
    cache.add_blob(DIGEST, DATA)
    assert cache.blob(DIGEST) == DATA
    assert cache.present([DIGEST, "sha256:" + "0" * 64]) == {DIGEST}


def test_damaged_blob_is_absent_and_removed(cache: Cache, tmp_path: Path) -> None:
    cache.add_blob(DIGEST, DATA)
    only_file(tmp_path / "cache").write_bytes(b"other bytes")
    assert cache.blob(DIGEST) is None
    assert cache.present([DIGEST]) == frozenset()


def test_many_writers_of_one_blob_leave_one_whole_file(cache: Cache, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache.add_blob(DIGEST, DATA), range(32)))
    assert only_file(tmp_path / "cache").read_bytes() == DATA


@pytest.mark.parametrize("digest", ["sha256:../../x", "sha256:" + "/" * 64, "md5:" + "0" * 64, ""])
def test_a_digest_that_is_none_never_becomes_a_path(cache: Cache, digest: str) -> None:
    with pytest.raises(ValueError, match="not a sha256 digest"):
        cache.add_blob(digest, DATA)


def test_verification_is_remembered_for_exactly_its_facts(cache: Cache) -> None:
    cache.remember_verified(["key", "digest"])
    assert cache.is_verified(["key", "digest"])
    assert not cache.is_verified(["other key", "digest"])
