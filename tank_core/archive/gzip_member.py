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
        raise _malformed("The archive is not gzip with deflate.")
    if member[: len(HEADER)] != HEADER:
        raise _not_canonical("The gzip header is not the fixed one: it carries a time, a name or flags.")
    inflater = zlib.decompressobj(wbits=-15)
    try:
        content = inflater.decompress(member[len(HEADER) :], max_bytes + 1)
    except zlib.error as exc:
        raise _malformed("The compressed data is damaged.") from exc
    if len(content) > max_bytes:
        return None
    trailer = inflater.unused_data
    if not inflater.eof or len(trailer) < _TRAILER_BYTES:
        raise _malformed("The archive is cut off.")
    if trailer[:_TRAILER_BYTES] != struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF):
        raise _malformed("The gzip checksum or length does not match the data.")
    if len(trailer) > _TRAILER_BYTES:
        raise _not_canonical("There are bytes after the end of the gzip member.")
    return content


def _malformed(what: str) -> ArchiveMalformedError:
    return ArchiveMalformedError(
        what,
        why="A damaged archive is never partly read.",
        fix="Pack it again with tank publish, or download it again.",
    )


def _not_canonical(what: str) -> ArchiveNotCanonicalError:
    return ArchiveNotCanonicalError(
        what,
        why="Bytes that no reader looks at can hide what was not scanned.",
        fix="Pack with tank publish.",
    )
