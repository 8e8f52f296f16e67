"""The files in a tar archive, read as any tool might: forgiving, in memory, links left out.

Unlike ``tank_core.archive``, which refuses what is not canonical, this reads archives
that strangers packed, to look into them. Long names of GNU and pax are understood.

Source: POSIX.1-2017, "pax", section "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAGIC = b"ustar"
MAGIC_AT = 257
_BLOCK = 512
_REGULAR = (b"0", b"\0", b"7")
_PAX_PATH = re.compile(rb"(?:^|\n)\d{1,6} path=([^\n]*+)")


def is_tar(data: bytes) -> bool:
    """Returns whether bytes begin with a tar header."""
    return data[MAGIC_AT : MAGIC_AT + len(MAGIC)] == MAGIC


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields (name, content) of each regular file; stops at the end, or at a header that is none."""
    at, long_name = 0, b""
    while at + _BLOCK <= len(data):
        header = data[at : at + _BLOCK]
        size = _size(header[124:136])
        if not header.strip(b"\0") or size is None:
            return
        body = data[at + _BLOCK : at + _BLOCK + size]
        at += _BLOCK + size + -size % _BLOCK
        kind = header[156:157]
        if kind == b"L":
            long_name = body.rstrip(b"\0")
        elif kind in {b"x", b"X"}:
            found = _PAX_PATH.search(body)
            long_name = found[1] if found else b""
        elif kind != b"g":
            if kind in _REGULAR:
                yield (long_name or _name(header)).decode("utf-8", errors="replace"), body
            long_name = b""


def _name(header: bytes) -> bytes:
    name, prefix = header[:100].rstrip(b"\0"), header[345:500].rstrip(b"\0")
    return prefix + b"/" + name if prefix and header[MAGIC_AT : MAGIC_AT + 6] == b"ustar\0" else name


def _size(field: bytes) -> int | None:
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        return None
