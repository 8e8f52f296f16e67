"""Our own deflate: zlib reads it back, and its bytes are pinned."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.archive import ArchiveEntry, pack
from tank_core.archive.deflate import CHUNK_BYTES, code_lengths, deflate

TEXT = b"".join(
    b"The skill number %d reads files, and then it writes file %d.\n" % (n, n * n) for n in range(800)
)


def noise(seed: int, size_bytes: int) -> bytes:
    return hashlib.shake_128(bytes([seed])).digest(size_bytes)


repetitive = st.lists(st.sampled_from([b"a", b"ab", b"abcd" * 80, b"\x00" * 300, b"xyz"]), max_size=40).map(
    b"".join
)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(max_size=3000), repetitive))
def test_zlib_reads_back_what_was_written(data: bytes):
    assert zlib.decompress(deflate(data), -15) == data


SAMPLES = {
    "nothing": b"",
    "one byte": b"x",
    "text": TEXT,
    "zeros over three chunks": bytes(2 * CHUNK_BYTES + 17),
    "exactly one chunk": TEXT.ljust(CHUNK_BYTES, b"."),
    "noise over two chunks": noise(1, CHUNK_BYTES + 70_000),
    "noise, then text": noise(2, 60_000) + TEXT,
    "every byte twice": bytes(range(256)) * 2,
    "match at the largest distance": TEXT[:100] + noise(3, 32_668) + TEXT[:100],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_survives(name: str):
    assert zlib.decompress(deflate(SAMPLES[name]), -15) == SAMPLES[name]


def test_text_shrinks_nearly_as_much_as_with_zlib():
    assert len(deflate(TEXT)) < 1.4 * len(zlib.compress(TEXT, 9))


def test_noise_grows_by_five_bytes_per_stored_block():
    data = SAMPLES["noise over two chunks"]
    assert len(deflate(data)) == len(data) + 5 * 5


def test_bytes_of_a_stream_never_change():
    assert (
        hashlib.sha256(deflate(TEXT)).hexdigest()
        == "50d852ed419b009f318161443e7b83895bdb4160b65abd7ea146d148f5945c0a"
    )


def test_bytes_of_an_archive_never_change():
    archive = pack([ArchiveEntry("SKILL.md", TEXT), ArchiveEntry("run.sh", b"#!/bin/sh\n", executable=True)])
    assert (
        hashlib.sha256(archive).hexdigest()
        == "2f6ffbb2a9f586723e5c724c0d55b24aa8174993bbbd3338a5ecd2a31e356783"
    )


def fibonacci(count: int) -> list[int]:
    numbers = [1, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers


@pytest.mark.parametrize("limit", [7, 15])
def test_code_lengths_keep_their_limit_and_fill_the_code(limit: int):
    lengths = code_lengths(fibonacci(19), limit)
    assert max(lengths) <= limit
    assert sum(2 ** (limit - length) for length in lengths) == 2**limit


@pytest.mark.parametrize("counts", [[0, 0, 0], [5, 0, 0], [0, 0, 5]])
def test_code_of_fewer_than_two_symbols_is_filled_up(counts: list[int]):
    lengths = code_lengths(counts, 15)
    assert sorted(lengths) == [0, 1, 1]
