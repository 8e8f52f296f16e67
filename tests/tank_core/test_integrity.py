"""Digests: one spelling each, the same from a stream, and a mismatch is an error."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.errors import ExitCode
from tank_core.integrity import (
    IntegrityMismatchError,
    InvalidDigestError,
    StreamingDigests,
    check_integrity,
    parse_digest,
    parse_integrity,
    sha256_digest,
    sha512_integrity,
)

GOOD = sha512_integrity(b"skill")


@settings(deadline=None)
@given(st.binary())
def test_digests_hold_the_raw_hash(data: bytes) -> None:
    assert parse_integrity(sha512_integrity(data)) == hashlib.sha512(data).digest()
    assert parse_digest(sha256_digest(data)) == hashlib.sha256(data).digest()


@settings(deadline=None)
@given(st.lists(st.binary()))
def test_a_stream_has_the_digests_of_the_whole(chunks: list[bytes]) -> None:
    digests = StreamingDigests()
    for chunk in chunks:
        digests.update(chunk)
    whole = b"".join(chunks)
    assert (digests.integrity, digests.digest) == (sha512_integrity(whole), sha256_digest(whole))
    assert digests.size_bytes == len(whole)


@pytest.mark.parametrize(
    "text",
    [
        "", "sha512-", GOOD[:-1], GOOD + "=", GOOD.upper(), GOOD.replace("sha512", "sha1"),
        GOOD + " " + GOOD, " " + GOOD,
        GOOD + "\n", "sha512-" + base64.urlsafe_b64encode(b"\xff" * 64).decode(), "sha512-" + "A" * 85 + "B==",
        "sha512-" + base64.b64encode(bytes(63)).decode(), "sha512-" + hashlib.sha512(b"").hexdigest(),
    ],
)  # fmt: skip
def test_another_spelling_of_integrity_is_refused(text: str) -> None:
    with pytest.raises(InvalidDigestError):
        parse_integrity(text)


@pytest.mark.parametrize(
    "text",
    ["", "sha256:", "sha256:" + "a" * 63, "sha256:" + "a" * 65, "sha256:" + "A" * 64,
    "sha512:" + "a" * 128, "a" * 64,
     "sha256:" + "a" * 64 + "\n", "sha256:" + "g" * 64, "sha256-" + "a" * 64],
)  # fmt: skip
def test_another_spelling_of_a_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidDigestError):
        parse_digest(text)


def test_the_same_bytes_pass() -> None:
    check_integrity(GOOD, sha512_integrity(b"skill"), "the archive")
    check_integrity(sha256_digest(b"x"), sha256_digest(b"x"), "the archive")


def test_other_bytes_are_a_mismatch_that_names_both() -> None:
    with pytest.raises(IntegrityMismatchError, match="the archive") as caught:
        check_integrity(GOOD, sha512_integrity(b"other"), "the archive")
    assert caught.value.exit_code is ExitCode.INTEGRITY
    assert GOOD in caught.value.why


@pytest.mark.parametrize("expected", ["", "sha1-x", "sha256:"])
def test_an_expectation_without_a_digest_never_passes(expected: str) -> None:
    with pytest.raises(InvalidDigestError):
        check_integrity(expected, expected, "the archive")
