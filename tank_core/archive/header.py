"""The canonical tar header: 512 bytes that are decided by path, size and mode alone.

Layout (POSIX.1-1988 ustar): name 100, mode 8, uid 8, gid 8, size 12, mtime 12,
checksum 8, type 1, linkname 100, magic and version 8, uname 32, gname 32,
devmajor 8, devminor 8, prefix 155, padding 12. Fixed here: uid, gid and mtime are
octal zeros, type is ``0``, all names but the path's own are NUL, the checksum is
six octal digits, NUL, space. A path of more than 100 bytes is split at the first
``/`` that leaves at most 100 bytes for the name.

Reading is rendering backwards: take path, size and mode out of the bytes, render
them again, and accept only if the very same bytes come out. A header therefore has
one reading, and no other tar reader can see a different one.

Source: POSIX.1-2017, pax, "ustar Interchange Format".
"""

from __future__ import annotations

from tank_core.archive.errors import (
    ArchiveForbiddenEntryError,
    ArchiveMalformedError,
    ArchiveNotCanonicalError,
)
from tank_core.errors import quoted

BLOCK_BYTES = 512
END_OF_ARCHIVE = bytes(2 * BLOCK_BYTES)
_NAME_BYTES = 100
_PREFIX_BYTES = 155
_MODE = b"0000644\x00"
_MODE_EXECUTABLE = b"0000755\x00"
_ZERO_IDS = b"0000000\x00" * 2  # user and group
_ZERO_TIME = b"00000000000\x00"
_MAGIC = b"ustar\x0000"
_REGULAR = b"0"
_AFTER_CHECKSUM = _REGULAR + bytes(100) + _MAGIC + bytes(80)
_PADDING = bytes(12)
# What every header's checksum counts, without its NULs; the checksum's own field counts as blanks.
_FIXED = (_MODE + _ZERO_IDS + _ZERO_TIME + b" " * 8 + _AFTER_CHECKSUM).replace(b"\x00", b"")
_FIXED_EXECUTABLE = (_MODE_EXECUTABLE + _ZERO_IDS + _ZERO_TIME + b" " * 8 + _AFTER_CHECKSUM).replace(
    b"\x00", b""
)
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"5": "a directory entry",
    b"6": "a named pipe",
    b"x": "an extended header",
    b"g": "a global extended header",
    b"L": "a long-name extension",
    b"K": "a long-link extension",
    b"S": "a sparse file",
}


def render_header(path: str, size_bytes: int, executable: bool) -> bytes:
    """Returns the one header for a file.

    Args:
        path: accepted by ``check_path``, which makes every path fit.
        size_bytes: of the contents, below 8 GiB.
        executable: mode 0755 or 0644.
    """
    prefix, name = _split(path.encode())
    size = b"%011o" % size_bytes
    fixed = _FIXED_EXECUTABLE if executable else _FIXED
    # NULs add nothing, so that only what differs from file to file has to be summed.
    checksum = sum(fixed) + sum(name) + sum(size) + sum(prefix)
    return b"".join(
        (
            name.ljust(_NAME_BYTES, b"\x00"),
            _MODE_EXECUTABLE if executable else _MODE,
            _ZERO_IDS,
            size,
            b"\x00",
            _ZERO_TIME,
            b"%06o\x00 " % checksum,
            _AFTER_CHECKSUM,
            prefix.ljust(_PREFIX_BYTES, b"\x00"),
            _PADDING,
        )
    )


def read_header(block: bytes) -> tuple[str, int, bool]:
    """Returns path, size in bytes and executable bit of a canonical header.

    Args:
        block: exactly 512 bytes.

    Raises:
        ArchiveMalformedError: ``archive-malformed``; not a ustar header at all.
        ArchiveForbiddenEntryError: ``archive-forbidden-entry``; a link, a device or
            anything else that is no regular file.
        ArchiveNotCanonicalError: ``archive-not-canonical``; any other way of writing it.
    """
    if block[257:262] != b"ustar":
        raise _malformed("There is no ustar header where one should be.")
    name, prefix = block[:_NAME_BYTES].rstrip(b"\x00"), block[345:500].rstrip(b"\x00")
    path = _decoded(prefix + b"/" + name if prefix else name)
    kind = block[156:157]
    if kind in _KINDS:
        raise ArchiveForbiddenEntryError(
            f"{quoted(path)} is {_KINDS[kind]}.",
            why="A package holds regular files only: everything else can point outside it.",
            fix="Pack with tank publish, which leaves such entries out or says which one it cannot pack.",
        )
    size_bytes = _octal(block[124:135], path)
    executable = block[100:108] == _MODE_EXECUTABLE
    if render_header(path, size_bytes, executable) != block:
        raise ArchiveNotCanonicalError(
            f"The header of {quoted(path)} is not in canonical form.",
            why="Two readers could see two different files in it; owner, times and modes are fixed.",
            fix="Pack with tank publish.",
        )
    return path, size_bytes, executable


def _split(path: bytes) -> tuple[bytes, bytes]:
    """Returns prefix and name fields of a path; the shortest prefix that lets the name fit."""
    if len(path) <= _NAME_BYTES:
        return b"", path
    cut = path.find(b"/", len(path) - _NAME_BYTES - 1)
    return (path[:cut], path[cut + 1 :]) if cut > 0 else (b"", path)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as exc:
        raise ArchiveForbiddenEntryError(
            f"The path {quoted(raw.decode('utf-8', 'backslashreplace'))} is not UTF-8.",
            why="A path must mean the same text on every system.",
            fix="Rename the file.",
        ) from exc


def _octal(digits: bytes, path: str) -> int:
    if not digits or any(digit not in b"01234567" for digit in digits):
        raise _malformed(f"The size of {quoted(path)} is not an octal number.")
    return int(digits, 8)


def _malformed(what: str) -> ArchiveMalformedError:
    return ArchiveMalformedError(
        what, why="The archive cannot be read without guessing.", fix="Pack with tank publish."
    )
