"""How documents carry a publisher's signature, read strictly.

An attestation and an index entry hold the whole of it under one key, a lock holds
its signer. All three also name the bundle that proves it, by digest, so that each
of the two without the other is a contradiction: somebody took the proof away, or
claims what nothing proves. The same goes for a binding of somebody else's.

Nothing here says that a signature is good: that takes the bundle (``tank_core.bundle``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tank_core.errors import quoted
from tank_core.pinned_signer import Signer
from tank_core.shape import Reader

if TYPE_CHECKING:
    from tank_core.signature import Signature

_ASK = "Do not use it; tell the registry's security contact."


def read_signature(reader: Reader, key: str, *, publisher: str, bundle_digest: str) -> Signature | None:
    """Returns the signature under a key of an attestation or an index entry; None when it is absent or wrong.

    Args:
        reader: the object; what is wrong lands in its problems.
        publisher: the publisher that the same object names.
        bundle_digest: ``sha256:<hex>`` of the bundle that the same object names; "" for none.
    """
    if key not in reader.values:
        if bundle_digest:
            reader.problem(key, "is missing, and there is a bundle", _ASK)
        return None
    if not bundle_digest:
        reader.problem(key, "is there, and no bundle that would prove it", _ASK)
    found = _parsed(reader, key)
    if found is not None and found.binding.publisher != publisher:
        bound = quoted(found.binding.publisher)
        reader.problem(key, f"has a binding of {bound}, and {quoted(publisher)} published it", _ASK)
    return found


def read_signer(reader: Reader, key: str, *, has_bundle: bool, fix: str) -> Signer | None:
    """Returns the signer under a key of a lock's line; None when it is absent or wrong.

    Args:
        reader: the object; what is wrong lands in its problems.
        has_bundle: whether the same object names a bundle.
        fix: what to do about a lock that is wrong.
    """
    if key not in reader.values:
        if has_bundle:
            reader.problem(key, "is missing, and there is a bundle", fix)
        return None
    if not has_bundle:
        reader.problem(key, "is there, and no bundle that would prove it", fix)
    try:
        return Signer.from_json(reader.values[key])
    except ValueError as error:
        reader.problem(key, str(error), fix)
        return None


def _parsed(reader: Reader, key: str) -> Signature | None:
    from tank_core.signature import Signature  # most versions that a resolution looks at need none of it

    try:
        return Signature.from_json(reader.values[key])
    except ValueError as error:
        reader.problem(key, f"is malformed: {error}", _ASK)
        return None
