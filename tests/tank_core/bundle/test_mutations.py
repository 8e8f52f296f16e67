"""Whatever is done to a good bundle, it is refused, and nothing but a refusal comes out."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tank_core.bundle import BundleRefusedError, VerifiedBundle, verify_bundle
from tests.support.local_bundles import BundleScene
from tests.support.local_sigstore import NOW

Path = tuple[str | int, ...]
# Each example is a whole verification, a few milliseconds of signatures: `make test` tries some, `make test-fuzz` many.
# The fixture is one Sigstore and one bundle for all examples; nothing in it changes.
mutations = settings(
    max_examples=int(os.environ.get("TANK_FUZZ_EXAMPLES", "80")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TIMESTAMP = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=[1, 2], ids=["rekor-v1", "rekor-v2"])
def good(request: pytest.FixtureRequest, one_sigstore: BundleScene) -> tuple[bytes, bytes]:
    """A bundle and the trusted root that it is good under."""
    one_sigstore.clock.at = NOW
    return json.dumps(one_sigstore.sign(rekor=request.param)).encode(), one_sigstore.trusted_root


def outcome(bundle: bytes, root: bytes) -> VerifiedBundle | None:
    """Returns what a bundle proves, or None for a refusal with a reason; anything else is raised."""
    try:
        return verify_bundle(bundle, trusted_root=root)
    except BundleRefusedError as refused:
        if not refused.why.isprintable():
            raise
        return None


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Yields the path of every value below one."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def replaced(bundle: bytes, path: Path, new: object) -> bytes:
    document = json.loads(bundle)
    at(document, path[:-1])[path[-1]] = new
    return json.dumps(document).encode()


def bytes_at(bundle: bytes, path: Path) -> bytes | None:
    """Returns what a text of base64 stands for; None for anything else, and for short words."""
    text = at(json.loads(bundle), path)
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) and len(text) > 20 else None
    except ValueError:
        return None


@mutations
@given(data=st.data())
def test_a_bundle_with_a_flipped_byte_anywhere_is_refused(
    good: tuple[bytes, bytes], data: st.DataObject
) -> None:
    bundle, root = good
    position = data.draw(st.integers(0, len(bundle) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != bundle[position]))
    changed = bundle[:position] + bytes([other]) + bundle[position + 1 :]
    with suppress(ValueError):
        assume(json.loads(changed) != json.loads(bundle))  # a blank for another blank changes nothing
    found = outcome(changed, root)
    # In the timestamp a few bytes of CMS are under no signature; what is proven stays the same.
    assert found is None or (found == outcome(bundle, root) and _differ_in_timestamp(bundle, changed))


@mutations
@given(data=st.data())
def test_a_bundle_with_a_changed_bit_under_base64_is_refused(
    good: tuple[bytes, bytes], data: st.DataObject
) -> None:
    bundle, root = good
    candidates = [path for path in places(json.loads(bundle)) if bytes_at(bundle, path)]
    path = data.draw(st.sampled_from(candidates))
    content = bytearray(bytes_at(bundle, path) or b"")
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    found = outcome(replaced(bundle, path, base64.b64encode(content).decode()), root)
    assert found is None or (found == outcome(bundle, root) and path == TIMESTAMP)


@mutations
@given(data=st.data())
def test_a_bundle_with_another_value_anywhere_is_refused(
    good: tuple[bytes, bytes], data: st.DataObject
) -> None:
    bundle, root = good
    path = data.draw(st.sampled_from(list(places(json.loads(bundle)))))
    new = data.draw(json_values)
    assume(new != at(json.loads(bundle), path))
    assert outcome(replaced(bundle, path, new), root) is None


@mutations
@given(data=st.data())
def test_a_bundle_without_any_one_of_its_values_is_refused(
    good: tuple[bytes, bytes], data: st.DataObject
) -> None:
    bundle, root = good
    path = data.draw(st.sampled_from(list(places(json.loads(bundle)))))
    document = json.loads(bundle)
    del at(document, path[:-1])[path[-1]]
    assert outcome(json.dumps(document).encode(), root) is None


@mutations
@given(data=st.data())
def test_a_bundle_with_two_values_exchanged_is_refused(
    good: tuple[bytes, bytes], data: st.DataObject
) -> None:
    bundle, root = good
    one, two = data.draw(st.lists(st.sampled_from(list(places(json.loads(bundle)))), min_size=2, max_size=2))
    first, second = (at(json.loads(bundle), path) for path in (one, two))
    assume(first != second and one[: len(two)] != two and two[: len(one)] != one)
    assert outcome(replaced(replaced(bundle, one, second), two, first), root) is None


@mutations
@given(value=json_values)
def test_any_json_is_refused(good: tuple[bytes, bytes], value: object) -> None:
    assert outcome(json.dumps(value).encode("utf-8", "surrogatepass"), good[1]) is None


@mutations
@given(junk=st.binary(max_size=200))
def test_any_bytes_are_refused(good: tuple[bytes, bytes], junk: bytes) -> None:
    assert outcome(junk, good[1]) is None


@mutations
@given(data=st.data())
def test_a_good_bundle_under_a_changed_root_proves_the_same_or_nothing(
    good: tuple[bytes, bytes], data: st.DataObject
) -> None:
    bundle, root = good
    path = data.draw(st.sampled_from(list(places(json.loads(root)))))
    found = outcome(bundle, replaced(root, path, data.draw(json_values)))
    assert found is None or found == outcome(bundle, root)


def _differ_in_timestamp(bundle: bytes, changed: bytes) -> bool:
    one, other = json.loads(bundle), json.loads(changed)
    for document in (one, other):
        at(document, TIMESTAMP[:-1])[TIMESTAMP[-1]] = ""
    return bool(one == other)
