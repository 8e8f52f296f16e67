"""The contract of ``chalicelib.ports.blobs``."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from chalicelib.ports.blobs import UploadLink
from chalicelib.ports.errors import ConditionFailed, Missing, TooLarge
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners

KEY = "incoming/01jz/archive.tgz"
BODY = b"the very bytes"


def test_bytes_are_read_back_as_they_were_put(ports: PortsUnderTest) -> None:
    info = ports.blobs.put(KEY, BODY)
    assert ports.blobs.get(KEY, max_bytes=len(BODY)) == BODY
    assert (info.key, info.size_bytes) == (KEY, len(BODY))
    assert info.etag
    assert info.version_id
    head = ports.blobs.head(KEY)
    assert head is not None
    assert (head.key, head.size_bytes, head.etag, head.version_id) == (
        KEY,
        len(BODY),
        info.etag,
        info.version_id,
    )


def test_no_bytes_at_all_are_an_object_too(ports: PortsUnderTest) -> None:
    ports.blobs.put(KEY, b"")
    assert ports.blobs.get(KEY, max_bytes=0) == b""


def test_what_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.blobs.get(KEY, max_bytes=10)
    assert ports.blobs.head(KEY) is None


def test_a_version_names_its_bytes_for_ever(ports: PortsUnderTest) -> None:
    first = ports.blobs.put(KEY, b"first")
    second = ports.blobs.put(KEY, b"second")
    assert ports.blobs.get(KEY, max_bytes=10) == b"second"
    assert ports.blobs.get(KEY, max_bytes=10, version_id=first.version_id) == b"first"
    assert ports.blobs.get(KEY, max_bytes=10, version_id=second.version_id) == b"second"
    head = ports.blobs.head(KEY, version_id=first.version_id)
    assert head is not None
    assert (head.version_id, head.size_bytes) == (first.version_id, 5)


def test_a_version_of_another_key_is_missing(ports: PortsUnderTest) -> None:
    other = ports.blobs.put("work/1/other.json", b"other")
    mine = ports.blobs.put(KEY, BODY)
    for version_id in ("nothing", other.version_id):
        assert ports.blobs.head(KEY, version_id=version_id) is None
        with pytest.raises(Missing):
            ports.blobs.get(KEY, max_bytes=100, version_id=version_id)
    assert mine.version_id != other.version_id


def test_more_bytes_than_allowed_are_refused(ports: PortsUnderTest) -> None:
    ports.blobs.put(KEY, BODY)
    with pytest.raises(TooLarge):
        ports.blobs.get(KEY, max_bytes=len(BODY) - 1)


def test_if_absent_refuses_a_key_that_is_there(ports: PortsUnderTest) -> None:
    ports.blobs.put(KEY, b"first", if_absent=True)
    with pytest.raises(ConditionFailed):
        ports.blobs.put(KEY, b"second", if_absent=True)
    assert ports.blobs.get(KEY, max_bytes=10) == b"first"


def test_if_match_refuses_another_etag(ports: PortsUnderTest) -> None:
    first = ports.blobs.put(KEY, b"first")
    second = ports.blobs.put(KEY, b"second", if_match=first.etag)
    with pytest.raises(ConditionFailed):
        ports.blobs.put(KEY, b"third", if_match=first.etag)
    assert ports.blobs.get(KEY, max_bytes=10) == b"second"
    ports.blobs.put(KEY, b"third", if_match=second.etag)
    assert ports.blobs.get(KEY, max_bytes=10) == b"third"


def test_if_match_refuses_a_key_that_is_not_there(ports: PortsUnderTest) -> None:
    etag = ports.blobs.put("work/1/other.json", b"x").etag
    with pytest.raises(ConditionFailed):
        ports.blobs.put(KEY, b"x", if_match=etag)
    assert ports.blobs.head(KEY) is None


def test_of_many_who_create_one_key_exactly_one_wins(ports: PortsUnderTest) -> None:
    bodies = [f"body {n}".encode() for n in range(4)]
    won = winners([lambda b=b: ports.blobs.put(KEY, b, if_absent=True) for b in bodies])  # type: ignore[misc]
    assert len(won) == 1
    assert ports.blobs.get(KEY, max_bytes=100) == bodies[won[0]]


def test_of_many_who_replace_one_etag_exactly_one_wins(ports: PortsUnderTest) -> None:
    etag = ports.blobs.put(KEY, b"before").etag
    bodies = [f"body {n}".encode() for n in range(4)]
    won = winners([lambda b=b: ports.blobs.put(KEY, b, if_match=etag) for b in bodies])  # type: ignore[misc]
    assert len(won) == 1
    assert ports.blobs.get(KEY, max_bytes=100) == bodies[won[0]]


def test_a_copy_has_the_bytes_of_the_named_version(ports: PortsUnderTest) -> None:
    first = ports.blobs.put(KEY, b"first")
    ports.blobs.put(KEY, b"second")
    target = "public/blobs/sha256/" + "a" * 64
    copied = ports.blobs.copy(KEY, target, source_version_id=first.version_id, cache_control="no-cache")
    assert (copied.key, copied.size_bytes) == (target, 5)
    assert ports.blobs.get(target, max_bytes=10) == b"first"
    assert ports.blobs.get(target, max_bytes=10, version_id=copied.version_id) == b"first"


def test_a_copy_may_be_repeated(ports: PortsUnderTest) -> None:
    source = ports.blobs.put(KEY, BODY)
    for _ in range(2):
        ports.blobs.copy(KEY, "public/blobs/x", source_version_id=source.version_id)
    assert ports.blobs.get("public/blobs/x", max_bytes=100) == BODY


def test_a_copy_of_what_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    source = ports.blobs.put(KEY, BODY)
    for key, version_id in (("incoming/none", source.version_id), (KEY, "none")):
        with pytest.raises(Missing):
            ports.blobs.copy(key, "public/blobs/x", source_version_id=version_id)
    assert ports.blobs.head("public/blobs/x") is None


def test_a_deleted_key_is_missing_and_may_be_deleted_again(ports: PortsUnderTest) -> None:
    ports.blobs.put(KEY, BODY)
    for _ in range(2):
        ports.blobs.delete(KEY)
        assert ports.blobs.head(KEY) is None
        with pytest.raises(Missing):
            ports.blobs.get(KEY, max_bytes=100)
    assert ports.blobs.list_keys("incoming/") == ()


def test_a_deleted_key_may_be_put_again(ports: PortsUnderTest) -> None:
    ports.blobs.put(KEY, BODY)
    ports.blobs.delete(KEY)
    ports.blobs.put(KEY, BODY, if_absent=True)
    assert ports.blobs.get(KEY, max_bytes=100) == BODY


def test_keys_below_a_prefix_are_listed_in_order(ports: PortsUnderTest) -> None:
    for key in ("incoming/b/archive.tgz", "incoming/a/archive.tgz", "incomings", "work/a"):
        ports.blobs.put(key, key.encode())
    ports.blobs.put("incoming/a/archive.tgz", b"newer")
    listed = ports.blobs.list_keys("incoming/")
    assert [info.key for info in listed] == ["incoming/a/archive.tgz", "incoming/b/archive.tgz"]
    assert listed[0].size_bytes == 5
    assert [info.key for info in ports.blobs.list_keys("incoming/", limit=1)] == ["incoming/a/archive.tgz"]
    assert ports.blobs.list_keys("none/") == ()


def linked(ports: PortsUnderTest, body: bytes = BODY) -> UploadLink:
    return ports.blobs.presign_upload(
        KEY, size_bytes=len(body), sha256_hex=hashlib.sha256(body).hexdigest(), ttl_seconds=900
    )


def put(ports: PortsUnderTest, link: UploadLink, body: bytes) -> int:
    if ports.put_upload is None:
        pytest.skip("this emulator does not enforce upload links; the whole-stack test does")
    return ports.put_upload(link, body)


def test_an_upload_link_is_a_put_with_an_expiry(ports: PortsUnderTest) -> None:
    link = linked(ports)
    assert link.method == "PUT"
    assert link.url.startswith("https://")
    assert link.expires_at > 0


def test_an_upload_link_takes_the_announced_bytes(ports: PortsUnderTest) -> None:
    assert put(ports, linked(ports), BODY) in (200, 201)
    assert ports.blobs.get(KEY, max_bytes=100) == BODY


@pytest.mark.parametrize("body", [BODY + b"!", BODY[:-1], b"THE VERY BYTES", b""])
def test_an_upload_link_refuses_other_bytes(ports: PortsUnderTest, body: bytes) -> None:
    assert put(ports, linked(ports), body) >= 400
    assert ports.blobs.head(KEY) is None


def test_an_upload_link_refuses_a_second_put(ports: PortsUnderTest) -> None:
    link = linked(ports)
    assert put(ports, link, BODY) in (200, 201)
    before = ports.blobs.head(KEY)
    assert put(ports, link, BODY) >= 400
    assert put(ports, linked(ports, b"other"), b"other") >= 400
    assert ports.blobs.head(KEY) == before


def test_an_upload_link_refuses_a_late_put(ports: PortsUnderTest) -> None:
    link = linked(ports)
    if ports.move_clock is None:
        pytest.skip("this store's clock is not ours to move")
    ports.move_clock(901)
    assert put(ports, link, BODY) >= 400
    assert ports.blobs.head(KEY) is None


def test_a_changed_upload_link_allows_nothing(ports: PortsUnderTest) -> None:
    link = linked(ports)
    changed = dataclasses.replace(link, url=link.url.replace("s", "z") + "0")
    assert put(ports, changed, BODY) >= 400
    assert ports.blobs.head(KEY) is None
