"""What only S3 does; the port's contract itself is in tests/contract."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.s3 import S3BlobStore
from chalicelib.ports.errors import ConditionFailed, Missing, PortError, TooLarge
from tests.support.aws_ports import BUCKET, emulated_aws, made_bucket

NOW = 1_790_000_000


@pytest.fixture
def store() -> Iterator[S3BlobStore]:
    with emulated_aws():
        yield S3BlobStore(made_bucket(), BUCKET, now=lambda: NOW)


def test_upload_link_signs_size_digest_and_absence(store: S3BlobStore) -> None:
    link = store.presign_upload("incoming/a/archive.tgz", size_bytes=7, sha256_hex="ab" * 32, ttl_seconds=60)
    query = parse_qs(urlsplit(link.url).query)
    signed = set(query["X-Amz-SignedHeaders"][0].split(";"))
    assert signed == {"content-length", "host", "if-none-match", "x-amz-checksum-sha256"}
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_upload_link_names_exactly_the_headers_that_it_signed(store: S3BlobStore) -> None:
    link = store.presign_upload("incoming/a/archive.tgz", size_bytes=7, sha256_hex="00" * 32, ttl_seconds=60)
    assert link.headers == {
        "content-length": "7",
        "if-none-match": "*",
        "x-amz-checksum-sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }
    assert (link.method, link.expires_at) == ("PUT", NOW + 60)


def test_get_reads_nothing_of_an_object_above_the_limit(store: S3BlobStore) -> None:
    store.put("k", b"12345")
    with pytest.raises(TooLarge):
        store.get("k", max_bytes=4)


def test_old_bytes_stay_readable_by_their_version(store: S3BlobStore) -> None:
    first = store.put("k", b"first")
    store.put("k", b"second")
    store.delete("k")
    assert store.get("k", max_bytes=9, version_id=first.version_id) == b"first"
    with pytest.raises(Missing):
        store.get("k", max_bytes=9)


def test_copy_takes_the_named_version_and_not_the_newest(store: S3BlobStore) -> None:
    scanned = store.put("incoming/a", b"scanned")
    store.put("incoming/a", b"swapped")
    store.copy("incoming/a", "public/a", source_version_id=scanned.version_id, cache_control="immutable")
    assert store.get("public/a", max_bytes=99) == b"scanned"


def test_if_match_on_an_absent_key_is_a_failed_condition(store: S3BlobStore) -> None:
    with pytest.raises(ConditionFailed):
        store.put("k", b"", if_match='"0"')


def test_listing_leaves_out_deleted_keys_and_old_versions(store: S3BlobStore) -> None:
    store.put("p/a", b"1")
    newest = store.put("p/a", b"22")
    store.put("p/b", b"1")
    store.delete("p/b")
    store.put("q/c", b"1")
    assert [(known.key, known.version_id) for known in store.list_keys("p/")] == [("p/a", newest.version_id)]


def test_a_bucket_without_versions_is_refused() -> None:
    with emulated_aws():
        client = made_bucket()
        client.create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        with pytest.raises(PortError, match="enable versioning"):
            S3BlobStore(client, "plain", now=lambda: int(time.time())).put("k", b"")


def test_no_vendor_exception_crosses_the_port() -> None:
    with emulated_aws():
        store = S3BlobStore(made_bucket(), "no-such-bucket", now=lambda: NOW)
        for operation in (
            lambda: store.put("k", b""),
            lambda: store.delete("k"),
            lambda: store.list_keys(""),
            lambda: store.copy("a", "b", source_version_id="x"),
        ):
            with pytest.raises(PortError):
                operation()
