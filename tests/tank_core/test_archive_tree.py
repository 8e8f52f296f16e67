"""The tree hash names contents, modes and paths, and nothing else."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tank_core.archive import ArchiveEntry, tree_hash, tree_hash_of

FILES = (ArchiveEntry("a", b"1"), ArchiveEntry("b/c", b"2", executable=True))
items = st.lists(
    st.tuples(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), st.booleans()), max_size=4
)


def test_tree_hash_is_sha256_over_one_record_per_file():
    one, two = hashlib.sha256(b"1").hexdigest(), hashlib.sha256(b"2").hexdigest()
    records = f"0644 {one} a\x000755 {two} b/c\x00".encode()
    assert tree_hash(FILES) == "sha256:" + hashlib.sha256(records).hexdigest()


def test_order_does_not_matter():
    assert tree_hash(FILES) == tree_hash(FILES[::-1])


def test_hash_from_disk_equals_hash_from_archive():
    on_disk = [(file.path, file.executable, hashlib.sha256(file.data).hexdigest()) for file in FILES]
    assert tree_hash_of(on_disk) == tree_hash(FILES)


@given(items, items)
def test_different_trees_have_different_hashes(left: list[tuple[str, bool]], right: list[tuple[str, bool]]):
    zero = "0" * 64
    as_items = [[(path, executable, zero) for path, executable in side] for side in (left, right)]
    assert (tree_hash_of(as_items[0]) == tree_hash_of(as_items[1])) == (sorted(left) == sorted(right))


def test_file_name_cannot_pretend_to_be_a_second_file():
    zero = "0" * 64
    assert tree_hash_of([(f"a\n0644 {zero} b", False, zero)]) != tree_hash_of(
        [("a", False, zero), ("b", False, zero)]
    )


def test_undecodable_name_on_disk_can_be_hashed():
    assert tree_hash_of([("a\udcff", False, "0" * 64)]).startswith("sha256:")
