"""What a sample spells out and its file holds encoded, so that a reader of the corpus sees every payload.

A text of the corpus may hold ``⟦chain|payload⟧``: the payload, encoded by each name of
the chain from left to right (``zlib+base64``), innermost first where they nest. This also
keeps invisible characters and binary files out of the repository.
"""

from __future__ import annotations

import base64
import codecs
import gzip
import io
import re
import zipfile
import zlib
from binascii import crc32
from collections.abc import Callable
from urllib.parse import quote

_SPELLED = re.compile("\u27e6([a-z0-9+]+)\\|([^\u27e6\u27e7]*)\u27e7")
XOR_KEY = 0x2A
_LOOK_ALIKES = str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")


def expanded(text: str) -> bytes:
    """Returns the bytes of a file whose text may hold spelled-out payloads; KeyError for an unknown name."""
    while _SPELLED.search(text):
        text = _SPELLED.sub(_encoded, text)
    return _bytes(text)


def _encoded(match: re.Match[str]) -> str:
    value = _bytes(match[2])
    for name in match[1].split("+"):
        value = _ENCODERS[name](value)
    return value.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _zip(value: bytes) -> bytes:
    """Returns an archive of one file: its name is the first line, the rest is its content."""
    name, _, content = value.partition(b"\n")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name.decode().strip()), content)
    return out.getvalue()


def _png(comment: bytes) -> bytes:
    """Returns an image of one pixel with a comment."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + crc32(body).to_bytes(4, "big")

    header = chunk(b"IHDR", b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00")
    pixel = chunk(b"IDAT", zlib.compress(b"\x00\xff\xff\xff"))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"tEXt", b"Comment\x00" + comment) + pixel + chunk(b"IEND", b"")
    )


def _elf(strings: bytes) -> bytes:
    """Returns what looks like a program for Linux and cannot run: a header, then strings."""
    return b"\x7fELF\x02\x01\x01" + b"\x00" * 9 + b"\x02\x00\x3e\x00\x01" + b"\x00" * 43 + strings + b"\x00"


def _code_points(value: bytes) -> bytes:
    """Returns the characters with these hexadecimal numbers, such as ``200b 200d``."""
    return "".join(chr(int(number, 16)) for number in value.split()).encode()


def _numbers(value: bytes) -> bytes:
    return ", ".join(str(byte) for byte in value).encode()


def _tag_characters(value: bytes) -> bytes:
    return "".join(chr(0xE0000 + byte) for byte in value).encode()


def _zero_width_bits(value: bytes) -> bytes:
    return "".join("\u200b\u200c"[int(bit)] for byte in value for bit in f"{byte:08b}").encode()


def _homoglyphs(value: bytes) -> bytes:
    """Returns the text with Cyrillic letters that look like the Latin ones."""
    return value.decode().translate(_LOOK_ALIKES).encode()


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base32": base64.b32encode,
    "base85": base64.b85encode,
    "hex": lambda value: value.hex().encode(),
    "backslashx": lambda value: "".join(f"\\x{byte:02x}" for byte in value).encode(),
    "backslashu": lambda value: "".join(f"\\u{byte:04x}" for byte in value).encode(),
    "octal": lambda value: "".join(f"\\{byte:03o}" for byte in value).encode(),
    "numbers": _numbers,
    "percent": lambda value: quote(value, safe="").encode(),
    "reverse": lambda value: value[::-1],
    "rot13": lambda value: codecs.encode(value.decode(), "rot13").encode(),
    "xor": lambda value: bytes(byte ^ XOR_KEY for byte in value),
    "zlib": lambda value: zlib.compress(value, 9),
    "deflate": lambda value: zlib.compress(value, 9)[2:-4],
    "gzip": lambda value: gzip.compress(value, 9, mtime=0),
    "utf16": lambda value: value.decode().encode("utf-16-le"),
    "tags": _tag_characters,
    "zerowidth": _zero_width_bits,
    "homoglyphs": _homoglyphs,
    "u": _code_points,
    "join": lambda value: value.replace(b" ", b""),
    "zip": _zip,
    "png": _png,
    "elf": _elf,
}
