"""The file-system object store beyond its port: keys, bytes on disk, sweeping."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ports.errors import Missing
from infra.local.blobs import BlobStoreError, FileBlobStore
from infra.local.sqlite.database import Database
from infra.local.upload_links import LinkRefused, UploadGrant, UploadLinks
from tests.support.embedded_ports import MovableClock

LINKS = UploadLinks(b"s" * 32, "https://registry.example")
GRANT = UploadGrant("incoming/01jz/archive.tgz", 15, "a" * 64, 1_000)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def blobs(tmp_path: Path, clock: MovableClock) -> Iterator[FileBlobStore]:
    database = Database(tmp_path / "registry.sqlite")
    yield FileBlobStore(tmp_path / "blobs", database, LINKS, clock)
    database.close()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "a//b",
        "a/",
        "../a",
        "a/../b",
        "a/.",
        "a b",
        "a\n",
        "a\\b",
        "ä",
        "a%2Fb",
        "a" * 513,
    ],
)
def test_a_key_that_is_none_is_refused(blobs: FileBlobStore, key: str) -> None:
    with pytest.raises(BlobStoreError, match="not a key"):
        blobs.put(key, b"x")
    with pytest.raises(BlobStoreError, match="not a key"):
        blobs.presign_upload(key, size_bytes=1, sha256_hex="a" * 64, ttl_seconds=1)


def test_bytes_that_changed_on_disk_are_not_given_out(blobs: FileBlobStore) -> None:
    blobs.put("work/1/a.json", b"good")
    stored = blobs.stored("work/1/a.json")
    assert stored is not None
    stored.path.write_bytes(b"evil")
    with pytest.raises(BlobStoreError, match="not the ones that were stored"):
        blobs.get("work/1/a.json", max_bytes=10)


def test_stored_files_are_their_owners_only(blobs: FileBlobStore) -> None:
    blobs.put("work/1/a.json", b"good")
    stored = blobs.stored("work/1/a.json")
    assert stored is not None
    assert stored.path.stat().st_mode & 0o077 == 0
    assert stored.path.parent.stat().st_mode & 0o077 == 0


def age(folder: Path) -> None:
    """Makes every file below look two hours old."""
    long_ago = time.time() - 7200
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))


def test_a_sweep_removes_bytes_that_no_key_names(blobs: FileBlobStore, tmp_path: Path) -> None:
    blobs.put("work/1/a.json", b"named")
    (tmp_path / "blobs" / "versions" / ("0" * 64)).write_bytes(b"a crash left this")
    blobs.arrival().write_bytes(b"and this")
    assert blobs.sweep() == 0  # fresh files may belong to a write that is under way
    age(tmp_path / "blobs")
    assert blobs.sweep() == 2
    assert blobs.get("work/1/a.json", max_bytes=10) == b"named"


def test_a_sweep_removes_deleted_and_replaced_versions_after_their_time(
    blobs: FileBlobStore, clock: MovableClock, tmp_path: Path
) -> None:
    old = blobs.put("work/1/a.json", b"old")
    blobs.put("work/1/a.json", b"new")
    gone = blobs.put("incoming/1/archive.tgz", b"gone")
    blobs.delete("incoming/1/archive.tgz")
    age(tmp_path / "blobs")
    assert blobs.sweep() == 0
    assert blobs.get("incoming/1/archive.tgz", max_bytes=10, version_id=gone.version_id) == b"gone"
    clock.move(31 * 24 * 3600)
    assert blobs.sweep() == 2
    with pytest.raises(Missing):
        blobs.get("work/1/a.json", max_bytes=10, version_id=old.version_id)
    assert blobs.get("work/1/a.json", max_bytes=10) == b"new"


def parts(url: str) -> tuple[str, str]:
    path, _, query = url.removeprefix("https://registry.example").partition("?")
    return path, query


def test_a_link_allows_what_was_granted_until_its_second() -> None:
    path, query = parts(LINKS.url(GRANT))
    assert LINKS.grant(path, query, now=999) == GRANT
    with pytest.raises(LinkRefused, match="time is over"):
        LINKS.grant(path, query, now=1_000)


def test_a_link_of_another_registry_allows_nothing() -> None:
    path, query = parts(UploadLinks(b"t" * 32, "https://registry.example").url(GRANT))
    with pytest.raises(LinkRefused, match="signature"):
        LINKS.grant(path, query, now=1)


@given(position=st.integers(0, 400), character=st.characters(min_codepoint=33, max_codepoint=126))
def test_no_changed_link_allows_anything_else(position: int, character: str) -> None:
    url = "?".join(parts(LINKS.url(GRANT)))
    position %= len(url)
    path, _, query = (url[:position] + character + url[position + 1 :]).partition("?")
    try:
        allowed = LINKS.grant(path, query, now=1)
    except LinkRefused:
        return
    assert allowed == GRANT  # another spelling of the same link, such as %2E for a dot


@pytest.mark.parametrize(
    "query",
    ["", "size=1", "size=x&sha256=a&expires=1&signature=a", "size=1&sha256=a&expires=1&signature=%E4"],
)
def test_a_malformed_link_is_refused(query: str) -> None:
    with pytest.raises(LinkRefused):
        LINKS.grant("/uploads/incoming/x", query, now=1)


def test_a_link_with_too_many_fields_is_refused() -> None:
    path, query = parts(LINKS.url(GRANT))
    with pytest.raises(LinkRefused):
        LINKS.grant(path, query + "&size=99", now=1)
