"""Encoded layers: base64, hexadecimal, character codes, XOR and more, decoded so that rules see inside.

Only what decodes to readable text is a layer: pictures, keys and hashes decode to
noise and are left alone. Everything is bounded: the depth, the number of blobs,
and the total of decoded bytes; a bound that is reached is reported, never silent.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tank_core.analysis import keyed
from tank_core.analysis.archives import inflated
from tank_core.analysis.decoders import DECODERS
from tank_core.analysis.languages import sniffed
from tank_core.analysis.source import Source

MAX_DEPTH = 4
_MAX_BLOB = 1 << 20  # characters of one blob; a script hidden in more is its own alarm by size
_MIN_TEXT = 12  # decoded characters; shorter texts decode to words by chance
_PRINTABLE_SHARE = 0.95
_RAW_DEFLATE_MARKS = ("-15", "inflateRaw", "DeflateStream", "gzinflate", "wbits")


class DecodingBudget:
    """How much may still be decoded for one package."""

    def __init__(self, max_bytes: int = 8 << 20, max_blobs: int = 40_000) -> None:
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
    """Yields the readable texts that are encoded in a text, encoding by encoding, by their place."""
    has_raw = any(mark in text for mark in _RAW_DEFLATE_MARKS)
    for decoder in DECODERS:
        if decoder.mark not in text:
            continue
        for match in decoder.pattern.finditer(text):
            blob = match.group()
            if len(blob) > _MAX_BLOB or not budget.take(len(blob)):
                budget.blobs_left = 0
                return
            readable = _readable(_inflated(decoder.decode(blob), has_raw=has_raw))
            if readable and readable.strip() != blob.strip():
                yield Layer(decoder.encoding, match.start(), readable)
    for encoding, offset, data in keyed.layers_of(text):
        if not budget.take(len(data)):
            return
        readable = _readable(_inflated(data, has_raw=has_raw))
        if readable:
            yield Layer(encoding, offset, readable)


def _inflated(data: bytes, *, has_raw: bool) -> bytes:
    plain = inflated(data, _MAX_BLOB)
    if not plain and has_raw and data and not data.isascii():
        try:
            plain = zlib.decompressobj(wbits=-15).decompress(data, _MAX_BLOB)
        except zlib.error:
            return data
    return plain or data


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
