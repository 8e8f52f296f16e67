"""Archives that ship inside a package, opened in memory and read as files.

Zip and what is built on it (wheels, jars, office documents), tar, gzip, bzip2 and xz;
also one that is appended to another file. Nothing is written anywhere, no name in an
archive is used as a path, and everything is bounded: members, bytes, and how much a
stream may grow. What is not opened is named with its reason.

Source: APPNOTE.TXT 6.3.10; RFC 1952; POSIX.1-2017, "pax".
"""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tank_core.analysis import tar_members

ENCRYPTED = "is an encrypted archive"
_TOO_MUCH = "holds more than is opened"
_UNOPENED = (
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive, which is not opened"),
    (b"Rar!\x1a\x07", "is a RAR archive, which is not opened"),
    (b"\x28\xb5\x2f\xfd", "is a Zstandard archive, which is not opened"),
    (b"MSCF\0\0\0\0", "is a cabinet archive, which is not opened"),
    (b"xar!", "is an installer package, which is not opened"),
    (b"\xed\xab\xee\xdb", "is an RPM package, which is not opened"),
    (b"!<arch>\n", "is an ar archive, which is not opened"),
)
_END_OF_ZIP = b"PK\x05\x06"
_END_OF_ZIP_BYTES = 22 + 65_535  # the record, and the longest comment behind it
_BLOCK_OF_BZIP2 = b"1AY&SY"
_GZIP = b"\x1f\x8b\x08"
_MAX_APPENDED = 8  # places where a gzip stream may begin inside a file that is not one
_RATIO = 200
_RATIO_FREE_BYTES = 4 << 20
# Whatever a damaged archive makes the readers of the standard library raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    IndexError,
    KeyError,
)


@dataclass(slots=True)
class OpeningBudget:
    """How much may still be opened for one package."""

    bytes_left: int = 16 << 20
    members_left: int = 4000


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive. ``reason``: why it was not read; ``data`` is then empty."""

    name: str
    data: bytes
    reason: str = ""


def members(data: bytes, budget: OpeningBudget) -> Iterator[Member]:
    """Yields the files in an archive, in its order; nothing for bytes that are none."""
    for magic, reason in _UNOPENED:
        if data.startswith(magic):
            yield Member("", b"", reason)
            return
    if data.startswith(b"PK\x03\x04") or _END_OF_ZIP in data[-_END_OF_ZIP_BYTES:]:
        yield from _guarded(_of_zip(data, budget), "is a damaged zip archive")
    elif tar_members.is_tar(data):
        yield from _of_tar(data, budget)
    elif _is_stream(data):
        yield from _of_stream(data, budget)
    else:
        yield from _appended(data, budget)


def is_archive(data: bytes) -> bool:
    """Returns whether bytes begin as an archive or a compressed file does."""
    is_tar = tar_members.is_tar(data)
    return is_tar or _is_stream(data) or data.startswith((b"PK\x03\x04", *(magic for magic, _ in _UNOPENED)))


def _is_stream(data: bytes) -> bool:
    return data.startswith((_GZIP, b"\xfd7zXZ\x00")) or (
        data.startswith(b"BZh") and data[4:10] == _BLOCK_OF_BZIP2
    )


def _guarded(found: Iterator[Member], reason: str) -> Iterator[Member]:
    try:
        yield from found
    except _DAMAGE:
        yield Member("", b"", reason)


def _of_zip(data: bytes, budget: OpeningBudget) -> Iterator[Member]:
    if data.startswith(b"PK\x03\x04") and data[6] & 1:
        yield Member("", b"", ENCRYPTED)
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                yield Member("", b"", ENCRYPTED)
                return
            if not _may_open(budget):
                yield Member("", b"", _TOO_MUCH)
                return
            yield _zip_member(archive, info, budget, len(data))


def _zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: OpeningBudget, archive_bytes: int
) -> Member:
    limit = min(budget.bytes_left, max(_RATIO_FREE_BYTES, _RATIO * archive_bytes))
    try:
        with archive.open(info) as stream:
            inner = stream.read(limit + 1)
    except _DAMAGE:
        return Member(info.filename, b"", "is damaged")
    return _bounded(info.filename, inner, limit, budget)


def _of_tar(data: bytes, budget: OpeningBudget) -> Iterator[Member]:
    for name, inner in tar_members.members(data):
        if not _may_open(budget):
            yield Member("", b"", _TOO_MUCH)
            return
        yield _bounded(name, inner, budget.bytes_left, budget)


def _of_stream(data: bytes, budget: OpeningBudget) -> Iterator[Member]:
    limit = min(budget.bytes_left, max(_RATIO_FREE_BYTES, _RATIO * len(data)))
    if not _may_open(budget):
        yield Member("", b"", _TOO_MUCH)
        return
    inner = inflated(data, limit + 1)
    if not inner:
        yield Member("", b"", "is a damaged compressed file")
    elif tar_members.is_tar(inner):
        if len(inner) > limit:
            yield Member("", b"", _TOO_MUCH)
        yield from _of_tar(inner[:limit], budget)
    else:
        yield _bounded("", inner, limit, budget)


def _appended(data: bytes, budget: OpeningBudget) -> Iterator[Member]:
    """Yields what gzip streams inside another file hold, as self-extracting scripts have them."""
    start = data.find(_GZIP, 1)
    for _ in range(_MAX_APPENDED):
        if start < 0 or not _may_open(budget):
            return
        limit = min(budget.bytes_left, _RATIO_FREE_BYTES)
        inner = inflated(data[start:], limit + 1)
        if tar_members.is_tar(inner):
            yield from _of_tar(inner[:limit], budget)
        elif inner:
            yield _bounded("appended", inner, limit, budget)
        start = data.find(_GZIP, start + 1)


def inflated(data: bytes, limit: int) -> bytes:
    """Returns at most ``limit`` bytes of what gzip, zlib, bzip2, xz or LZMA bytes hold; empty for others.

    What was read before damage is kept: a loader may never see the damage.
    """
    readers: list[zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor] = []
    if data[:2] == b"\x1f\x8b" or (data[:1] == b"\x78" and data[1:2] in b"\x01\x5e\x9c\xda"):
        readers.append(zlib.decompressobj(wbits=47))
    elif data[:3] == b"BZh":
        readers.append(bz2.BZ2Decompressor())
    elif data[:6] == b"\xfd7zXZ\x00" or data[:3] == b"\x5d\x00\x00":
        readers.append(lzma.LZMADecompressor(memlimit=64 << 20))
    for reader in readers:
        return _read(reader, data, limit)
    return b""


def _read(
    reader: zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor, data: bytes, limit: int
) -> bytes:
    kept: list[bytes] = []
    left, at = limit, 0
    step = 64 << 10
    try:
        while left > 0 and not reader.eof and at < len(data):
            part = reader.decompress(data[at : at + step], left)
            at += step
            kept.append(part)
            left -= len(part)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError):
        return b"".join(kept)
    return b"".join(kept)


def _may_open(budget: OpeningBudget) -> bool:
    budget.members_left -= 1
    return budget.members_left >= 0 and budget.bytes_left > 0


def _bounded(name: str, data: bytes, limit: int, budget: OpeningBudget) -> Member:
    budget.bytes_left -= len(data)
    if len(data) > limit:
        return Member(name, data[:limit], _TOO_MUCH)
    return Member(name, data)
