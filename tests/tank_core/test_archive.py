"""Packing and reading: one form, both ways, and agreement with the standard library."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import tarfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.archive import (
    ArchiveDuplicatePathError,
    ArchiveEntry,
    ArchiveError,
    ArchiveForbiddenEntryError,
    ArchiveLimits,
    ArchiveRatioError,
    ArchiveTooLargeError,
    ArchiveTooManyFilesError,
    check_paths,
    pack,
    read_archive,
)
from tank_core.archive.gzip_member import HEADER, wrap
from tank_core.archive.writer import tar_bytes
from tests.hostile.generate import HostileArchive, hostile_archives, member, tar_of

SKILL = (
    ArchiveEntry("SKILL.md", b"---\nname: demo\n---\n"),
    ArchiveEntry("scripts/run.sh", b"#!/bin/sh\n", executable=True),
    ArchiveEntry("skills.json", b"{}\n"),
)
names = st.text("abAB.-_é日 ", min_size=1, max_size=12)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
entries = st.lists(
    st.builds(ArchiveEntry, path=paths, data=st.binary(max_size=1100), executable=st.booleans()), max_size=6
)


def packable(files: list[ArchiveEntry]) -> bool:
    try:
        check_paths(file.path for file in files)
    except ArchiveError:
        return False
    return True


def by_tarfile(tar: bytes) -> dict[str, tuple[bytes, bool]]:
    """Returns what the standard library sees: path → contents and executable bit."""
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
        found = {}
        for info in archive.getmembers():
            assert info.isreg()
            file = archive.extractfile(info)
            assert file is not None
            assert info.name not in found
            found[info.name] = (file.read(), bool(info.mode & 0o111))
        return found


def by_us(files: tuple[ArchiveEntry, ...]) -> dict[str, tuple[bytes, bool]]:
    return {file.path: (file.data, file.executable) for file in files}


def test_read_gives_back_what_was_packed_sorted_by_path():
    assert read_archive(pack(reversed(SKILL))) == SKILL


@settings(deadline=None)
@given(entries.filter(packable))
def test_reading_inverts_packing(files: list[ArchiveEntry]):
    read = read_archive(pack(files))
    assert read == tuple(sorted(files, key=lambda file: file.path.encode()))


@settings(deadline=None)
@given(entries.filter(packable), st.randoms(use_true_random=False))
def test_order_of_the_files_does_not_change_the_archive(files: list[ArchiveEntry], shuffler: random.Random):
    shuffled = list(files)
    shuffler.shuffle(shuffled)
    assert pack(shuffled) == pack(files)


@settings(deadline=None)
@given(entries.filter(packable))
def test_tarfile_reads_an_honest_archive_as_we_do(files: list[ArchiveEntry]):
    archive = pack(files)
    assert by_tarfile(gzip.decompress(archive)) == by_us(read_archive(archive))


def test_headers_are_those_of_tarfile_for_a_path_that_must_be_split():
    path = "references/" + "a" * 60 + "/" + "b" * 80
    info = tarfile.TarInfo(path)
    assert tar_bytes([ArchiveEntry(path, b"")])[:512] == info.tobuf(tarfile.USTAR_FORMAT)


def mutations(size: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    return st.lists(st.tuples(st.integers(0, size - 1), st.integers(1, 255)), min_size=1, max_size=3)


_TAR = tar_bytes(SKILL)


def assert_agrees_with_tarfile(tar: bytes) -> bool:
    """Returns whether we accept; if so, the standard library must see the very same files."""
    try:
        read = read_archive(member(tar))
    except ArchiveError:
        return False
    assert by_tarfile(tar) == by_us(read)
    return True


@settings(max_examples=300, deadline=None)
@given(mutations(len(_TAR)))
def test_tarfile_sees_the_same_files_in_every_mutated_archive_we_accept(flips: list[tuple[int, int]]):
    tar = bytearray(_TAR)
    for offset, mask in flips:
        tar[offset] ^= mask
    assert_agrees_with_tarfile(bytes(tar))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 511), st.binary(min_size=1, max_size=12))
def test_tarfile_sees_the_same_files_when_a_changed_header_has_a_right_checksum(offset: int, junk: bytes):
    header = bytearray(_TAR[:512])
    header[offset : offset + len(junk)] = junk
    del header[512:]
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    assert_agrees_with_tarfile(bytes(header) + _TAR[512:])


def test_some_mutations_are_accepted_so_that_the_comparison_means_something():
    changed = _TAR.replace(b"#!/bin/sh", b"#!/bin/zz")
    assert assert_agrees_with_tarfile(changed)


@settings(max_examples=200, deadline=None)
@given(mutations(len(pack(SKILL))))
def test_damaged_bytes_are_refused_or_still_hold_the_same_files(flips: list[tuple[int, int]]):
    archive = bytearray(pack(SKILL))
    for offset, mask in flips:
        archive[offset] ^= mask
    with contextlib.suppress(ArchiveError):
        assert read_archive(bytes(archive)) == SKILL


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_arbitrary_bytes_end_in_an_archive_error(junk: bytes):
    for data in (junk, HEADER + junk, member(junk)):
        with pytest.raises(ArchiveError):
            read_archive(data)


HOSTILE = hostile_archives()


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_hostile_archive_is_refused_with_its_code(hostile: HostileArchive):
    with pytest.raises(ArchiveError) as caught:
        read_archive(hostile.data)
    assert caught.value.code == hostile.code
    assert caught.value.status == 422
    assert caught.value.why
    assert caught.value.fix
    assert all(character.isprintable() for character in caught.value.what)


def test_hostile_archives_have_distinct_names_and_cover_every_code():
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE)
    raised = {cls.code for cls in ArchiveError.__subclasses__()}
    assert {hostile.code for hostile in HOSTILE} == raised


def test_any_valid_deflate_stream_is_read():
    tar = tar_bytes(SKILL)
    for level in (0, 1, 6):
        compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
        assert read_archive(wrap(compressor.compress(tar) + compressor.flush(), tar)) == SKILL


def test_archive_without_files_is_read():
    assert read_archive(tar_of()) == ()


LIMIT_CASES = [
    (ArchiveLimits(archive_bytes=60), ArchiveTooLargeError),
    (ArchiveLimits(files=2), ArchiveTooManyFilesError),
    (ArchiveLimits(file_bytes=15), ArchiveTooLargeError),
    (ArchiveLimits(total_bytes=30), ArchiveTooLargeError),
    (ArchiveLimits(ratio=2, ratio_free_bytes=10), ArchiveRatioError),
]


@pytest.mark.parametrize(("limits", "error"), LIMIT_CASES)
def test_packing_and_reading_keep_the_same_limits(limits: ArchiveLimits, error: type[ArchiveError]):
    with pytest.raises(error):
        pack(SKILL, limits)
    with pytest.raises(error):
        read_archive(pack(SKILL), limits)


def test_expansion_stops_at_the_total_limit():
    limits = ArchiveLimits(files=1, total_bytes=1024, ratio=1000)
    with pytest.raises(ArchiveTooLargeError):
        read_archive(member(bytes(5000)), limits)


def test_packing_names_every_path_that_may_not_be_packed():
    with pytest.raises(ArchiveForbiddenEntryError) as caught:
        pack([ArchiveEntry("../b", b""), ArchiveEntry("NUL", b""), ArchiveEntry("ok", b"")])
    assert [problem.where for problem in caught.value.problems] == ["“../b”", "“NUL”"]


def test_packing_refuses_a_lone_surrogate_as_a_path():
    with pytest.raises(ArchiveForbiddenEntryError):
        pack([ArchiveEntry("a\ud800", b"")])


def test_packing_refuses_the_same_path_twice():
    with pytest.raises(ArchiveDuplicatePathError):
        pack([ArchiveEntry("a", b"1"), ArchiveEntry("a", b"2")])
