"""A deflate encoder of our own, so that the same bytes come out on every platform.

zlib promises that every build reads every stream, not that every build writes the
same one: zlib-ng and vendors' forks choose other matches and block borders, and
Python ships with different ones per platform. This encoder has no platform in it.
It is plain: chunks of 128 KiB that know nothing of each other, greedy matches by
the last place of the next four bytes, and per chunk the smaller of one dynamic
Huffman block and stored blocks. Changing any choice here changes the bytes of
every package packed afterwards, not whether they can be read.

Source: RFC 1951; docs/decisions/0003-archive-form.md.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain

CHUNK_BYTES = 128 * 1024
_MIN_MATCH = 4
_MAX_MATCH = 258
_MAX_DISTANCE = 32768
_MAX_STORED = 65535
_PATIENCE_BITS = 6  # after each 64 misses in a row, one more byte is passed over unseen
_END_OF_BLOCK = 256
_MAX_CODE_BITS = 15
_MAX_LENGTH_CODE_BITS = 7
_LENGTH_CODE_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_LENGTH_EXTRA = (*(0,) * 8, *chain.from_iterable((bits,) * 4 for bits in range(1, 6)), 0)
_DISTANCE_EXTRA = (0, 0, *chain.from_iterable((bits,) * 2 for bits in range(14)))
_LENGTH_BASE = (*accumulate((1 << bits for bits in _LENGTH_EXTRA[:27]), initial=3), 258)
_DISTANCE_BASE = tuple(accumulate((1 << bits for bits in _DISTANCE_EXTRA[:29]), initial=1))

Token = int  # a literal byte, or length << 16 | distance


_LENGTH_SYMBOL = tuple(bisect_right(_LENGTH_BASE, length) - 1 for length in range(_MAX_MATCH + 1))


def _distance_symbol(distance: int) -> int:
    if distance <= 4:
        return distance - 1
    bits = (distance - 1).bit_length() - 2
    return 2 * bits + 2 + ((distance - 1) >> bits & 1)


class _Bits:
    """A sequence of bits, the first in the lowest place of the first byte."""

    __slots__ = ("_count", "_pending", "_written")

    def __init__(self) -> None:
        self._written = bytearray()
        self._pending = 0
        self._count = 0

    def add(self, value: int, count: int) -> None:
        """Appends the ``count`` lowest bits of a value that has no others."""
        self._pending |= value << self._count
        self._count += count
        if self._count >= 512:
            self._written += (self._pending & (1 << 512) - 1).to_bytes(64, "little")
            self._pending >>= 512
            self._count -= 512

    def align(self) -> None:
        """Fills the last byte with zeros."""
        whole = -(-self._count // 8)
        self._written += self._pending.to_bytes(whole, "little")
        self._pending = self._count = 0

    def add_bytes(self, data: bytes) -> None:
        """Appends whole bytes; the sequence must be aligned."""
        self._written += data

    def to_bytes(self) -> bytes:
        """Returns everything, the last byte filled with zeros."""
        self.align()
        return bytes(self._written)


def deflate(data: bytes) -> bytes:
    """Returns a raw deflate stream for some bytes: the same on every platform, for ever."""
    bits = _Bits()
    for start in range(0, max(len(data), 1), CHUNK_BYTES):
        chunk = data[start : start + CHUNK_BYTES]
        _add_chunk(bits, chunk, is_last=start + CHUNK_BYTES >= len(data))
    return bits.to_bytes()


def tokens_of(chunk: bytes) -> list[Token]:
    """Returns literals and matches that spell a chunk, found greedily.

    The longer nothing matched, the fewer places are looked at: images and other
    compressed data, where nothing ever matches, cost a fraction of what text costs.
    """
    tokens: list[Token] = []
    places: dict[bytes, int] = {}
    at, end, misses = 0, len(chunk), 0
    while at < end:
        key = chunk[at : at + _MIN_MATCH]
        candidate = places.get(key, -_MAX_DISTANCE - 1)
        places[key] = at
        if at - candidate > _MAX_DISTANCE or len(key) < _MIN_MATCH:
            step = 1 + (misses >> _PATIENCE_BITS)
            tokens.extend(chunk[at : at + step])
            at += step
            misses += 1
            continue
        length = _match_length(chunk, candidate, at, min(_MAX_MATCH, end - at))
        tokens.append(length << 16 | (at - candidate))
        for inside in range(at + 1, at + length):
            places[chunk[inside : inside + _MIN_MATCH]] = inside
        at += length
        misses = 0
    return tokens


def _match_length(chunk: bytes, candidate: int, at: int, limit: int) -> int:
    length = _MIN_MATCH
    ahead = chunk[at : at + limit]
    while length + 16 <= limit and chunk.startswith(ahead[length : length + 16], candidate + length):
        length += 16
    while length < limit and chunk[candidate + length] == chunk[at + length]:
        length += 1
    return length


def _add_chunk(bits: _Bits, chunk: bytes, *, is_last: bool) -> None:
    """Appends a chunk as one dynamic block, or as stored blocks where that is smaller."""
    tokens = tokens_of(chunk)
    literal_counts, distance_counts = _frequencies(tokens)
    literal_bits = code_lengths(literal_counts, _MAX_CODE_BITS)
    distance_bits = code_lengths(distance_counts, _MAX_CODE_BITS)
    extra = _extra_bits(literal_counts, distance_counts)
    coded = sum(count * size for count, size in zip(literal_counts, literal_bits, strict=True))
    coded += sum(count * size for count, size in zip(distance_counts, distance_bits, strict=True))
    if (coded + extra) // 8 >= len(chunk):
        _add_stored(bits, chunk, is_last=is_last)
        return
    bits.add(is_last | 2 << 1, 3)
    _add_code_lengths(bits, literal_bits, distance_bits)
    _add_tokens(bits, tokens, literal_bits, distance_bits)


def _add_stored(bits: _Bits, chunk: bytes, *, is_last: bool) -> None:
    for start in range(0, max(len(chunk), 1), _MAX_STORED):
        part = chunk[start : start + _MAX_STORED]
        bits.add(is_last and start + _MAX_STORED >= len(chunk), 3)
        bits.align()
        bits.add_bytes(len(part).to_bytes(2, "little") + (len(part) ^ 0xFFFF).to_bytes(2, "little") + part)


def _frequencies(tokens: Sequence[Token]) -> tuple[list[int], list[int]]:
    literals, distances = [0] * 286, [0] * 30
    literals[_END_OF_BLOCK] = 1
    for token in tokens:
        if token < 256:
            literals[token] += 1
        else:
            literals[257 + _LENGTH_SYMBOL[token >> 16]] += 1
            distances[_distance_symbol(token & 0xFFFF)] += 1
    return literals, distances


def _extra_bits(literal_counts: Sequence[int], distance_counts: Sequence[int]) -> int:
    lengths = zip(literal_counts[257:], _LENGTH_EXTRA, strict=True)
    distances = zip(distance_counts, _DISTANCE_EXTRA, strict=True)
    return sum(count * extra for count, extra in chain(lengths, distances))


def code_lengths(counts: Sequence[int], limit: int) -> list[int]:
    """Returns the bits of each symbol's Huffman code; 0 for symbols that do not occur.

    Ties go to the lower symbol. Where a code would be longer than ``limit``, counts
    are halved until none is. At least two symbols get a code, because some readers
    refuse a code of one.
    """
    weights = list(counts)
    for symbol in range(2):
        if sum(weight > 0 for weight in weights) < 2 and not weights[symbol]:
            weights[symbol] = 1
    while max(lengths := _huffman(weights)) > limit:
        weights = [(weight + 1) // 2 if weight else 0 for weight in weights]
    return lengths


def _huffman(weights: Sequence[int]) -> list[int]:
    heap: list[tuple[int, int, tuple[int, ...]]] = [
        (weight, symbol, (symbol,)) for symbol, weight in enumerate(weights) if weight
    ]
    heapq.heapify(heap)
    lengths = [0] * len(weights)
    order = len(weights)
    while len(heap) > 1:
        light, heavy = heapq.heappop(heap), heapq.heappop(heap)
        members = light[2] + heavy[2]
        for symbol in members:
            lengths[symbol] += 1
        heapq.heappush(heap, (light[0] + heavy[0], order, members))
        order += 1
    return lengths


def _codes(lengths: Sequence[int]) -> list[int]:
    """Returns the canonical codes of RFC 1951, section 3.2.2, with their bits in writing order."""
    codes, code = [0] * len(lengths), 0
    for size in range(1, max(lengths) + 1):
        code <<= 1
        for symbol, length in enumerate(lengths):
            if length == size:
                codes[symbol] = int(f"{code:0{size}b}"[::-1], 2)
                code += 1
    return codes


def _add_code_lengths(bits: _Bits, literal_bits: Sequence[int], distance_bits: Sequence[int]) -> None:
    """Appends the header of a dynamic block; always with all symbols, zeros in runs."""
    runs = _runs([*literal_bits, *distance_bits])
    counts = [0] * 19
    for symbol, _, _ in runs:
        counts[symbol] += 1
    sizes = code_lengths(counts, _MAX_LENGTH_CODE_BITS)
    codes = _codes(sizes)
    bits.add(len(literal_bits) - 257, 5)
    bits.add(len(distance_bits) - 1, 5)
    bits.add(len(_LENGTH_CODE_ORDER) - 4, 4)
    for symbol in _LENGTH_CODE_ORDER:
        bits.add(sizes[symbol], 3)
    for symbol, value, count in runs:
        bits.add(codes[symbol], sizes[symbol])
        bits.add(value, count)


def _runs(lengths: Sequence[int]) -> list[tuple[int, int, int]]:
    """Returns code length symbols with the value and the number of their extra bits."""
    runs: list[tuple[int, int, int]] = []
    at = 0
    while at < len(lengths):
        length, same = lengths[at], 1
        while at + same < len(lengths) and lengths[at + same] == length and same < 138:
            same += 1
        if length == 0 and same >= 3:
            runs.append((17, same - 3, 3) if same <= 10 else (18, same - 11, 7))
            at += same
        else:
            runs.append((length, 0, 0))
            at += 1
    return runs


def _add_tokens(
    bits: _Bits, tokens: Sequence[Token], literal_bits: Sequence[int], distance_bits: Sequence[int]
) -> None:
    literals = list(zip(_codes(literal_bits), literal_bits, strict=True))
    distances = list(zip(_codes(distance_bits), distance_bits, strict=True))
    add = bits.add
    for token in tokens:
        if token < 256:
            add(*literals[token])
            continue
        length, distance = token >> 16, token & 0xFFFF
        symbol = _LENGTH_SYMBOL[length]
        add(*literals[257 + symbol])
        add(length - _LENGTH_BASE[symbol], _LENGTH_EXTRA[symbol])
        symbol = _distance_symbol(distance)
        add(*distances[symbol])
        add(distance - _DISTANCE_BASE[symbol], _DISTANCE_EXTRA[symbol])
    add(*literals[_END_OF_BLOCK])
