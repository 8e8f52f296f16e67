"""The gzip frame of a package archive: one member, one header, nothing behind it.

The ten header bytes are fixed: no time, no name, maximum compression (XFL 2),
unknown system (OS 255). CRC-32 and length are checked. The deflate stream in
between is any valid one: ``deflate`` writes it, but a better encoder may come, and
a reader that insisted on its bytes would refuse every package packed before
(docs/decisions/0003-archive-form.md).

Source: RFC 1952, section 2.3; RFC 1951.
"""

from __future__ import annotations

import struct
import zlib

from tank_core.archive.errors import ArchiveMalformedError, ArchiveNotCanonicalError

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_TRAILER_BYTES = 8  # CRC-32 and length, little-endian


def wrap(deflated: bytes, content: bytes) -> bytes:
    """Returns the gzip member of a raw deflate stream and the content it stands for."""
    return HEADER + deflated + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def unwrap(member: bytes, max_bytes: int) -> bytes | None:
    """Returns the content of a gzip member, or None if it has more than ``max_bytes``.

    Never holds more than ``max_bytes`` + 1 expanded bytes.

    Raises:
        ArchiveMalformedError: ``archive-malformed``; no gzip, cut off, or a wrong checksum.
        ArchiveNotCanonicalError: ``archive-not-canonical``; another header, or bytes after the member.
    """
    if member[:3] != HEADER[:3]:
        raise ArchiveMalformedError.of("The archive is not gzip with deflate.")
    if member[: len(HEADER)] != HEADER:
        raise ArchiveNotCanonicalError.of(
            "The gzip header is not the fixed one: it carries a time, a name or flags."
        )
    inflater = zlib.decompressobj(wbits=-15)
    try:
        content = inflater.decompress(member[len(HEADER) :], max_bytes + 1)
    except zlib.error as exc:
        raise ArchiveMalformedError.of("The compressed data is damaged.") from exc
    if len(content) > max_bytes:
        return None
    trailer = inflater.unused_data
    if not inflater.eof or len(trailer) < _TRAILER_BYTES:
        raise ArchiveMalformedError.of("The archive is cut off.")
    if trailer[:_TRAILER_BYTES] != struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF):
        raise ArchiveMalformedError.of("The gzip checksum or length does not match the data.")
    if len(trailer) > _TRAILER_BYTES:
        raise ArchiveNotCanonicalError.of("There are bytes after the end of the gzip member.")
    return content
