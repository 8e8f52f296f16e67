"""The Merkle tree against the vectors of Certificate Transparency, and against RFC 9162's verifiers.

The verifiers below are the RFC's algorithms for clients; they share nothing with the prover.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.sigstore import merkle

# Source: certificate-transparency, "merkletree" test data; its leaves and the root after each.
LEAVES = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@dataclass
class Tree:
    size: int = 0
    nodes: dict[merkle.Node, bytes] = field(default_factory=dict)

    def hashes(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]

    def add(self, entry: bytes) -> None:
        for node, value in merkle.growth(self.hashes, self.size, merkle.leaf_hash(entry)):
            assert node not in self.nodes, "a complete subtree never changes"
            self.nodes[node] = value
        self.size += 1

    def root(self, size: int | None = None) -> bytes:
        return merkle.root_hash(self.hashes, self.size if size is None else size)


def tree_of(entries: list[bytes]) -> Tree:
    tree = Tree()
    for entry in entries:
        tree.add(entry)
    return tree


def is_included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Source: RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, current = index, size - 1, leaf
    for item in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            current = merkle.node_hash(item, current)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            current = merkle.node_hash(current, item)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and current == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Source: RFC 9162, section 2.1.4.2."""
    if old == new:
        return not path and old_root == new_root
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = steps[0]
    for item in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = merkle.node_hash(item, fr), merkle.node_hash(item, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = merkle.node_hash(sr, item)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr, sr) == (old_root, new_root)


entries = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree().root() == hashlib.sha256(b"").digest()


def test_roots_are_those_of_the_published_vectors() -> None:
    tree = Tree()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.add(bytes.fromhex(leaf))
        assert tree.root().hex() == root


@given(entries, st.data())
def test_every_leaf_is_provable_at_every_later_size(given: list[bytes], data: st.DataObject) -> None:
    tree = tree_of(given)
    size = data.draw(st.integers(1, len(given)))
    for index in range(size):
        path = merkle.inclusion_path(tree.hashes, index, size)
        assert is_included(merkle.leaf_hash(given[index]), index, size, path, tree.root(size))
        assert not is_included(merkle.leaf_hash(b"x" + given[index]), index, size, path, tree.root(size))


@given(entries, st.data())
def test_every_tree_is_provably_the_beginning_of_every_later_one(
    given: list[bytes], data: st.DataObject
) -> None:
    tree = tree_of(given)
    new = data.draw(st.integers(1, len(given)))
    for old in range(1, new + 1):
        path = merkle.consistency_path(tree.hashes, old, new)
        assert is_consistent(old, new, tree.root(old), tree.root(new), path)
        assert not is_consistent(old, new, hashlib.sha256(tree.root(old)).digest(), tree.root(new), path)


@given(entries)
def test_the_root_is_that_of_the_recursive_definition(given: list[bytes]) -> None:
    def defined(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return merkle.leaf_hash(part[0])
        split = max(1 << power for power in range(8) if 1 << power < len(part))
        return merkle.node_hash(defined(part[:split]), defined(part[split:]))

    assert tree_of(given).root() == defined(given)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_path(tree_of([b""] * 3).hashes, index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 1), (-1, 1), (3, 2)])
def test_there_is_no_proof_between_sizes_that_make_no_sense(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_path(tree_of([b""] * 3).hashes, old, new)
