"""The cache believes nothing that it did not just hash."""

from __future__ import annotations

import hashlib
import hmac
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tank_cli import atomic
from tank_cli.cache import Cache

DATA = b"some bytes"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", tmp_path / "config" / "cache.key")


def only_file(root: Path) -> Path:
    (path,) = (path for path in root.rglob("*") if path.is_file())
    return path


def test_blob_comes_back(cache: Cache) -> None:
    assert cache.blob(DIGEST) is None
    cache.add_blob(DIGEST, DATA)
    assert cache.blob(DIGEST) == DATA
    assert cache.present([DIGEST, "sha256:" + "0" * 64]) == {DIGEST}


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "huge"])
@pytest.mark.skipif(os.name == "nt", reason="needs pipes and devices")
def test_what_is_no_file_of_a_blobs_size_is_absent_and_ends(cache: Cache, tmp_path: Path, kind: str) -> None:
    cache.add_blob(DIGEST, DATA)
    place = only_file(tmp_path / "cache")
    place.unlink()
    make = {
        "folder": place.mkdir,
        "pipe": lambda: os.mkfifo(place),
        "device": lambda: place.symlink_to("/dev/zero"),
        "huge": lambda: (place.touch(), os.truncate(place, 1 << 40)),
    }
    make[kind]()
    assert cache.blob(DIGEST) is None


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


def test_who_has_another_key_or_none_remembers_nothing(cache: Cache, tmp_path: Path) -> None:
    cache.remember_verified(["facts"])
    other = Cache(tmp_path / "cache", tmp_path / "other.key")
    other.remember_verified(["other facts"])
    assert not other.is_verified(["facts"])
    assert not Cache(tmp_path / "cache").is_verified(["facts"])
    (tmp_path / "config" / "cache.key").write_bytes(b"")
    assert not cache.is_verified(["facts"])


def test_a_note_that_was_made_without_the_key_vouches_for_nothing(cache: Cache, tmp_path: Path) -> None:
    cache.remember_verified(["facts"])
    for name in (hashlib.sha256(b"forged").hexdigest(), hmac.new(b"", b"forged", "sha256").hexdigest()):
        (tmp_path / "cache" / "verified" / name).touch()
    assert not cache.is_verified(["forged"])


def test_the_key_is_its_owners_only_and_lies_outside_the_cache(cache: Cache, tmp_path: Path) -> None:
    cache.remember_verified(["facts"])
    assert (tmp_path / "config" / "cache.key").stat().st_mode & 0o777 == 0o600
    assert {path.parent.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} == {"verified"}


def test_without_a_key_nothing_is_noted(tmp_path: Path) -> None:
    Cache(tmp_path / "cache").remember_verified(["facts"])
    assert not (tmp_path / "cache").exists()


def test_where_no_key_can_be_kept_nothing_is_noted_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"not a directory")
    cache = Cache(tmp_path / "cache", tmp_path / "config" / "cache.key")
    cache.remember_verified(["facts"])
    assert not cache.is_verified(["facts"])


def test_where_no_note_can_be_written_nothing_fails(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no directory")
    cache.remember_verified(("a",))
    assert not cache.is_verified(("a",))


def test_no_entry_waits_for_the_disk_because_a_damaged_one_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache", tmp_path / "cache.key")
    cache.remember_verified(["the key is made durable"])
    waited: list[int] = []
    monkeypatch.setattr("os.fsync", waited.append)
    cache.add_blob(f"sha256:{hashlib.sha256(b'data').hexdigest()}", b"data")
    cache.remember_verified(["a fact"])
    assert waited == []
    atomic.write(tmp_path / "file", b"data")
    assert len(waited) == 1
