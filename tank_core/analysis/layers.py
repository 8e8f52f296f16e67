"""Encoded layers: base64, base32, hexadecimal and compressed texts, decoded so that rules see inside.

Only what decodes to readable text is a layer: pictures, keys and hashes decode to
noise and are left alone. Everything is bounded: the depth, the number of blobs,
and the total of decoded bytes; a bound that is reached is reported, never silent.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tank_core.analysis.languages import sniffed
from tank_core.analysis.source import Source

MAX_DEPTH = 4
_MAX_BLOB = 1 << 20  # characters of one blob; a script hidden in more is its own alarm by size
_MIN_TEXT = 12  # decoded characters; shorter texts decode to words by chance
_PRINTABLE_SHARE = 0.95

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/=_-])"
    r"(?:(?:[A-Za-z0-9+/]{60,76}\n[ \t]*+)++[A-Za-z0-9+/]{0,76}+|[A-Za-z0-9+/_-]{20,}+)={0,2}"
)
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){20,}+(?![0-9A-Fa-f])")
_ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}){12,}+")
_INTEGERS = re.compile(r"(?<![\d.])(?:\d{1,3}[ \t]*+,\s*+){15,}+(?:\d{1,3})?")


class DecodingBudget:
    """How much may still be decoded for one package."""

    def __init__(self, max_bytes: int = 8 << 20, max_blobs: int = 4000) -> None:
        self.bytes_left = max_bytes
        self.blobs_left = max_blobs

    @property
    def is_spent(self) -> bool:
        """Whether a bound was reached, so that something may not have been decoded."""
        return self.bytes_left <= 0 or self.blobs_left <= 0

    def take(self, size_bytes: int) -> bool:
        """Returns whether one more blob of this size may be decoded."""
        self.bytes_left -= size_bytes
        self.blobs_left -= 1
        return not self.is_spent


@dataclass(frozen=True, slots=True)
class Layer:
    """One decoded text: its encoding, the offset of its blob in the outer text, and what it says."""

    encoding: str
    offset: int
    text: str


def decoded_sources(source: Source, budget: DecodingBudget, depth: int = 1) -> Iterator[Source]:
    """Yields every readable layer of a source as a source of its own, inner layers after outer ones.

    The provenance counts the layers, as in ``base64 layer 1, hexadecimal layer 2``.
    """
    for layer in layers_of(source.text, budget):
        how = f"{layer.encoding} layer {depth}"
        inner = Source(
            source.file,
            source.line_at(layer.offset),
            sniffed(layer.text),
            layer.text,
            f"{source.provenance}, {how}" if source.provenance else how,
            is_decoded=True,
        )
        yield inner
        if depth < MAX_DEPTH:
            yield from decoded_sources(inner, budget, depth + 1)


def layers_of(text: str, budget: DecodingBudget) -> Iterator[Layer]:
    """Yields the readable texts that are encoded in a text, by their place."""
    for encoding, pattern, decode in _DECODERS:
        for match in pattern.finditer(text):
            blob = match.group()
            if len(blob) > _MAX_BLOB or not budget.take(len(blob)):
                budget.blobs_left = 0
                return
            readable = _readable(_inflated(decode(blob)))
            if readable:
                yield Layer(encoding, match.start(), readable)


def _base64(blob: str) -> bytes:
    packed = "".join(blob.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if len(packed) % 4 == 1:
        return b""
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _escapes(blob: str) -> bytes:
    return bytes(int(code, 16) for code in re.findall(r"\\(?:x|u00)([0-9A-Fa-f]{2})", blob))


def _integers(blob: str) -> bytes:
    numbers = [int(number) for number in blob.split(",") if number.strip()]
    return bytes(numbers) if max(numbers) < 256 else b""


def _inflated(data: bytes) -> bytes:
    if data[:2] == b"\x1f\x8b" or data[:1] == b"\x78":
        try:
            return zlib.decompressobj(wbits=47).decompress(data, _MAX_BLOB)
        except zlib.error:
            return data
    return data


def _readable(data: bytes) -> str:
    """Returns the text that bytes are, UTF-8 or PowerShell's UTF-16; empty when they are not text."""
    if len(data) >= 2 * _MIN_TEXT and data[1::2].count(0) > len(data) * 0.45:
        data = data[::2]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    printable = sum(1 for character in text if character.isprintable() or character in "\n\r\t")
    return text if len(text) >= _MIN_TEXT and printable >= len(text) * _PRINTABLE_SHARE else ""


_DECODERS: tuple[tuple[str, re.Pattern[str], Callable[[str], bytes]], ...] = (
    ("base64", _BASE64, _base64),
    ("hexadecimal", _HEX, bytes.fromhex),
    ("escape", _ESCAPES, _escapes),
    ("character code", _INTEGERS, _integers),
)
