"""The Merkle tree of a transparency log: what a new leaf adds, and proofs of what is there.

Only complete subtrees are kept, addressed by level and position: (0, i) is leaf i,
(k, i) covers the leaves from i·2^k up to, not including, (i+1)·2^k. They never change
once they are there, so a proof for any earlier size of the tree can be made later.

Source: RFC 6962, section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

Node: TypeAlias = tuple[int, int]
Hashes: TypeAlias = Callable[[int, int], bytes]
"""Returns the hash of a complete subtree by level and position."""

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """Returns the hash of one entry; 0x00 keeps leaves and inner nodes apart."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Returns the hash of two subtrees' hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def growth(hashes: Hashes, size: int, leaf: bytes) -> Iterator[tuple[Node, bytes]]:
    """Yields every complete subtree that a new leaf completes, from the leaf upwards.

    Args:
        hashes: of the subtrees that are there.
        size: leaves before this one.
        leaf: the new leaf's hash.
    """
    level, position, current = 0, size, leaf
    yield (level, position), current
    while position % 2:
        current = node_hash(hashes(level, position - 1), current)
        level, position = level + 1, position // 2
        yield (level, position), current


def root_hash(hashes: Hashes, size: int) -> bytes:
    """Returns the root of the tree over the first ``size`` leaves."""
    return _range_hash(hashes, 0, size) if size else EMPTY_ROOT


def inclusion_path(hashes: Hashes, index: int, size: int) -> list[bytes]:
    """Returns PATH(index, D[size]), the siblings from the leaf up to the root.

    Raises:
        ValueError: there is no such leaf in a tree of this size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    return _path(hashes, index, 0, size)


def consistency_path(hashes: Hashes, old: int, new: int) -> list[bytes]:
    """Returns PROOF(old, D[new]): that the tree of ``new`` leaves begins with the one of ``old``.

    Raises:
        ValueError: not 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"no proof between trees of {old} and {new}")
    return _subproof(hashes, old, 0, new, is_known=True)


def _range_hash(hashes: Hashes, start: int, stop: int) -> bytes:
    count = stop - start
    if count & (count - 1) == 0:  # a power of two, and start is one of its multiples: a complete subtree
        level = count.bit_length() - 1
        return hashes(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_hash(hashes, start, middle), _range_hash(hashes, middle, stop))


def _path(hashes: Hashes, index: int, start: int, stop: int) -> list[bytes]:
    if stop - start == 1:
        return []
    middle = start + _split(stop - start)
    if index < middle:
        return [*_path(hashes, index, start, middle), _range_hash(hashes, middle, stop)]
    return [*_path(hashes, index, middle, stop), _range_hash(hashes, start, middle)]


def _subproof(hashes: Hashes, old: int, start: int, stop: int, *, is_known: bool) -> list[bytes]:
    if old == stop:
        return [] if is_known else [_range_hash(hashes, start, stop)]
    middle = start + _split(stop - start)
    if old <= middle:
        inner = _subproof(hashes, old, start, middle, is_known=is_known)
        return [*inner, _range_hash(hashes, middle, stop)]
    inner = _subproof(hashes, old, middle, stop, is_known=False)
    return [*inner, _range_hash(hashes, start, middle)]


def _split(count: int) -> int:
    """Returns the largest power of two below ``count``, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1
