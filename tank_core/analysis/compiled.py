"""Texts in files that are not text: compiled Python, programs, images, documents.

Compiled Python is never unmarshalled: its constants are found by scanning the bytes.
Images are read for what does not belong to the picture: text chunks, comments, and
bytes behind the end. Everything comes out as lines of text.

Source: PNG (W3C 2003), chapter 11; JPEG T.81, annex B; GIF89a; docs.python.org, "marshal".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tank_core.analysis.archives import inflated

_RUN = re.compile(rb"[\t\x20-\x7e]{6,}+")
_WIDE_RUN = re.compile(rb"(?:[\t\x20-\x7e]\x00){8,}+")
_WORDS = re.compile(rb"[A-Za-z]{3}")
# Text constants of marshal: type byte (with the reference flag), length, bytes.
_SHORT = re.compile(rb"[zZ\xda\xfa](?=([\x01-\xff]))")
_LONG = re.compile(rb"[sauAt\xe1\xf3\xf5\xc1\xf4](?=(....))", re.DOTALL)  # a length may hold a type byte
_MAX_CONSTANT = 1 << 20
_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]{12,}+")
_PDF_STREAM = re.compile(rb"stream\r?\n")
_PDF_TEXT = re.compile(rb"\(((?:[^()\\]|\\.){1,2000}+)\)")
_MAX_STREAMS = 500
_MAX_STREAM = 1 << 20


@dataclass(frozen=True, slots=True)
class Extract:
    """Bytes that were found in a file: their provenance, and whether they are a file of their own."""

    how: str
    data: bytes
    is_file: bool = False


def extracts(path: str, data: bytes) -> Iterator[Extract]:
    """Yields the texts in a file that is not text, and files behind the end of one."""
    if path.lower().endswith((".pyc", ".pyo")) or data[2:4] == b"\r\n":
        yield _joined("strings of compiled python", _constants(data))
    elif data.startswith(_PNG):
        yield from _png(data)
    elif data.startswith(b"\xff\xd8\xff"):
        yield from _jpeg(data)
    elif data.startswith(b"GIF8"):
        yield from _gif(data)
    elif data.startswith(b"RIFF") and len(data) >= 12:
        end = 8 + int.from_bytes(data[4:8], "little")
        yield from _behind(data, end + end % 2)
    elif data.startswith(b"%PDF"):
        yield _joined("text of a document", _pdf(data))
    elif data.startswith((b"wOFF", b"wOF2", b"OggS", b"ID3")):
        return
    else:
        yield _joined("strings of a program", _strings(data))


def _joined(how: str, found: Iterator[bytes]) -> Extract:
    return Extract(how, b"\n".join(dict.fromkeys(found)))


def _strings(data: bytes) -> Iterator[bytes]:
    for match in _RUN.finditer(data):
        if _WORDS.search(match.group()):
            yield match.group()
    for match in _WIDE_RUN.finditer(data):
        yield match.group()[::2]


def _constants(data: bytes) -> Iterator[bytes]:
    """Yields the text and bytes constants of compiled Python, then every other run of text."""
    for match in _SHORT.finditer(data):
        size = match.group(1)[0]
        text = data[match.end() + 1 : match.end() + 1 + size]
        if len(text) == size and size > 2 and _is_text(text):
            yield text
    for match in _LONG.finditer(data):
        size = int.from_bytes(match.group(1), "little")
        start = match.end() + 4
        # Its ends first: a text that only seems to be one is not copied as a whole.
        if (
            2 < size <= _MAX_CONSTANT
            and start + size <= len(data)
            and _is_text(data[start : start + 4096][:size])
        ):
            text = data[start : start + size]
            if _is_text(text[-4096:]):
                yield text
    yield from _strings(data)


def _is_text(data: bytes) -> bool:
    return data.isascii() and not data.translate(None, _PRINTABLE)


_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r"


def _png(data: bytes) -> Iterator[Extract]:
    at = len(_PNG)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind in {b"tEXt", b"iTXt", b"zTXt", b"eXIf"}:
            yield Extract("text of an image", _png_text(kind, body))
        if kind == b"IEND" or not kind.isalpha():
            break
    yield from _behind(data, at)


def _png_text(kind: bytes, body: bytes) -> bytes:
    keyword, _, rest = body.partition(b"\0")
    if kind == b"zTXt":
        return keyword + b"\n" + inflated(rest[1:], _MAX_STREAM)
    if kind == b"iTXt":
        flag, fields = rest[:1], rest[2:].split(b"\0", 2)
        text = fields[-1]
        return keyword + b"\n" + (inflated(text, _MAX_STREAM) if flag == b"\x01" else text)
    return b"\n".join(_EXIF_TEXT.findall(body)) if kind == b"eXIf" else keyword + b"\n" + rest


def _jpeg(data: bytes) -> Iterator[Extract]:
    at = 2
    while at + 2 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            yield from _behind(data, at + 2)
            return
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + size]
        at += 2 + size
        if marker == 0xFE or 0xE0 <= marker <= 0xEF:
            text = body if marker == 0xFE else b"\n".join(_EXIF_TEXT.findall(body))
            if text.strip():
                yield Extract("text of an image", text)
        if marker == 0xDA:
            end = _end_of_scan(data, at)
            if end < 0:
                return
            at = end
    yield from _behind(data, at)


def _end_of_scan(data: bytes, at: int) -> int:
    """Returns the offset of the marker that ends compressed data, or -1; 0xFF in it is followed by zero."""
    match = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]").search(data, at)
    return match.start() if match else -1


def _gif(data: bytes) -> Iterator[Extract]:
    at = 13 + (3 << ((data[10] & 7) + 1) if len(data) > 10 and data[10] & 0x80 else 0)
    while at < len(data):
        if data[at] == 0x3B:
            yield from _behind(data, at + 1)
            return
        if data[at] == 0x21 and at + 2 <= len(data):
            is_text = data[at + 1 : at + 2] in {b"\xfe", b"\x01"}
            blocks, at = _sub_blocks(data, at + 2)
            if is_text:
                yield Extract("text of an image", blocks)
        elif data[at] == 0x2C and at + 10 <= len(data):
            flags = data[at + 9]
            _, at = _sub_blocks(data, at + 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0))
        else:
            yield from _behind(data, at)
            return


def _sub_blocks(data: bytes, at: int) -> tuple[bytes, int]:
    kept = []
    while at < len(data) and data[at]:
        kept.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(kept), at + 1


def _behind(data: bytes, end: int) -> Iterator[Extract]:
    """Yields what stands behind the end of a picture or a sound, as a file of its own."""
    rest = data[end:].strip(b"\0\r\n ")
    if rest:
        yield Extract("appended to a file", rest, is_file=True)


def _pdf(data: bytes) -> Iterator[bytes]:
    for match in _PDF_TEXT.finditer(data):
        if _WORDS.search(match.group(1)):
            yield match.group(1)
    at = 0
    for _ in range(_MAX_STREAMS):
        opening = _PDF_STREAM.search(data, at)
        if opening is None:
            break
        text = inflated(data[opening.end() : opening.end() + _MAX_STREAM], _MAX_STREAM)
        at = data.find(b"endstream", opening.end())
        if b"Tj" in text or b"TJ" in text or _is_text(text[:400]):
            yield (b" ".join(_PDF_TEXT.findall(text)) or text).strip()
        if at < 0:
            break
    end = data.rfind(b"%%EOF")
    if end >= 0 and data[end + 5 :].strip():
        yield data[end + 5 :].strip()
