"""Hostile archives by name, each made in memory, each with the code that must refuse it.

No binary is kept in the repository: what is hostile about each archive can be read
here. ``ARCHIVES`` is sorted by what the attack aims at.
"""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tank_core.archive.gzip_member import HEADER
from tank_core.archive.header import END_OF_ARCHIVE, render_header

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HostileArchive:
    """A named archive that every reader of packages must refuse."""

    name: str
    data: bytes
    code: str


def member(tar: bytes) -> bytes:
    """Returns a well-formed gzip member around any bytes."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = compressor.compress(tar) + compressor.flush()
    return HEADER + deflated + struct.pack("<II", zlib.crc32(tar), len(tar) & 0xFFFFFFFF)


def block(path: str | bytes, data: bytes = b"x", **changes: bytes) -> bytes:
    """Returns one tar entry with fields overwritten and the checksum made right again.

    ``changes``: ``at_<offset>=bytes`` overwrites header bytes, ``size=`` the size field.
    """
    header = bytearray(render_header("x", len(data), False))
    raw = path if isinstance(path, bytes) else path.encode("utf-8", "surrogatepass")
    header[0:100] = raw[:100].ljust(100, b"\x00")
    if "size" in changes:
        header[124:136] = changes.pop("size")
    for place, value in changes.items():
        offset = int(place.removeprefix("at_"))
        header[offset : offset + len(value)] = value
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    return bytes(header) + data + bytes(-len(data) % 512)


def tar_of(*blocks: bytes, end: bytes = END_OF_ARCHIVE) -> bytes:
    """Returns a gzip member around tar entries."""
    return member(b"".join(blocks) + end)


def special(kind: bytes, target: str = "/etc/passwd") -> bytes:
    """Returns an archive with one entry of another type than a regular file."""
    return tar_of(block("a", b"", at_156=kind, at_157=target.encode()))


def named(*paths: str | bytes) -> bytes:
    """Returns an archive of one-byte files with these very paths, in this order."""
    return tar_of(*(block(path) for path in paths))


def _stdlib_tar(format_: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format_) as tar:
        info = tarfile.TarInfo("a" * 90 + "/" + "b" * 120)
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    return member(buffer.getvalue())


def _gzip_with_name() -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile("payload.tar", "wb", fileobj=buffer, mtime=0) as file:
        file.write(block("a") + END_OF_ARCHIVE)
    return buffer.getvalue()


def _flip(data: bytes, offset: int) -> bytes:
    changed = bytearray(data)
    changed[offset] ^= 0xFF
    return bytes(changed)


_GOOD = named("a")
_ZEROS = b"\x00" * 16 * MIB

FORBIDDEN: tuple[tuple[str, str | bytes], ...] = (
    ("parent traversal", "../a"),
    ("inner traversal", "a/../../b"),
    ("dot segment", "./a"),
    ("empty segment", "a//b"),
    ("trailing slash", "a/"),
    ("empty path", ""),
    ("absolute", "/etc/passwd"),
    ("backslash traversal", "..\\a"),
    ("backslash", "a\\b"),
    ("drive letter", "C:/a"),
    ("drive relative", "c:a"),
    ("alternate data stream", "a.txt:hidden"),
    ("wildcard", "a*"),
    ("newline", "a\nb"),
    ("escape sequence", "a\x1b[2Jb"),
    ("embedded nul", b"a\x00b"),
    ("text hidden behind nul", b"a" + bytes(49) + b"hidden"),
    ("right-to-left override", "a\u202etxt.sh"),
    ("zero-width space", "a\u200bb"),
    ("no-break space", "a\u00a0b"),
    ("decomposed accent", "cafe\u0301"),
    ("not utf-8", b"\xff\xfe"),
    ("overlong utf-8", b"\xc0\xae\xc0\xae/a"),
    ("lone surrogate", b"\xed\xa0\x80"),
    ("windows device", "NUL"),
    ("windows device with extension", "scripts/aux.txt"),
    ("windows device superscript", "com¹"),
    ("trailing dot", "a."),
    ("trailing space", "a "),
    ("leading space", " a"),
    ("name of 97 bytes", "a" * 97),
    ("seventeen levels", "/".join("a" * 17)),
)

KINDS: tuple[tuple[str, bytes], ...] = (
    ("hard link", b"1"),
    ("symbolic link", b"2"),
    ("character device", b"3"),
    ("block device", b"4"),
    ("directory", b"5"),
    ("named pipe", b"6"),
    ("pax header", b"x"),
    ("pax global header", b"g"),
    ("gnu long name", b"L"),
    ("gnu long link", b"K"),
    ("gnu sparse", b"S"),
)

DUPLICATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("same path twice", ("a", "a")),
    ("same path twice, apart", ("a", "b", "a")),
    ("letter case", ("README", "readme")),
    ("sharp s", ("strasse", "straße")),
    ("dotted i", ("i\u0307x", "\u0130x")),
    ("folder letter case", ("A/x", "a/y")),
    ("file as folder", ("a", "a/b")),
    ("file as folder by case", ("A/b", "a")),
    ("final sigma", ("ς", "σ")),
)

NOT_CANONICAL: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("unsorted", lambda: named("b", "a")),
    ("owner id", lambda: tar_of(block("a", at_108=b"0001750\x00"))),
    ("group id", lambda: tar_of(block("a", at_116=b"0001750\x00"))),
    ("owner name", lambda: tar_of(block("a", at_265=b"root"))),
    ("time", lambda: tar_of(block("a", at_136=b"00000000001\x00"))),
    ("setuid mode", lambda: tar_of(block("a", at_100=b"0004755\x00"))),
    ("world-writable mode", lambda: tar_of(block("a", at_100=b"0000666\x00"))),
    ("size ended by space", lambda: tar_of(block("a", size=b"00000000001 "))),
    ("link name on a file", lambda: tar_of(block("a", at_157=b"/etc/passwd"))),
    ("device number on a file", lambda: tar_of(block("a", at_329=b"0000001\x00"))),
    ("old regular type", lambda: tar_of(block("a", at_156=b"\x00"))),
    ("contiguous type", lambda: tar_of(block("a", at_156=b"7"))),
    ("needless prefix", lambda: tar_of(block("b", at_345=b"a"))),
    ("bytes in header padding", lambda: tar_of(block("a", at_500=b"hidden"))),
    ("wrong header checksum", lambda: member(_flip(block("a"), 150) + END_OF_ARCHIVE)),
    ("gnu magic", lambda: tar_of(block("a", at_257=b"ustar  \x00"))),
    ("bytes in file padding", lambda: member(block("a")[:-1] + b"!" + END_OF_ARCHIVE)),
    ("third zero block", lambda: tar_of(block("a"), end=bytes(3 * 512))),
    ("padded to a record", lambda: tar_of(block("a"), end=bytes(10240 - 1024))),
    ("entry after one zero block", lambda: tar_of(block("a"), bytes(512), block("b"))),
    ("entry after the end", lambda: tar_of(block("a"), END_OF_ARCHIVE, block("b"))),
    ("second gzip member", lambda: _GOOD + named("b")),
    ("bytes after the member", lambda: _GOOD + b"!"),
    ("zeros after the member", lambda: _GOOD + bytes(512)),
    ("gzip time", lambda: _flip(_GOOD, 4)),
    ("gzip system", lambda: _flip(_GOOD, 9)),
    ("gzip extra flags", lambda: _flip(_GOOD, 8)),
    ("gzip name", _gzip_with_name),
)

MALFORMED: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("no bytes", lambda: b""),
    ("zip", lambda: b"PK\x03\x04" + bytes(100)),
    ("plain tar", lambda: block("a") + END_OF_ARCHIVE),
    ("gzip header only", lambda: HEADER),
    ("cut within the data", lambda: _GOOD[:30]),
    ("cut within the trailer", lambda: _GOOD[:-1]),
    ("wrong crc", lambda: _flip(_GOOD, len(_GOOD) - 8)),
    ("wrong length", lambda: _flip(_GOOD, len(_GOOD) - 4)),
    ("invalid deflate", lambda: HEADER + b"\xff" * 64),
    ("empty tar", lambda: member(b"")),
    ("no end marker", lambda: tar_of(block("a"), end=b"")),
    ("half an end marker", lambda: tar_of(block("a"), end=bytes(512))),
    ("end marker cut", lambda: tar_of(block("a"), end=bytes(1023))),
    ("size beyond the end", lambda: tar_of(block("a", size=b"00000010000\x00"))),
    ("size with leading spaces", lambda: tar_of(block("a", size=b"          1\x00"))),
    ("size not a number", lambda: tar_of(block("a", size=b"zzzzzzzzzzz\x00"))),
    ("negative binary size", lambda: tar_of(block("a", size=b"\xff" * 12))),
    ("binary size", lambda: tar_of(block("a", size=b"\x80" + bytes(10) + b"\x01"))),
    ("not a tar", lambda: member(b"MZ" + bytes(range(256)) * 8)),
    ("old v7 header", lambda: tar_of(block("a", at_257=bytes(8)))),
)

BOMBS: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
    ("zeros", "archive-ratio", lambda: tar_of(block("a", _ZEROS))),
    ("endless end marker", "archive-ratio", lambda: member(block("a") + _ZEROS)),
    ("many tiny files", "archive-too-many-files", lambda: named(*(f"f{n:05}" for n in range(2001)))),
    ("archive above the limit", "archive-too-large", lambda: HEADER + bytes(32 * MIB)),
    ("file said to be 8 GiB", "archive-too-large", lambda: tar_of(block("a", size=b"77777777777\x00"))),
)


def hostile_archives() -> tuple[HostileArchive, ...]:
    """Returns every hostile archive, in a fixed order."""
    archives = [
        *(
            HostileArchive(f"path: {name}", named(path), "archive-forbidden-entry")
            for name, path in FORBIDDEN
        ),
        *(HostileArchive(f"type: {name}", special(kind), "archive-forbidden-entry") for name, kind in KINDS),
        *(
            HostileArchive(f"pair: {name}", named(*paths), "archive-duplicate-path")
            for name, paths in DUPLICATES
        ),
        *(HostileArchive(f"form: {name}", make(), "archive-not-canonical") for name, make in NOT_CANONICAL),
        *(HostileArchive(f"damage: {name}", make(), "archive-malformed") for name, make in MALFORMED),
        *(HostileArchive(f"bomb: {name}", make(), code) for name, code, make in BOMBS),
        HostileArchive(
            "type: gnu tar of the standard library",
            _stdlib_tar(tarfile.GNU_FORMAT),
            "archive-forbidden-entry",
        ),
        HostileArchive(
            "type: pax tar of the standard library",
            _stdlib_tar(tarfile.PAX_FORMAT),
            "archive-forbidden-entry",
        ),
    ]
    return tuple(archives)
